/** SQLite as a source, on real files. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { openSqliteSource } from '../../src/sources/sql/sqlite-source.ts';
import {
  failureOf,
  type OpenOptions,
  type ReadRows,
  readSource,
  sourceOptions,
} from './read-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'usher-sqlite-'));
const path = join(folder, 'shop.db');
let database: SqliteDatabase.Database;

before(() => {
  database = new SqliteDatabase(path);
  database.exec(`CREATE TABLE people (id INTEGER, email TEXT, photo BLOB, at TEXT);
    INSERT INTO people VALUES (1, 'tom@hello.com', X'00', '2026-01-01'), (2, NULL, NULL, '2026-01-02'),
      (9223372036854775807, '', NULL, NULL)`);
});

after(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Reading extends OpenOptions {
  readonly file?: string;
  readonly maxMs?: number;
}

function read(sql: string, { file, maxMs, ...more }: Reading = {}): Promise<ReadRows> {
  return readSource((run) =>
    openSqliteSource({ kind: 'sqlite', path: file ?? path, sql }, sourceOptions(run, '', more), {
      maxBytes: 1e9,
      maxMs: maxMs ?? 60_000,
    }),
  );
}

test('texts are read unchanged in every row', async () => {
  const texts = ['x\r\ny', 'x\ry', 'x\ny', '"', ',', '', ' ', '\\N', 'NULL', "'", '#', '\u2028'];
  for (const first of texts.slice(0, 5)) {
    const values = [first, ...texts].map((text) => `(x'${Buffer.from(text).toString('hex')}')`);
    const { rows } = await read(
      `SELECT CAST(column1 AS TEXT) AS t, 1 AS n FROM (VALUES ${values.join(', ')})`,
    );
    assert.deepEqual(
      rows,
      [first, ...texts].map((text) => [text, '1']),
    );
  }
});

test('a column that mixes numbers and texts is refused as a watermark', async () => {
  database.exec(`CREATE TABLE mixed (id INTEGER, at);
    INSERT INTO mixed VALUES (1, '2026-01-01'), (2, 1764000000), (3, NULL)`);
  for (const from of [null, '2026-01-01', '5']) {
    const reading = read('SELECT * FROM mixed', { watermark: { column: 'at', from } });
    assert.match((await failureOf(reading)).detail, /The column at, .* mixes numbers and texts/);
  }
  const cast = 'SELECT id, CAST(at AS TEXT) AS at FROM mixed';
  assert.equal((await read(cast, { watermark: { column: 'at', from: null } })).rows.length, 3);
});

test('values are read as texts, long numbers keep all digits, and bytes are left out with a note', async () => {
  const { columns, rows, notes } = await read('SELECT *, 0.1 AS r, id AS id FROM people;');
  assert.deepEqual(columns, ['id', 'email', 'at', 'r', 'id_2']);
  assert.deepEqual(rows, [
    ['1', 'tom@hello.com', '2026-01-01', '0.1', '1'],
    ['2', null, '2026-01-02', '0.1', '2'],
    ['9223372036854775807', '', null, '0.1', '9223372036854775807'],
  ]);
  assert.deepEqual(notes, [
    'Column 5 repeats the name id and is called id_2.',
    'Column photo holds bytes (BLOB) and is left out.',
  ]);
});

test('bytes in a text column fail the run, and the message names row and column', async () => {
  const { detail } = await failureOf(read("SELECT 'x' AS a UNION ALL SELECT X'00'"));
  assert.match(detail, /^Row 2 of the query holds bytes in the column a/);
});

test('only one statement that reads is accepted, and nothing is ever written', async () => {
  for (const sql of [
    'DELETE FROM people',
    'DELETE FROM people RETURNING id',
    'SELECT 1; DELETE FROM people',
    "ATTACH '/tmp/never.db' AS other",
    'PRAGMA user_version = 3',
    '',
  ]) {
    const error = await failureOf(read(sql));
    assert.equal(error.code, 'definition_invalid', `${sql}: ${error.detail}`);
  }
  assert.equal(database.prepare('SELECT count(*) FROM people').pluck().get(), 3);
});

test('a missing file is reported, whether its folder exists or not', async () => {
  for (const file of [join(folder, 'none.db'), '/nowhere/at/all.db']) {
    const error = await failureOf(read('SELECT 1', { file }));
    assert.equal(error.code, 'definition_invalid');
    assert.match(error.detail, /does not exist or cannot be read/);
  }
});

test('a failure is reported without rows', async () => {
  writeFileSync(join(folder, 'no.db'), 'this is a text of somebody else and not a database at all');
  const cases: [sql: string, file: string, detail: RegExp][] = [
    ['SELECT emial FROM people', path, /has no column emial/],
    ['SELECT * FROM poeple', path, /has no table poeple/],
    ["SELEKT 'tom'", path, /cannot run the query/],
    ['SELECT 1', join(folder, 'nowhere.db'), /does not exist or cannot be read/],
    ['SELECT 1 FROM sqlite_master', join(folder, 'no.db'), /is not an SQLite file/],
    ['SELECT 1', 'relative.db', /must be absolute/],
  ];
  for (const [sql, file, detail] of cases) {
    const error = await failureOf(read(sql, { file }));
    assert.match(error.detail, detail);
    assert.equal(error.code, 'definition_invalid');
    assert.doesNotMatch(error.detail, /tom/);
  }
});

test('a query that never ends is stopped together with its process', async () => {
  const sql =
    'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n';
  const error = await failureOf(read(sql, { maxMs: 700 }));
  assert.equal(error.code, 'source_unavailable');
  assert.match(error.detail, /took longer than/);
});

test('rows at or after the watermark are read, numbers as numbers and texts as texts', async () => {
  const parts = async (column: string, from: string | null) => {
    const { rows, watermark } = await read('SELECT id, at FROM people ORDER BY id', {
      watermark: { column, from },
    });
    return { count: rows.length, watermark };
  };
  assert.deepEqual(await parts('at', null), { count: 3, watermark: '2026-01-02' });
  assert.deepEqual(await parts('at', '2026-01-02'), { count: 2, watermark: '2026-01-02' });
  assert.deepEqual(await parts('id', '2'), { count: 2, watermark: '9223372036854775807' });
  assert.deepEqual(await parts('id', '9223372036854775807'), {
    count: 1,
    watermark: '9223372036854775807',
  });
  assert.match((await failureOf(parts('nowhere', null))).detail, /has no column nowhere/);
});

test('a hundred thousand rows are read completely', async () => {
  const sql = `WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000)
    SELECT x, 'line' || char(10) || x AS t FROM n`;
  const { rows } = await read(sql);
  assert.equal(rows.length, 100_000);
  assert.deepEqual(rows.at(-1), ['100000', 'line\n100000']);
});
