/** Rows of files that the engine reads in several places at once. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { ImportPlace } from './import-place.ts';

// The second name is that of the reader's own row numbers.
for (const column of ['name', 'file_row_number']) {
  test(`in a large Parquet file with a column ${column} the last row of a key counts, and rejected rows have their numbers`, async (context) => {
    const place = new ImportPlace(context);
    const path = join(place.folder, 'people.parquet');
    const [rows, keys] = [24_000, 20_000];
    await writeParquet(
      path,
      `SELECT CASE WHEN i % 900 = 5 THEN 'nobody' ELSE format('p{}@x.org', i % ${keys}) END AS email,
        format('{}-{}', i, repeat('x', 80)) AS ${column} FROM range(${rows}) AS r(i)`,
    );
    const { report, rejections } = await place.import(path);
    const isWrong = (i: number) => i % 900 === 5;
    const isRepeated = (i: number) => i + keys < rows && !isWrong(i + keys);
    const expected = Array.from({ length: rows }, (_, i) => i)
      .filter((i) => isWrong(i) || isRepeated(i))
      .map((i) => i + 1);
    assert.equal(report.rejected, expected.length);
    const numbers = rejections.map((line) => Number.parseInt(line, 10));
    assert.deepEqual(
      numbers.toSorted((one, other) => one - other),
      expected,
    );
    const found = await place.find('email:p3999@x.org');
    assert.match(String(found?.[column]), /^23999-x/);
  });
}

test('rows that need more memory than others with an order get it', async (context) => {
  const place = new ImportPlace(context);
  place.memoryBytes = 134_217_728;
  const text = 'n'.repeat(30_000);
  const rows = Array.from({ length: 1_000 }, (_, i) => `p${i}@x.org,${i}${text},${text}${i}`);
  const path = place.write('people.csv', `email,one,two\n${rows.join('\n')}\n`);
  const { report } = await place.import(path);
  assert.equal(report.added, 1_000);
  assert.equal((await place.find('email:p999@x.org'))?.['two'], `${text}999`);
});

async function writeParquet(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  connection.closeSync();
  instance.closeSync();
}
