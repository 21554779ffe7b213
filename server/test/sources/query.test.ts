/** A query over named files: its results, what it cannot see, and how its mistakes are reported. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { UsherError } from '../../src/domain/errors.ts';
import { ImportPlace } from '../sync/import-place.ts';

type Files = readonly (readonly [string, readonly string[]])[];

const secret = 'Geheimnis';

function refusal(words: RegExp, code = 'definition_invalid') {
  return (error: unknown) => {
    assert.ok(error instanceof UsherError, String(error));
    assert.match(error.detail, words);
    assert.equal(error.code, code);
    assert.ok(!error.detail.includes(secret), 'the message shows a value of the rows');
    return true;
  };
}

/**
 * Files as a shop exports them: a byte-order mark, mixed line ends, Windows-1252 letters, dates in
 * US format, other separators.
 */
function shop(context: import('node:test').TestContext): { place: ImportPlace; files: Files } {
  const place = new ImportPlace(context);
  place.write(
    'customers.csv',
    Buffer.from(
      'CustomerKey,Name,EmailAddress\r\n1,Zoë,zoe@x.org\r\n2,Bob,bob@x.org\n3,Cy,cy@x.org\n',
      'latin1',
    ),
  );
  place.write('products.csv', 'ProductKey;ProductPrice\n10;34.99\n11;5.5\n');
  place.write(
    'sales_2018.csv',
    '\ufeffOrderDate,OrderNumber,ProductKey,CustomerKey,OrderQuantity\n12/31/2018,SO1,10,1,2\n',
  );
  place.write(
    'sales_2019.csv',
    'OrderDate,OrderNumber,CustomerKey,ProductKey,OrderQuantity\n04/08/2019,SO2,1,11,1\n04/08/2019,SO2,1,10,1\n5/14/2019,SO3,2,11,4\n',
  );
  const files: Files = [
    ['customers', [join(place.folder, 'customers.csv')]],
    ['products', [join(place.folder, 'products.csv')]],
    ['sales', [join(place.folder, 'sales_*.csv')]],
  ];
  return { place, files };
}

const perCustomer = `
  SELECT c.CustomerKey AS customer_key, c.EmailAddress AS email, c.Name AS name,
    count(DISTINCT s.OrderNumber) AS orders,
    sum(CAST(s.OrderQuantity AS INTEGER) * CAST(p.ProductPrice AS DECIMAL(18, 4))) AS revenue_lifetime,
    CAST(max(strptime(s.OrderDate, '%m/%d/%Y')) AS DATE) AS last_purchase_date
  FROM sales s JOIN products p USING (ProductKey) JOIN customers c USING (CustomerKey)
  GROUP BY ALL; -- one row a customer`;

test('a query joins sales and products to the revenue of each contact', async (context) => {
  const { place, files } = shop(context);
  const { report, plan } = await place.importDefined({ kind: 'query', files, sql: perCustomer });
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [2, 2, 0]);
  assert.deepEqual(await place.find('email:zoe@x.org'), {
    customer_key: 1,
    email: 'zoe@x.org',
    name: 'Zoë',
    orders: 2,
    revenue_lifetime: 110.47,
    last_purchase_date: '2019-04-08',
  });
  const types = Object.fromEntries(plan.columns.map(({ column, format }) => [column, format.type]));
  assert.equal(types['last_purchase_date'], 'date');
  assert.equal(existsSync(join(place.dataFolder, 'tmp', 'work')), false);
  const again = await place.importDefined({ kind: 'query', files, sql: perCustomer });
  assert.equal(again.report.unchanged, 2);
});

test('lists, booleans, decimals, instants and NULL keep their meaning', async (context) => {
  const { place, files } = shop(context);
  const sql = `SELECT 'a@x.org' AS email, ['x', 'y'] AS tags, true AS ok, 12345678901234567890::HUGEINT AS big,
    1.50::DECIMAL(5, 2) AS price, TIMESTAMPTZ '2026-11-23 10:00:00+02' AS seen, DATE '2026-01-02' AS day
    UNION ALL SELECT 'b@x.org', NULL, NULL, NULL, NULL, NULL, NULL`;
  await place.importDefined({ kind: 'query', files, sql });
  assert.deepEqual(await place.find('email:a@x.org'), {
    email: 'a@x.org',
    tags: ['x', 'y'],
    ok: true,
    big: '12345678901234567890',
    price: 1.5,
    seen: '2026-11-23T08:00:00Z',
    day: '2026-01-02',
  });
  assert.deepEqual(await place.find('email:b@x.org'), { email: 'b@x.org' });
});

test('Parquet keeps its types, JSON is read as texts, and reference datasets are tables', async (context) => {
  const place = new ImportPlace(context);
  const parquet = join(place.folder, 'orders.parquet');
  const products = join(place.folder, 'products.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `COPY (SELECT 'a@x.org' AS email, 2 AS quantity, 7 AS sku) TO '${parquet}' (FORMAT parquet)`,
  );
  await connection.run(`COPY (SELECT '7' AS sku, 3.5 AS price) TO '${products}' (FORMAT parquet)`);
  connection.closeSync();
  const names = place.write('names.ndjson', '{"mail":"a@x.org","name":"Ann","n":1}\n');
  const { report } = await place.importDefined(
    {
      kind: 'query',
      files: [
        ['orders', [parquet]],
        ['names', [names]],
      ],
      sql: 'SELECT email, name, quantity * price AS spent FROM orders JOIN products USING (sku) JOIN names ON mail = email',
    },
    { references: new Map([['products', products]]) },
  );
  assert.equal(report.added, 1);
  assert.deepEqual(await place.find('email:a@x.org'), { email: 'a@x.org', name: 'Ann', spent: 7 });
});

for (const [name, sql, words] of [
  ['a misspelt keyword', 'SELECT *\nFORM sales', /line 2, column \d+\).*syntax error/],
  ['an unknown table', 'SELECT * FROM sale', /line 1, column 15\): .*sale does not exist.*"sales"/],
  [
    'an unknown column',
    'SELECT\n  CustmerKey FROM sales',
    /line 2, column 3\).*"CustmerKey" not found.*CustomerKey/,
  ],
  [
    'an unknown column of a table',
    'SELECT\n  c.CustmerKey FROM customers AS c',
    /line 2, column 3\): The table "c" has no column "CustmerKey"\. Did you mean "CustomerKey"\?$/,
  ],
  [
    'a column without a similar name, whose own first row may be a person',
    'SELECT till FROM sales',
    /^[^?]*Referenced column "till" not found in FROM clause!$/,
  ],
  [
    'an unknown column of a join',
    'SELECT * FROM sales JOIN products USING (ProdKey)',
    /Column "ProdKey" does not exist on left side of join! Did you mean "ProductKey"\?$/,
  ],
  [
    'an unknown name for a table',
    'SELECT x.CustomerKey FROM sales AS s',
    /table "x" not found! Candidate tables: "s"/,
  ],
  ['a sum of texts', 'SELECT sum(OrderQuantity) FROM sales', /sum\(VARCHAR\).*cast them, as CAST/],
  [
    'a value that is not a number',
    'SELECT CAST(Name AS INTEGER) AS n FROM customers',
    /cannot be converted, in the column Name, to INT32 \(line 1, column 8\)\. Use TRY_CAST/,
  ],
  ['a date in another format', "SELECT strptime(Name, '%Y') AS d FROM customers", /try_strptime/],
  ['a call of error()', 'SELECT error(Name) AS d FROM customers', /cannot process/],
  [
    'a sum too large',
    'SELECT (CAST(ProductKey AS TINYINT) * 100::TINYINT) AS n FROM products',
    /grows too large/,
  ],
  ['several statements', 'SELECT 1; SELECT 2', /must be one SELECT/],
  ['nothing', ' -- nothing\n;', /query is empty/],
  ['a parameter', 'SELECT $1 AS x', /has parameters/],
  ['two columns with the same name', 'SELECT 1 AS x, 2 AS X', /Two columns.*named X/],
  ['bytes', "SELECT 'a'::BLOB AS b", /The column b .* holds bytes/],
  ['an extension', "SELECT * FROM sqlite_scan('a', 'b')", /extensions are not available/],
  ['an extra bracket', "SELECT 1) TO '/tmp/x.csv' --", /syntax error/],
] as const) {
  test(`a query with ${name} is refused with a reason`, async (context) => {
    const { place, files } = shop(context);
    place.write('customers.csv', `CustomerKey,Name,EmailAddress\n1,${secret},a@x.org\n`);
    await assert.rejects(place.importDefined({ kind: 'query', files, sql }), refusal(words));
  });
}

for (const sql of [
  "ATTACH 'x.db'",
  "COPY sales TO '/tmp/usher-out.csv'",
  'PRAGMA database_list',
  "SET memory_limit = '100GB'",
  'INSTALL httpfs',
  'LOAD httpfs',
  'CREATE TABLE x AS SELECT 1',
  'INSERT INTO sales SELECT * FROM sales',
  'DROP VIEW sales',
  "EXPORT DATABASE '/tmp/usher-out'",
  'CALL pragma_version()',
  'CHECKPOINT',
  'EXPLAIN ANALYZE SELECT 1',
  'VACUUM',
  'BEGIN TRANSACTION',
  'SELECT 1 AS x; DROP VIEW sales',
]) {
  test(`a query that is not a SELECT is refused: ${sql}`, async (context) => {
    const { place, files } = shop(context);
    await assert.rejects(
      place.importDefined({ kind: 'query', files, sql }),
      refusal(/must be (?:a|one) SELECT|cannot be understood|the source does not list/),
    );
  });
}

for (const sql of [
  "SELECT * FROM read_csv('FOLDER/other.csv')",
  "SELECT * FROM 'FOLDER/other.csv'",
  "SELECT content AS x FROM read_text('FOLDER/other.csv')",
  "SELECT filename AS x FROM read_blob('FOLDER/*')",
  "SELECT * FROM glob('FOLDER/*')",
  "SELECT * FROM read_text('/proc/self/environ')",
  "SELECT * FROM read_csv('FOLDER/customers.csv/../other.csv')",
  "SELECT * FROM read_csv('file://FOLDER/other.csv')",
  "SELECT * FROM read_json('https://example.org/x.json')",
  "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
  "SELECT * FROM parquet_metadata('FOLDER/other.parquet')",
  "SELECT * FROM sniff_csv('FOLDER/other.csv')",
  "SELECT * FROM query('SELECT * FROM read_text(''FOLDER/other.csv'')')",
  "SELECT getenv('HOME') AS home",
]) {
  test(`a query sees nothing but its named files: ${sql}`, async (context) => {
    const { place, files } = shop(context);
    place.write('other.csv', `a,b\n${secret},1\n`);
    const there = sql.replaceAll('FOLDER', place.folder);
    await assert.rejects(
      place.importDefined({ kind: 'query', files, sql: there }),
      refusal(/the source does not list|cannot be understood|cannot process/),
    );
  });
}

for (const [name, words] of [
  ['Sales', /Sales is not a valid table name/],
  ['1st', /1st is not a valid table name/],
  ['select', /select is a reserved word of SQL/],
  ['a"; DROP', /is not a valid table name/],
  ['products', /Two tables of the query are named products/],
] as const) {
  test(`a table cannot be called ${name}`, async (context) => {
    const { place, files } = shop(context);
    const more: Files = [...files, [name, [join(place.folder, 'products.csv')]]];
    await assert.rejects(
      place.importDefined({ kind: 'query', files: more, sql: 'SELECT 1 AS x' }),
      refusal(words),
    );
  });
}

test('a query over a broken row fails, and the message names the file and the row', async (context) => {
  const { place, files } = shop(context);
  place.write(
    'sales_2019.csv',
    `OrderDate,OrderNumber,ProductKey,CustomerKey,OrderQuantity\n1/1/2019,SO2,1,10,1\n${secret}\n`,
  );
  await assert.rejects(
    place.importDefined({ kind: 'query', files, sql: perCustomer }),
    refusal(/Row 2 of sales_2019\.csv has 1 cells where the header has 5/),
  );
});

test('a query over a damaged Parquet file fails, and the message names the file', async (context) => {
  const { place } = shop(context);
  place.write('x.parquet', 'PAR1 no PAR1');
  const files: Files = [['x', [join(place.folder, 'x.parquet')]]];
  await assert.rejects(
    place.importDefined({ kind: 'query', files, sql: 'SELECT * FROM x' }),
    refusal(/x\.parquet is not a Parquet file/),
  );
});

test('a query that does not end is stopped with its run', async (context) => {
  const { place, files } = shop(context);
  const abort = new AbortController();
  const running = place.importDefined(
    {
      kind: 'query',
      files,
      sql: 'SELECT count(*) AS n FROM range(10000000000) a, range(10000000000) b WHERE a.range % 7 = b.range % 11',
    },
    { interrupted: abort.signal },
  );
  const stopping = setTimeout(() => abort.abort(), 300);
  await assert.rejects(running, (error: Error) => error.name === 'AbortError');
  clearTimeout(stopping);
});

test('a query that needs too much memory is refused, and the process goes on', async (context) => {
  const { place, files } = shop(context);
  const sql = `SELECT list(a.range || 'x' || repeat('y', 1000)) AS l FROM range(3000000) a`;
  await assert.rejects(
    place.importDefined({ kind: 'query', files, sql }),
    refusal(/needs more memory/),
  );
});

test('only the result rows since the watermark are read', async (context) => {
  const { place, files } = shop(context);
  const sql = `SELECT email, max(day) AS day FROM (SELECT c.EmailAddress AS email, strptime(OrderDate, '%m/%d/%Y') AS day
    FROM sales JOIN customers c USING (CustomerKey)) GROUP BY email`;
  const first = await place.importDefined(
    { kind: 'query', files, sql },
    { watermark: { column: 'day', from: null } },
  );
  assert.match(String(first.watermark), /^time:2019-05-14/);
  const second = await place.importDefined(
    { kind: 'query', files, sql },
    { watermark: { column: 'day', from: first.watermark } },
  );
  assert.equal(second.report.rowsRead, 1);
});

test('a name like a glob in a query means that file', async (context) => {
  const place = new ImportPlace(context);
  mkdirSync(join(place.folder, 'in[1]'));
  const path = join(place.folder, 'in[1]', 'a*.csv');
  writeFileSync(path, 'email,name\na@x.org,Ann\n');
  place.write('in[1]/ab.csv', 'email,name\nb@x.org,Bob\n');
  const { report } = await place.importDefined({
    kind: 'query',
    files: [['people', [path]]],
    sql: 'FROM people',
  });
  assert.equal(report.added, 1);
});
