/**
 * MariaDB as a source, on a real server: how each type is read, and what happens when something
 * fails.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMysqlSource } from '../../src/sources/sql/mysql-source.ts';
import type { TestDatabase } from '../launch/database-process.ts';
import { waitFor } from '../launch/run-usher.ts';
import { startMariadb } from '../launch/start-mariadb.ts';
import {
  countingRows,
  failureOf,
  makeRunFolder,
  type OpenOptions,
  type ReadRows,
  readSource,
  sourceOptions,
} from './read-source.ts';

let database: TestDatabase;

before(async () => {
  database = await startMariadb();
});

after(() => database.close());

interface Reading extends OpenOptions {
  readonly url?: string;
  readonly maxMs?: number;
}

function read(sql: string, { url, maxMs, ...more }: Reading = {}): Promise<ReadRows> {
  return readSource((folder) =>
    openMysqlSource(
      { kind: 'mysql', url: 'env:URL', sql },
      sourceOptions(folder, url ?? database.url(), more),
      { maxBytes: 1e9, maxMs: maxMs ?? 60_000 },
    ),
  );
}

test('each type comes as the text that a field reads', async () => {
  await database.run(`CREATE TABLE kinds (a tinyint, b bigint unsigned, c decimal(9,2), d double, e bit(10), f char(4),
    g varchar(20), h date, i datetime(3), j timestamp(6) NULL, k json, l text, m year, n time, o enum('x','y'), p boolean);
    SET time_zone = '+02:00';
    INSERT INTO kinds VALUES (12, 18446744073709551615, 1.50, 0.1, b'1000000001', 'x', 'ü 🎉', '2026-11-23',
      '2026-11-23 10:00:00.5', '2026-11-23 10:00:00.5', '{"a": [1, null]}', '', 2026, '10:00', 'y', true),
      (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
  const { columns, rows } = await read('SELECT * FROM kinds');
  assert.deepEqual(columns, 'abcdefghijklmnop'.split(''));
  assert.deepEqual(rows, [
    [
      ...['12', '18446744073709551615', '1.50', '0.1', '513', 'x', 'ü 🎉', '2026-11-23'],
      ...['2026-11-23 10:00:00.500', '2026-11-23T08:00:00.500000Z', '{"a": [1, null]}', '', '2026'],
      ...['10:00:00', 'y', '1'],
    ],
    Array(16).fill(null),
  ]);
});

test('no value, an empty text and texts that look like them stay different', async () => {
  const sql = String.raw`SELECT NULL AS t UNION ALL SELECT '' UNION ALL SELECT '\\N' UNION ALL SELECT 'NULL'
    UNION ALL SELECT '"' UNION ALL SELECT 'a\nb\r\nc,"d"' UNION ALL SELECT ' '`;
  const { rows } = await read(sql);
  assert.deepEqual(rows, [[null], [''], ['\\N'], ['NULL'], ['"'], ['a\nb\r\nc,"d"'], [' ']]);
});

test('a line end in the first row is text', async () => {
  for (const text of ['x\\r\\ny', 'x\\ry', 'x\\ny']) {
    const { rows } = await read(`SELECT '${text}' AS t, 1 AS n UNION ALL SELECT 'z', 2`);
    assert.deepEqual(rows, [
      [JSON.parse(`"${text}"`), '1'],
      ['z', '2'],
    ]);
  }
});

test('FLOAT keeps every digit, and columns beside it are unchanged', async () => {
  await database.run(`CREATE TABLE floats (f float, g float, d double, i int, b bigint unsigned, t tinyint, y year, c decimal(9,2),
      bits bit(10), h date, j datetime(3), k timestamp(6) NULL, n time, s varchar(20), m mediumint, w smallint unsigned);
    SET time_zone = '+02:00';
    INSERT INTO floats VALUES (16777216, 0.1, 0.1, -5, 18446744073709551615, -1, 2026, 1.50, b'1000000001', '2026-11-23',
      '2026-11-23 10:00:00.5', '2026-11-23 10:00:00.5', '-10:00:00', 'ü\\r\\n🎉', -8388608, 65535),
      (1.17549435e-38, 3.4e38, 1e300, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (8388609, -123456.79, -0.5, 0, 0, 0, 1901, -0.01, 0, '1000-01-01', '1000-01-01 00:00:00', NULL, '838:59:59', '', 0, 0)`);
  const { rows } = await read('SELECT * FROM floats');
  assert.deepEqual(rows, [
    [
      ...['16777216', '0.1', '0.1', '-5', '18446744073709551615', '-1', '2026', '1.50', '513'],
      ...['2026-11-23', '2026-11-23 10:00:00.500', '2026-11-23T08:00:00.500000Z', '-10:00:00'],
      ...['ü\r\n🎉', '-8388608', '65535'],
    ],
    ['1.1754944e-38', '3.4e+38', '1e+300', ...Array(13).fill(null)],
    [
      ...['8388609', '-123456.79', '-0.5', '0', '0', '0', '1901', '-0.01', '0', '1000-01-01'],
      ...['1000-01-01 00:00:00', null, '838:59:59', '', '0', '0'],
    ],
  ]);
  const twice = await read('SELECT f, f AS f, 2 AS n FROM floats ORDER BY f DESC LIMIT 1');
  assert.deepEqual(twice.rows, [['16777216', '16777216', '2']]);
});

test('repeated and missing names become distinct, and bytes are left out, with a note', async () => {
  const { columns, rows, notes } = await read(
    `SELECT 1 AS id, 2 AS id, X'00' AS photo, 4 AS \`Na me\`;`,
  );
  assert.deepEqual(columns, ['id', 'id_2', 'Na me']);
  assert.deepEqual(rows, [['1', '2', '4']]);
  assert.deepEqual(notes, [
    'Column 2 repeats the name id and is called id_2.',
    'Column photo holds bytes and is left out.',
  ]);
});

test('invalid dates are read unchanged, so that their rows are rejected and not lost', async () => {
  await database.run(`SET sql_mode = ''; CREATE TABLE zero (d date, t datetime);
    INSERT INTO zero VALUES ('0000-00-00', '2026-02-00 00:00:00')`);
  const { rows } = await read('SELECT * FROM zero');
  assert.deepEqual(rows, [['0000-00-00', '2026-02-00 00:00:00']]);
});

test('only one statement that reads is accepted, and nothing is ever written', async () => {
  await database.run('CREATE TABLE guarded (x int); INSERT INTO guarded VALUES (1)');
  for (const sql of [
    'DELETE FROM guarded',
    'DELETE FROM guarded RETURNING x',
    'SELECT 1; DELETE FROM guarded',
    '/*! DELETE FROM guarded */',
    '/*M! DELETE FROM guarded */ SELECT 1',
    'DROP TABLE guarded',
    'COMMIT',
    "SELECT x INTO OUTFILE '/tmp/never' FROM guarded",
    'SHOW TABLES',
    '',
  ]) {
    const error = await failureOf(read(sql));
    assert.equal(error.code, 'definition_invalid', sql);
  }
  assert.equal((await database.run('SELECT count(*) FROM guarded')).trim(), '1');
});

test('a failure is reported without rows and without the password', async () => {
  await database.run(
    "CREATE TABLE people (id int, email text); INSERT INTO people VALUES (1, 'tom@hello.com')",
  );
  const wrong = database.url().replace(encodeURIComponent(database.password), 'another-secret');
  const good = database.url();
  const cases: [sql: string, url: string, code: string, detail: RegExp][] = [
    ['SELECT id,\n emial FROM people', good, 'definition_invalid', /has no such column/],
    ['SELECT * FROM poeple', good, 'definition_invalid', /has no such table/],
    ["SELECT id\nFORM people WHERE 'tom' = 1", good, 'definition_invalid', /one SELECT \(line 2\)/],
    ['SELECT 1', wrong, 'definition_invalid', /refused the user name or the password/],
    ['SELECT 1', database.url('nowhere'), 'definition_invalid', /does not exist on its server/],
    ['SELECT 1', `${good}?sslmode=require`, 'definition_invalid', /offers no TLS|certificate/],
    ['SELECT 1', 'mysql://a:b@127.0.0.1:1/c', 'source_unavailable', /refused the connection/],
  ];
  for (const [sql, url, code, detail] of cases) {
    const error = await failureOf(read(sql, { url }));
    assert.match(error.detail, detail);
    assert.equal(error.code, code, error.detail);
    assert.doesNotMatch(JSON.stringify([error.detail, error.context]), /tom|secret:|another/);
  }
});

test('a server on this machine is also reached by its Unix socket', async () => {
  const socket = (await database.run('SELECT @@socket')).trim();
  const url = `mysql://root@localhost/usher?host=${socket}`;
  assert.deepEqual((await read('SELECT 1 AS id', { url })).rows, [['1']]);
});

test('a query that takes too long is stopped', async () => {
  const error = await failureOf(read('SELECT sleep(60)', { maxMs: 1_000 }));
  assert.equal(error.code, 'source_unavailable');
  assert.match(error.detail, /took longer than/);
});

test('an interruption also ends the statement on the server', async () => {
  const controller = new AbortController();
  const { folder, end } = makeRunFolder();
  const options = sourceOptions(folder, database.url(), { interrupted: controller.signal });
  const sql = 'SELECT benchmark(100000000000, sha2(1, 512)) AS n';
  const opening = openMysqlSource({ kind: 'mysql', url: 'env:URL', sql }, options);
  const failed = assert.rejects(opening, /stopped by the test/);
  const busy = `SELECT count(*) FROM information_schema.processlist
    WHERE user = 'usher' AND info LIKE 'SELECT benchmark%'`;
  await waitFor(async () => (await database.run(busy)).trim() === '1' || undefined, 30_000);
  controller.abort(new Error('stopped by the test'));
  await failed;
  assert.equal((await database.run(busy)).trim(), '0');
  end();
});

test('rows at or after the watermark are read, by the order of the database', async () => {
  await database.run(`SET time_zone = '+00:00'; CREATE TABLE moved (id int, at timestamp(6) NULL, n decimal(9,1), t varchar(9));
    INSERT INTO moved VALUES (1, '2026-01-01', 9, 'a'), (2, '2026-01-02 00:00:00.000001', 10, 'B'),
      (3, '2026-01-02', 100.5, 'b'), (4, NULL, NULL, NULL)`);
  const parts = async (column: string, from: string | null) => {
    const { rows, watermark } = await read('SELECT * FROM moved ORDER BY id', {
      watermark: { column, from },
    });
    return { ids: rows.map(([id]) => Number(id)).sort(), watermark };
  };
  const at = '2026-01-02T00:00:00.000001Z';
  assert.deepEqual(await parts('at', null), { ids: [1, 2, 3, 4], watermark: at });
  assert.deepEqual(await parts('at', at), { ids: [2, 4], watermark: at });
  assert.deepEqual(await parts('n', '10'), { ids: [2, 3, 4], watermark: '100.5' });
  assert.deepEqual(await parts('t', 'a'), { ids: [1, 3, 4], watermark: 'b' });
  assert.match(
    (await failureOf(parts('at', "x' OR 1=1 --"))).detail,
    /watermark does not fit the type of its column/,
  );
  assert.deepEqual((await parts('t', "'); \\")).ids, [1, 2, 3, 4]);
});

test('a million rows pass through in bounded memory', async () => {
  let peak = 0;
  const onProgress = () => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  const before = process.memoryUsage().rss;
  const sql = "SELECT seq AS id, CONCAT(REPEAT('x', 400), seq) AS t FROM seq_1_to_1000000";
  const { rows } = await readSource(async (folder) => {
    const options = sourceOptions(folder, database.url(), { onProgress });
    const source = await openMysqlSource({ kind: 'mysql', url: 'env:URL', sql }, options);
    assert.ok(source.bytes > 400e6);
    return countingRows(source);
  });
  assert.deepEqual(rows, [['1000000']]);
  assert.ok(peak - before < 300e6, `${(peak - before) / 1e6} MB more`);
});

test('a server that dies while rows arrive fails the run, and the next run gets all rows', async () => {
  const sql = "SELECT seq AS id, REPEAT('x', 1000) AS t FROM seq_1_to_300000";
  let crashed: Promise<void> | undefined;
  const onProgress = (bytes: number) => {
    if (bytes > 5_000_000) crashed ??= database.crash();
  };
  const error = await failureOf(read(sql, { onProgress }));
  assert.equal(error.code, 'source_unavailable', error.detail);
  await crashed;
  assert.match((await failureOf(read(sql))).detail, /refused the connection/);
  await database.start();
  const { rows } = await read(`SELECT count(*) AS n FROM (${sql}) AS q`);
  assert.deepEqual(rows, [['300000']]);
});
