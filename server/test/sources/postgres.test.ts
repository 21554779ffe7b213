/**
 * PostgreSQL as a source, on a real server: how each type is read, and what happens when something
 * fails.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openPostgresSource } from '../../src/sources/sql/postgres-source.ts';
import type { TestDatabase } from '../launch/database-process.ts';
import { waitFor } from '../launch/run-usher.ts';
import { startPostgres } from '../launch/start-postgres.ts';
import { makeCertificate } from './make-certificate.ts';
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
  database = await startPostgres();
});

after(() => database.close());

interface Reading extends OpenOptions {
  readonly url?: string;
  readonly maxMs?: number;
  readonly maxBytes?: number;
}

function read(sql: string, { url, maxMs, maxBytes, ...more }: Reading = {}): Promise<ReadRows> {
  const limits = { maxBytes: maxBytes ?? 1e9, maxMs: maxMs ?? 60_000 };
  return readSource((folder) =>
    openPostgresSource(
      { kind: 'postgres', url: 'env:URL', sql },
      sourceOptions(folder, url ?? database.url(), more),
      limits,
    ),
  );
}

test('each type comes as the text that a field reads', async () => {
  const { columns, rows } = await read(`SELECT
    12::int2 a, (-9223372036854775808)::int8 b, 1.50::numeric(9,2) c, 'NaN'::numeric d, 0.1::float8 e,
    1e20::float8 f, true g, false h, 'x'::char(4) i, 'ü 🎉'::text j, '$1,234.50'::money k,
    DATE '2026-11-23' l, TIMESTAMPTZ '2026-11-23 10:00:00.5+02' m, TIMESTAMP '2026-11-23 10:00:00' n,
    TIMESTAMPTZ '2026-11-23 00:00:00Z' o, ARRAY['a,b', NULL, 'c"d'] p, ARRAY[1, 2] q,
    '{"a": [1, null]}'::jsonb r, ROW(1, 'x') s, '5f3c7f3e-0000-4000-8000-000000000001'::uuid t,
    INTERVAL '1 day 2 hours' u, '{}'::text[] v, 'Infinity'::float8 w`);
  assert.deepEqual(columns, 'abcdefghijklmnopqrstuvw'.split(''));
  assert.deepEqual(rows, [
    [
      ...['12', '-9223372036854775808', '1.50', 'NaN', '0.1', '1e+20', 'true', 'false', 'x'],
      ...['ü 🎉', '1234.50', '2026-11-23', '2026-11-23T08:00:00.5Z', '2026-11-23 10:00:00'],
      ...['2026-11-23T00:00:00Z', '["a,b",null,"c\\"d"]', '[1,2]', '{"a": [1, null]}', '(1,x)'],
      ...['5f3c7f3e-0000-4000-8000-000000000001', 'P1DT2H', '[]', 'Infinity'],
    ],
  ]);
});

test('no value, an empty text and texts that look like them stay different', async () => {
  const values = `(1, NULL), (2, ''), (3, '\\N'), (4, 'NULL'), (5, '"'), (6, E'a\nb\r\nc,"d"'), (7, ' ')`;
  const { rows } = await read(`SELECT t FROM (VALUES ${values}) AS v(n, t) ORDER BY n`);
  assert.deepEqual(rows, [[null], [''], ['\\N'], ['NULL'], ['"'], ['a\nb\r\nc,"d"'], [' ']]);
  const { rows: flags } = await read('SELECT NULL::bool a, NULL::timestamptz b');
  assert.deepEqual(flags, [[null, null]]);
});

test('a line end in the first row is text', async () => {
  for (const text of ['x\\r\\ny', 'x\\ry', 'x\\ny']) {
    const { rows } = await read(
      `SELECT E'${text}' AS t, 1 AS n UNION ALL SELECT 'z', 2 ORDER BY n`,
    );
    assert.deepEqual(rows, [
      [JSON.parse(`"${text}"`), '1'],
      ['z', '2'],
    ]);
  }
});

test('text that is not valid in its encoding fails the run, and the message names the column', async () => {
  await database.run(
    "CREATE DATABASE old ENCODING sql_ascii LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
  );
  const url = database.url('old');
  const latin = "convert_from('\\x4af67267', 'sql_ascii')";
  const good = await read("SELECT 'a@x.org' AS email, 'ok' AS note", { url });
  assert.deepEqual(good.rows, [['a@x.org', 'ok']]);
  const error = await failureOf(
    read(`SELECT 'a@x.org' AS email, 1 AS n, ${latin} AS "the note", 'x' AS other`, { url }),
  );
  assert.equal(error.code, 'definition_invalid');
  assert.match(error.detail, /column the note .*not UTF-8/);
  assert.doesNotMatch(error.detail, /0xf6|J/);
});

test('dates out of range are read unchanged, so that their rows are rejected and not lost', async () => {
  const { rows } =
    await read(`SELECT 'infinity'::timestamptz, '-infinity'::date, 'infinity'::timestamp,
    TIMESTAMPTZ '0044-03-15 12:00:00Z BC', DATE '12026-01-01', TIMESTAMPTZ '2026-01-01 00:00:00.000001Z'`);
  assert.deepEqual(rows, [
    [
      ...['infinity', '-infinity', 'infinity', '0044-03-15 12:00:00+00 BC', '12026-01-01'],
      '2026-01-01T00:00:00.000001Z',
    ],
  ]);
});

test('repeated and missing names become distinct, and bytes are left out, with a note', async () => {
  const { columns, rows, notes } = await read(
    `SELECT 1 AS id, 2 AS id, 3, '\\x00'::bytea AS photo, 4 AS "Na me";`,
  );
  assert.deepEqual(columns, ['id', 'id_2', 'column_3', 'Na me']);
  assert.deepEqual(rows, [['1', '2', '3', '4']]);
  assert.deepEqual(notes, [
    'Column 2 repeats the name id and is called id_2.',
    'Column 3 has no name and is called column_3.',
    'Column photo holds bytes (bytea) and is left out.',
  ]);
});

test('a query without rows is a source without rows', async () => {
  const { columns, rows } = await read('SELECT 1 AS id WHERE false -- none');
  assert.deepEqual({ columns, rows }, { columns: ['id'], rows: [] });
});

test('a row that is too long is rejected with its number, and the others are read', async () => {
  const { rows, rejections } = await read(
    `SELECT n, CASE n WHEN 2 THEN repeat('x', 3000000) ELSE 'x' END FROM generate_series(1, 3) n`,
  );
  assert.deepEqual(rows, [
    ['1', 'x'],
    ['3', 'x'],
  ]);
  assert.deepEqual(
    rejections.map(({ row, code }) => ({ row, code })),
    [{ row: 2, code: 'value_invalid' }],
  );
});

test('only one statement that reads is accepted, and nothing is ever written', async () => {
  await database.run('CREATE TABLE guarded (x int); INSERT INTO guarded VALUES (1)');
  for (const sql of [
    'DELETE FROM guarded',
    'DELETE FROM guarded RETURNING x',
    'SELECT 1; DELETE FROM guarded',
    'SELECT 1) AS q(c0)) TO STDOUT; COMMIT; DELETE FROM guarded; SELECT (1',
    'COMMIT',
    'WITH gone AS (DELETE FROM guarded RETURNING x) SELECT * FROM gone',
    'SELECT x FROM guarded FOR UPDATE',
    'SELECT x INTO other FROM guarded',
    'SELECT 1 /*',
    '',
    ';',
  ]) {
    const error = await failureOf(read(sql));
    assert.equal(error.code, 'definition_invalid', sql);
  }
  assert.equal((await database.run('SELECT count(*) FROM guarded')).trim(), '1');
});

test('a fault of a query is reported with its position, and without rows', async () => {
  await database.run(
    "CREATE TABLE people (id int, email text); INSERT INTO people VALUES (1, 'tom@hello.com')",
  );
  const cases: [sql: string, detail: RegExp][] = [
    ['SELECT id,\n  emial FROM people', /has no such column \(line 2, character 3, at emial\)/],
    ['SELECT * FROM poeple', /has no such table \(line 1, character 15, at poeple\)/],
    ['SELEKT 1', /cannot read the query: it must be one SELECT \(line 1, character 1, at SELEKT\)/],
    [
      'SELECT email::int FROM people',
      /found a value that an expression of the query cannot process/,
    ],
    ['SELECT 1/0', /found a value that an expression of the query cannot process/],
  ];
  for (const [sql, detail] of cases) {
    const error = await failureOf(read(sql));
    assert.equal(error.code, 'definition_invalid');
    assert.match(error.detail, detail);
    assert.match(error.detail, /^The database of env:URL /);
    assert.doesNotMatch(JSON.stringify([error.detail, error.context]), /tom|secret/);
  }
});

test('a refused login is reported without the password', async () => {
  const wrong = database.url().replace(encodeURIComponent(database.password), 'another-secret');
  const cases: [url: string, code: string, detail: RegExp][] = [
    [wrong, 'definition_invalid', /refused the user name or the password/],
    [database.url('nowhere'), 'definition_invalid', /does not exist on its server/],
    [`${database.url()}?sslmode=require`, 'definition_invalid', /offers no TLS/],
    ['postgres://a:b@127.0.0.1:1/c', 'source_unavailable', /refused the connection/],
    [
      'postgres://a:b@no.such.host.invalid/c?sslmode=disable',
      'source_unavailable',
      /cannot be found/,
    ],
    [
      'mysql://a:b@127.0.0.1/c',
      'definition_invalid',
      /^The secret env:URL must be a URL like postgres:/,
    ],
    [`${database.url()}?sslmod=x`, 'definition_invalid', /has an unknown parameter/],
  ];
  for (const [url, code, detail] of cases) {
    const error = await failureOf(read('SELECT 1', { url }));
    assert.equal(error.code, code, error.detail);
    assert.match(error.detail, detail);
    assert.doesNotMatch(JSON.stringify([error.detail, error.context]), /secret:|another/);
  }
});

test('a server on this machine is also reached by its Unix socket', async () => {
  const folder = (await database.run('SHOW unix_socket_directories')).trim();
  const url = `postgres://usher@localhost:${database.port}/postgres?host=${folder}`;
  assert.deepEqual((await read('SELECT 1 AS id', { url })).rows, [['1']]);
});

test('the certificate of a server is verified, unless the URL says otherwise', async (t) => {
  const { key, certificate } = makeCertificate(t, 'IP:127.0.0.1');
  for (const [name, path] of [
    ['server.key', key],
    ['server.crt', certificate],
  ] as const) {
    const pem = readFileSync(path, 'utf8').trim();
    await database.run(`COPY (SELECT unnest(string_to_array('${pem}', E'\\n')))
      TO PROGRAM 'cat > ${name} && chmod 600 ${name}'`);
  }
  await database.run('ALTER SYSTEM SET ssl = on');
  await database.stop();
  await database.start();
  const sql = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
  const withTls = (more: string) => read(sql, { url: `${database.url()}?${more}` });
  assert.deepEqual((await withTls('sslmode=require')).rows, [['true']]);
  assert.deepEqual((await withTls(`sslmode=verify-full&sslrootcert=${certificate}`)).rows, [
    ['true'],
  ]);
  assert.deepEqual((await withTls('sslmode=disable')).rows, [['false']]);
  const stranger = await failureOf(withTls('sslmode=verify-full'));
  assert.equal(stranger.code, 'definition_invalid');
  assert.match(stranger.detail, /unknown authority: name it in the URL with sslrootcert/);
  const named = database.url().replace('127.0.0.1', 'localhost');
  const url = `${named}?sslmode=verify-full&sslrootcert=${certificate}`;
  assert.match((await failureOf(read(sql, { url }))).detail, /certificate for another host/);
});

test('a query that takes too long is stopped, on the server as well', async () => {
  const error = await failureOf(read('SELECT pg_sleep(60)', { maxMs: 400 }));
  assert.equal(error.code, 'source_unavailable');
  assert.match(error.detail, /took longer than/);
  const busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'usher'";
  await waitFor(async () => (await database.run(busy)).trim() === '0' || undefined, 10_000);
});

test('a fetch ends when it exceeds the allowed bytes', async () => {
  const sql = `SELECT repeat('x', 1000) FROM generate_series(1, 100000)`;
  const error = await failureOf(read(sql, { maxBytes: 1_000_000 }));
  assert.equal(error.code, 'definition_invalid');
  assert.match(error.detail, /more than 1000000 bytes/);
});

test('an interruption ends a fetch at once', async () => {
  const controller = new AbortController();
  const sql = `SELECT n, pg_sleep(0.001) FROM generate_series(1, 1000000) n`;
  const { folder, end } = makeRunFolder();
  const options = sourceOptions(folder, database.url(), { interrupted: controller.signal });
  const opening = openPostgresSource({ kind: 'postgres', url: 'env:URL', sql }, options);
  controller.abort(new Error('stopped by the test'));
  await assert.rejects(opening, /stopped by the test/);
  end();
});

test('an interruption also ends the statement on the server', async () => {
  const controller = new AbortController();
  const { folder, end } = makeRunFolder();
  const options = sourceOptions(folder, database.url(), { interrupted: controller.signal });
  // The server does not check its connection while it counts.
  const sql = 'SELECT count(*) FROM generate_series(1, 1000000000) a';
  const opening = openPostgresSource({ kind: 'postgres', url: 'env:URL', sql }, options);
  const failed = assert.rejects(opening, /stopped by the test/);
  const busy = `SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'usher' AND query LIKE 'COPY%'`;
  await waitFor(async () => (await database.run(busy)).trim() === '1' || undefined, 30_000);
  controller.abort(new Error('stopped by the test'));
  await failed;
  assert.equal((await database.run(busy)).trim(), '0');
  end();
});

test('rows at or after the watermark are read, by the order of the database', async () => {
  await database.run(`CREATE TABLE moved (id int, at timestamptz, n numeric, t text);
    INSERT INTO moved VALUES (1, '2026-01-01Z', 9, 'a'), (2, '2026-01-02 00:00:00.000001Z', 10, 'B'),
      (3, '2026-01-02Z', 100.5, 'b'), (4, NULL, NULL, NULL), (5, 'infinity', 'NaN', 'A')`);
  const parts = async (column: string, from: string | null) => {
    const { rows, watermark } = await read(`SELECT * FROM moved ORDER BY id`, {
      watermark: { column, from },
    });
    return { ids: rows.map(([id]) => Number(id)), watermark };
  };
  const at = '2026-01-02T00:00:00.000001Z';
  assert.deepEqual(await parts('at', null), { ids: [1, 2, 3, 4, 5], watermark: at });
  assert.deepEqual(await parts('at', at), { ids: [2, 4, 5], watermark: at });
  assert.deepEqual(await parts('at', '2027-01-01T00:00:00Z'), {
    ids: [4, 5],
    watermark: '2027-01-01T00:00:00Z',
  });
  assert.deepEqual(await parts('n', '10'), { ids: [2, 3, 4, 5], watermark: '100.5' });
  assert.deepEqual(await parts('t', 'a'), { ids: [1, 3, 4], watermark: 'b' });
  const missing = await failureOf(parts('nowhere', null));
  assert.match(missing.detail, /has no column nowhere/);
  const from = "2026-01-01'; DROP TABLE moved; --";
  assert.equal((await failureOf(parts('at', from))).code, 'definition_invalid');
});

test('a million rows pass through in bounded memory', async () => {
  let peak = 0;
  const onProgress = () => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  const before = process.memoryUsage().rss;
  const sql = "SELECT n AS id, repeat('x', 400) || n AS t FROM generate_series(1, 1000000) n";
  const { rows } = await readSource(async (folder) => {
    const options = sourceOptions(folder, database.url(), { onProgress });
    const source = await openPostgresSource({ kind: 'postgres', url: 'env:URL', sql }, options);
    assert.ok(source.bytes > 400e6);
    return countingRows(source);
  });
  assert.deepEqual(rows, [['1000000']]);
  assert.ok(peak - before < 300e6, `${(peak - before) / 1e6} MB more`);
});

test('a server that dies while rows arrive fails the run, and the next run gets all rows', async () => {
  const sql = `SELECT n, repeat('x', 1000) FROM generate_series(1, 300000) n`;
  let crashed: Promise<void> | undefined;
  const onProgress = (bytes: number) => {
    if (bytes > 5_000_000) crashed ??= database.crash();
  };
  const error = await failureOf(read(sql, { onProgress }));
  assert.equal(error.code, 'source_unavailable');
  await crashed;
  const refused = await failureOf(read(sql));
  assert.match(refused.detail, /refused the connection/);
  await database.start();
  const { rows } = await read(`SELECT count(*) FROM (${sql}) AS q`);
  assert.deepEqual(rows, [['300000']]);
});
