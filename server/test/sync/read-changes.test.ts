/** Many staged rows are read by a thread: the same batches, and no more of them than fit. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ChangeBatch } from '../../src/sync/stage/parse-changes.ts';
import { PartsFile } from '../../src/sync/stage/parts-file.ts';
import { batchesOut, type ChangeSource, readChanges } from '../../src/sync/stage/read-changes.ts';
import { partEnd, rowEnd } from '../../src/sync/stage/row-sql.ts';
import { refusal } from '../domain/refusal.ts';
import { ImportPlace } from './import-place.ts';

function sourceOf(context: TestContext, rows: number): ChangeSource {
  const folder = mkdtempSync(join(tmpdir(), 'usher-read-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const parts = new PartsFile(join(folder, 'parts'));
  for (let n = 0; n < rows; n += 1) {
    const digest = createHash('sha256').update(String(n)).digest('hex').slice(0, 32);
    // Now and then a row is larger than the memory of a batch.
    const value = JSON.stringify('x'.repeat(n % 4_000 === 9 ? 3_000_000 : n % 50));
    const row = Buffer.from(
      `${digest}p${n}@x.org${partEnd}${value}${partEnd}${n}${partEnd}${rowEnd}`,
    );
    parts.add(n, row, 0, row.length);
  }
  parts.finish();
  const dropped = Uint8Array.from({ length: rows }, (_, n) => (n % 7 === 0 ? 1 : 0));
  const layout = { kind: 'replace', typeIds: [1], fieldIds: [2, 5] } as const;
  return { parts: parts.map, dropped, areNumbered: false, layout };
}

/** Fingerprints of all batches. Some are released late, as while the store is slow. */
async function read(batches: AsyncIterable<ChangeBatch>): Promise<string[]> {
  const held: ChangeBatch[] = [];
  const found: string[] = [];
  for await (const batch of batches) {
    held.push(batch);
    if (held.length < batchesOut) continue;
    for (const one of held.splice(0)) {
      found.push(fingerprint(one));
      one.release();
    }
  }
  return [...found, ...held.map(fingerprint)];
}

function fingerprint({ changes, encoded }: ChangeBatch): string {
  const hash = createHash('sha256').update(encoded?.bytes ?? '');
  return `${changes.length} ${hash.digest('hex')}`;
}

test('a thread reads the same batches, in the same order', async (context) => {
  const source = sourceOf(context, 40_000);
  const here = await read(readChanges(source, Number.POSITIVE_INFINITY));
  assert.ok(here.length > 2 * batchesOut);
  assert.deepEqual(await read(readChanges(source, 0)), here);
});

test('a thread that nobody reads to the end is ended', async (context) => {
  const batches = readChanges(sourceOf(context, 20_000), 0);
  assert.equal((await batches.next()).done, false);
  await batches.return(undefined);
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((name) => name === 'MessagePort'),
    [],
  );
});

// Many columns, so that a file of few rows is large enough for a thread.
const columns = Array.from({ length: 4 }, (_, n) => `c${n}`);
const rowCount = 30_000;

function manyRows(): string {
  const lines = Array.from({ length: rowCount }, (_, n) => {
    const values = columns.map((name) => name.repeat(80) + n);
    return [`p${n}@x.org`, ...values].join(',');
  });
  return `${['email', ...columns].join(',')}\n${lines.join('\n')}\n`;
}

test('an import whose thread fails says so, and the next one brings in the missing rows', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write('people.csv', manyRows());
  // The thread has read some rows ahead by now.
  place.onApplying = () => truncateSync(join(place.dataFolder, 'tmp', 'work', 'staged.parts'));
  const words = /staged rows failed before the last row. Start the run again/;
  await assert.rejects(place.import(path), refusal(words, 'internal'));
  place.onApplying = () => undefined;
  const { report } = await place.import(path);
  assert.ok(
    report.unchanged > 0 && report.added > 0,
    'the first import applied a part of the rows',
  );
  assert.equal(report.unchanged + report.added, rowCount);
  const whole = new ImportPlace(context);
  await whole.import(whole.write('people.csv', manyRows()));
  assert.equal(await place.contentDigest(), await whole.contentDigest());
});
