/**
 * The runner of the tests: a file that hangs is ended with all that it has started, named, and the
 * others go on.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { isRunning } from '../../../scripts/process-tree.ts';
import { waitFor } from '../launch/run-usher.ts';

const runner = join(import.meta.dirname, '../../../scripts/test.ts');

const good = `import { test } from 'node:test'; test('good', () => undefined);`;
const bad = `import { test } from 'node:test'; test('bad', () => { throw new Error('planted'); });`;
const crashing = `import { test } from 'node:test'; test('crashing', () => process.kill(process.pid, 'SIGKILL'));`;
/**
 * Its children: one of its session, one of its own that has none of its environment, and one of
 * that.
 */
const hanging = `
  import { spawn } from 'node:child_process';
  import { writeFileSync } from 'node:fs';
  import { test } from 'node:test';
  test('hanging', () => {
    const beside = spawn('sleep', ['600']);
    const apart = spawn('sh', ['-c', 'sleep 600 & wait'], { detached: true, stdio: 'inherit' });
    writeFileSync(new URL('./started', import.meta.url), beside.pid + ' ' + apart.pid);
    for (;;);
  });`;

function writeFiles(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-runner-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
  return folder;
}

function run(t: TestContext, folder: string, names: readonly string[], limit = '5'): ChildProcess {
  const files = names.map((name) => join(folder, name));
  const { CI: _, ...env } = process.env;
  const child = spawn(process.execPath, [runner, '--limit', limit, ...files], {
    ...{ env, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function startedIn(folder: string): Promise<number[]> {
  return waitFor(async () => {
    const ids = (await readFile(join(folder, 'started'), 'utf8').catch(() => '')).split(' ');
    return ids.length === 2 ? ids.map(Number) : undefined;
  }, 60_000);
}

test('a file that outlives its limit is ended with all its processes and named, and the others count', async (t) => {
  const files = {
    'a.test.mjs': hanging,
    'b.test.mjs': good,
    'c.test.mjs': bad,
    'd.test.mjs': crashing,
  };
  const folder = writeFiles(t, files);
  const child = run(t, folder, Object.keys(files));
  const ended = once(child, 'exit');
  const output = child.stdout === null ? '' : await text(child.stdout);
  for (const id of await startedIn(folder)) assert.ok(!isRunning(id));
  assert.match(output, /test file failed: \S*a\.test\.mjs \(it took longer than 5 s/);
  assert.match(output, /test file failed: \S*c\.test\.mjs$/m);
  assert.match(output, /test file failed: \S*d\.test\.mjs \(it was ended by SIGKILL\)/);
  assert.match(output, /^# tests 4\n# suites 0\n# pass 1\n# fail 3\n# cancelled 0\n# skipped 0$/m);
  assert.deepEqual(await ended, [1, null]);
});

test('a runner that is told to stop ends what runs, with all its processes', async (t) => {
  const folder = writeFiles(t, { 'a.test.mjs': hanging });
  const child = run(t, folder, ['a.test.mjs'], '600');
  const ids = await startedIn(folder);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [130, null]);
  for (const id of ids) assert.ok(!isRunning(id));
});
