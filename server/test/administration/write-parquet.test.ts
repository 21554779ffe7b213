/** Contacts with long texts are written into a Parquet file in bounded memory. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetSettings, writeParquet } from '../../src/administration/contact/write-parquet.ts';
import { openWorkbench } from '../../src/sources/workbench.ts';
import { inRules } from './in-rules.ts';

const count = 6_000;
/** All texts are twice the memory of the engine, which reads up to 32 MiB at a time. */
const textBytes = 64_000;
const memoryBytes = 192 * 1_048_576;
const bounds = { contactBytes: 1_048_576, rowGroupBytes: 1_048_576 };

async function* pages() {
  for (let first = 0; first < count; first += 500) {
    yield Array.from({ length: 500 }, (_, place) => {
      const city = `${first + place} `.repeat(textBytes).slice(0, textBytes);
      return { contact_id: String(first + place), identities: [], values: { city } };
    });
  }
}

test('thousands of contacts with long texts are written in the order that they have', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-parquet-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using catalog = await inRules();
  const fields = await catalog.operator.catalog.read((view) => view.listFields(1));
  const city = fields.find(({ name }) => name === 'city');
  assert.ok(city !== undefined);
  const path = join(folder, 'contacts.parquet');
  writeFileSync(path, '');
  const workbench = await openWorkbench({
    ...{ folder: join(folder, 'engine'), allowedPaths: [path], allowedFolders: [], threads: 1 },
    ...{ memoryBytes, settings: parquetSettings },
  });
  const columns = [{ name: city.name, type: 'text' as const, field: city }];
  const request = { columns, identityTypes: [], timeZone: 'UTC', path, bounds };
  try {
    await writeParquet(workbench, pages(), request);
  } finally {
    await workbench.close();
  }
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(`
    SELECT count(*), bool_and(contact_id = file_row_number::VARCHAR), min(length(city)),
      bool_and(starts_with(city, contact_id || ' '))
    FROM read_parquet('${path}', file_row_number = true)`);
  const groups = await connection.runAndReadAll(
    `SELECT max(row_group_num_rows) FROM parquet_metadata('${path}')`,
  );
  connection.closeSync();
  assert.deepEqual(rows.getRowsJson(), [[String(count), true, String(textBytes), true]]);
  assert.ok(Number(groups.getRowsJson()[0]?.[0]) < 1_000);
});
