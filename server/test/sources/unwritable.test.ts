/** If a file cannot be written, the message says why, and not that the disk is full. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineFailure } from '../../src/sources/engine-failure.ts';
import { LineFile } from '../../src/sources/line-file.ts';
import { writingFailure } from '../../src/sources/source-failure.ts';
import { writeReport } from '../../src/sync/apply/report-file.ts';
import { WrittenFile } from '../../src/sync/stage/written-file.ts';
import { isProblem } from '../administration/in-catalog.ts';

/** The kernel answers EIO to a write at the address 0 of a process. */
const unwritable = '/proc/self/mem';
const isFailed = isProblem('store_unavailable', /cannot be written \(EIO\)\. Check the disk/);

test('an error of the disk is named, and is no full disk', async () => {
  const lines = await LineFile.create(unwritable);
  await lines.add('a line');
  await assert.rejects(() => lines.end(), isFailed);
  const file = new WrittenFile(unwritable);
  assert.throws(() => file.write(Buffer.from('x')), isFailed);
  file.close();
  const words = 'IO Error: Could not write file "/data/a.parquet": Input/output error';
  const wanted = isProblem('store_unavailable', /cannot be written \(Input\/output error\)/);
  assert.ok(wanted(engineFailure(new Error(words))));
});

test('a folder that is a file is named by its error', async () => {
  const wanted = isProblem('store_unavailable', /cannot be written \(E[A-Z]+\)/);
  const path = join(import.meta.filename, 'rows');
  await assert.rejects(() => LineFile.create(path), wanted);
  const options = { columns: ['reason'], cellsOf: () => ['x'], total: 1 };
  await assert.rejects(() => writeReport(path, [{ row: 1 }], options), wanted);
});

test('a full disk is a full disk, and a failure of a network is neither', () => {
  const failed = (code: string) => writingFailure(Object.assign(new Error(code), { code }));
  assert.equal(failed('ENOSPC')?.code, 'storage_full');
  assert.equal(failed('EDQUOT')?.code, 'storage_full');
  assert.equal(failed('EFBIG')?.code, 'store_unavailable');
  assert.equal(failed('ECONNRESET'), undefined);
});
