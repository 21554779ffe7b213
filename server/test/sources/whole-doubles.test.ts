/** Whole numbers that a source stores as floating point, as cells, as identities and as types. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { openFiles } from '../../src/sources/file/file-source.ts';
import { openDefinedSource } from '../../src/sources/open-source.ts';
import { readSource, sourceOptions } from './read-source.ts';

const cells = ['123', '0', '-5', '123.5', '1e+300', '9007199254740991', null, 'inf'];
const doubles = `SELECT CAST(v AS DOUBLE) AS id FROM (VALUES ('123'), ('-0'), ('-5'), ('123.5'), ('1e300'),
  ('9007199254740991'), ('nan'), ('inf')) AS t(v)`;

test('a whole double of a Parquet file has no decimal point, and NaN is no value', async (context) => {
  const path = await parquetOf(context, doubles);
  const { rows } = await readSource(() => openFiles([path], null));
  assert.deepEqual(rows.flat(), cells);
});

test('a whole 32-bit float has no decimal point', async (context) => {
  const path = await parquetOf(context, 'SELECT CAST(123 AS FLOAT) AS id, CAST(0.1 AS FLOAT) AS x');
  const { rows } = await readSource(() => openFiles([path], null));
  assert.deepEqual(rows, [['123', '0.1']]);
});

test('a decimal and a text keep their decimal places', async (context) => {
  const path = await parquetOf(context, "SELECT 123.0::DECIMAL(9, 1) AS id, '123.0' AS x");
  const { rows } = await readSource(() => openFiles([path], null));
  assert.deepEqual(rows, [['123.0', '123.0']]);
});

test('a whole double of a query has no decimal point', async (context) => {
  const files = [['t', [await parquetOf(context, doubles)]]] as const;
  const sql = 'SELECT id FROM t UNION ALL SELECT 6::DOUBLE / 2';
  const { rows } = await readSource((folder) =>
    openDefinedSource({ kind: 'query', files, sql }, sourceOptions(folder, '')),
  );
  assert.deepEqual(rows.flat(), [...cells, '3']);
});

const written = ['123.0', '1.23E2', '123e0', '12300e-2', '-0.0', '0.5', '1e300', '"123.0"', '124'];
const read = ['123', '123', '123', '123', '0', '0.5', '1e300', '123.0', '124'];

for (const [name, text] of [
  ['a JSON array', `[${written.map((id) => `{"id":${id}}`).join(',')}]`],
  ['JSON lines', written.map((id) => `{"id":${id}}`).join('\n')],
  ['JSON that is read in careful mode', `${written.map((id) => `{"id":${id}}`).join('\n')}\n7`],
] as const) {
  test(`a whole number in ${name} loses its decimal point or exponent`, async (context) => {
    const path = join(folderOf(context), text.startsWith('[') ? 'x.json' : 'x.ndjson');
    writeFileSync(path, text);
    const { rows } = await readSource(() => openFiles([path], null));
    assert.deepEqual(
      rows.flat().map((cell) => (cell === '1e+300' ? '1e300' : cell)),
      read,
    );
  });
}

async function parquetOf(context: TestContext, sql: string): Promise<string> {
  const path = join(folderOf(context), 'x.parquet');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-doubles-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
