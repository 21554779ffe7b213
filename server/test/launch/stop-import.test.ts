/**
 * An import ends within 2 s of the first signal in every phase, and at once after the second. The
 * next import completes its work.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type TestContext, test } from 'node:test';
import { makeDataFolder, runUsher, spawnUsher, waitFor } from './run-usher.ts';

/** Two seconds, and the time that a busy machine needs to report the end. */
const endMs = 2_500;

/**
 * Cells that are slow to parse if a parser is not linear, and enough rows for some seconds of work.
 */
function writeRows(data: string): string {
  const path = join(dirname(data), 'people.csv');
  const huge = Array.from({ length: 3 }, (_, at) => `h${at}@x.org,${'9'.repeat(300_000)}x,${at}`);
  const plain = Array.from({ length: 20_000 }, (_, at) => `p${at}@x.org,Name ${at},${at % 90}`);
  writeFileSync(path, `email,name,age\n${[...huge, ...plain].join('\n')}\n`);
  return path;
}

const isReading = (data: string) =>
  existsSync(join(data, 'tmp')) && readdirSync(join(data, 'tmp')).length > 0;

const phases: readonly (readonly [string, (data: string) => boolean])[] = [
  ['creates its catalog', (data) => existsSync(join(data, 'catalog.sqlite'))],
  ['reads its file', isReading],
  ['writes its store', (data) => existsSync(join(data, 'contacts.mdb'))],
];

async function stopAt(
  t: TestContext,
  isThere: (data: string) => boolean,
  signals: NodeJS.Signals[],
) {
  const data = makeDataFolder(t);
  const path = writeRows(data);
  const child = spawnUsher(data, ['import', path, '--json', '--quiet', '--yes']);
  t.after(() => {
    child.kill('SIGKILL');
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const spawnedMs = performance.now();
  await waitFor(() => isThere(data) || undefined, 30_000);
  const startedMs = performance.now();
  // An import begins to read within half a second. On a busy machine that takes longer, and so does
  // its end.
  const boundMs = Math.max(endMs, 3 * (startedMs - spawnedMs));
  for (const signal of signals) child.kill(signal);
  const [code, by] = await ended;
  return { data, path, code, by, tookMs: performance.now() - startedMs, boundMs };
}

for (const [phase, isThere] of phases) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} ends an import within 2 s while it ${phase}`, async (t) => {
      const { code, by, tookMs, boundMs } = await stopAt(t, isThere, [signal]);
      assert.ok(code === 130 || by === signal, `${code} ${by}`);
      assert.ok(tookMs < boundMs, `${Math.round(tookMs)} ms`);
    });
  }
}

test('the next import completes the work of one that was stopped', async (t) => {
  const { data, path } = await stopAt(t, isReading, ['SIGINT']);
  const { stdout, stderr } = await runUsher(data, ['import', path, '--json', '--yes']);
  const report = JSON.parse(stdout) as { rows_read: number };
  assert.equal(report.rows_read, 20_003, stderr.slice(0, 500));
});
