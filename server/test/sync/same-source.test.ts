/** A source with the bytes of the last applied run is not read row by row. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataFiles, datasetFolder } from '../../src/domain/data-files.ts';
import type { SyncReport } from '../../src/sync/run-sync.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const fields = { name: 'string', visits: 'integer' } as const;

const rows = (...lines: readonly string[]) => `${['email,name,visits', ...lines].join('\n')}\n`;

// Holds the invariant noted-source-is-whole of sync/SPEC.md.
test('a baseline notes its source only if the store has each of its rows, and no others', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { maxRejectedShare: 1, maxChangeShare: 1 });
  const sync = async (...lines: readonly string[]) => {
    write(rows(...lines));
    const report = await place.sync('crm');
    assert.equal(report.state, 'succeeded');
    return { counts: countsOf(report), note: await noteOf(place, context) };
  };
  const first = await sync('a@example.org,Anna,1', 'b@example.org,Ben,2');
  assert.match(first.note, /^[0-9]+ [0-9a-f]{64}$/);
  const again = await sync('a@example.org,Anna,1', 'b@example.org,Ben,2');
  assert.deepEqual(again.counts, { added: 0, changed: 0, unchanged: 2, rejected: 0 });
  const asLong = await sync('a@example.org,Anna,1', 'b@example.org,Ben,3');
  assert.deepEqual(asLong.counts, { added: 0, changed: 1, unchanged: 1, rejected: 0 });
  assert.notEqual(asLong.note, first.note);
  for (const bad of ['b@example.org,Ben,many', 'a@example.org,Again,1']) {
    const lines = ['a@example.org,Anna,4', `c@example.org,${bad.length},5`, bad];
    const one = await sync(...lines);
    assert.equal(one.counts.rejected, 1);
    assert.equal(one.note, '');
    assert.equal((await sync(...lines)).counts.rejected, 1);
  }
});

test('an unchanged file counts its own rows, and none that only the dataset has', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { mode: 'append', maxChangeShare: 1 });
  write(rows('a@example.org,Anna,1', 'b@example.org,Ben,2'));
  await place.sync('crm');
  write(rows('a@example.org,Anna,3'));
  await place.sync('crm');
  assert.notEqual(await noteOf(place, context), '');
  const again = await place.sync('crm');
  assert.deepEqual(countsOf(again), { added: 0, changed: 0, unchanged: 1, rejected: 0 });
  assert.equal(again.rowsRead, 1);
});

test('a file is read again if its declared encoding has changed', async (context) => {
  const place = new SyncPlace(context);
  const path = place.write('crm.csv', Buffer.from(rows('a@example.org,Ale\xb9,1'), 'latin1'));
  const define = (encoding: string) =>
    place.define('crm', fields, {
      source: { kind: 'file', paths: [path], encoding },
      maxChangeShare: 1,
    });
  await define('windows-1252');
  await place.sync('crm');
  assert.deepEqual(await place.find('email:a@example.org'), { name: 'Ale¹', visits: 1 });
  await define('iso-8859-2');
  assert.equal((await place.sync('crm')).changed, 1);
  assert.deepEqual(await place.find('email:a@example.org'), { name: 'Aleš', visits: 1 });
});

test('a rolled back file is applied again, although its bytes are known', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { maxChangeShare: 1 });
  write(rows('a@example.org,Anna,1'));
  await place.sync('crm');
  write(rows('a@example.org,Anna,2'));
  await place.sync('crm');
  await place.rollBack('crm');
  assert.equal((await place.sync('crm')).changed, 1);
  assert.deepEqual(await place.find('email:a@example.org'), { name: 'Anna', visits: 2 });
});

function countsOf({ added, changed, unchanged, rejected }: SyncReport) {
  return { added, changed, unchanged, rejected };
}

/** The note of a source in the baseline of the first dataset. */
async function noteOf(place: SyncPlace, context: TestContext): Promise<string> {
  const folder = join(place.dataFolder, datasetFolder(dataFiles.baselines, organizationId, 1));
  const [name, ...others] = await readdir(folder);
  assert.deepEqual(others, []);
  const instance = await DuckDBInstance.create(':memory:');
  context.after(() => instance.closeSync());
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'source'`,
    [join(folder, name ?? '')],
  );
  connection.closeSync();
  return String(reader.getRows()[0]?.[0]);
}
