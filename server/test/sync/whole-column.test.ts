/**
 * The type of a column holds for the whole column: a value after the sampled rows loses nothing.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { typeSampleRows } from '../../src/sync/limits.ts';
import { ImportPlace } from './import-place.ts';
import { requireKept } from './kept-value.ts';

const rowCount = typeSampleRows + 60;

/**
 * A CSV file with one column for each pair. The last row has the odd cells, every other row has the
 * usual ones.
 */
function fileOf(columns: readonly (readonly [(row: number) => string, string])[]): string {
  const header = ['email', ...columns.map((_, place) => `x${place}y`)].join(';');
  const lines = Array.from({ length: rowCount }, (_, row) => {
    const cells = columns.map(([usual, odd]) => (row === rowCount - 1 ? odd : usual(row)));
    return [`p${row}@x.org`, ...cells.map((cell) => `"${cell}"`)].join(';');
  });
  return `${header}\n${lines.join('\n')}\n`;
}

const count = (row: number) => String(1_000 + row);
const amount = (row: number) => `$${row}.50`;
const day = (row: number) => `0${(row % 9) + 1}/0${(row % 8) + 1}/2024`;

/** For each odd cell: the type that it gives the column, and its stored value. */
const behind: readonly (readonly [string, (row: number) => string, string, string, unknown])[] = [
  ['leading zeros', count, '0042', 'string', '0042'],
  ['a leading plus', count, '+4930123', 'string', '+4930123'],
  ['an exponent', count, '12E34', 'string', '12E34'],
  ['brackets', count, '(555)', 'string', '(555)'],
  ['more than 15 digits', count, '9007199254740993', 'big integer', '9007199254740993'],
  ['many digits and a fraction', count, '9007199254740993.5', 'string', '9007199254740993.5'],
  ['a fraction', count, '0.25', 'float', 0.25],
  ['a fraction of many digits', count, '0.1234567890123456789', 'string', '0.1234567890123456789'],
  ['a decimal comma', count, '7,5', 'float', 7.5],
  ['thousands', count, '1,234,567', 'integer', 1_234_567],
  ['a number with an ambiguous separator', count, '1,234', 'integer', 1234],
  [
    'digits that a double cannot hold',
    (row) => `${row}.5`,
    '1.00000000000000000001',
    'string',
    '1.00000000000000000001',
  ],
  ['an amount with leading zeros', amount, '$007.50', 'string', '$007.50'],
  ['an amount with a decimal comma only', (row) => `$${row + 1_000}`, '$12,5', 'currency', 12.5],
  ['a percentage with leading zeros', (row) => `${row}%`, '05%', 'string', '05%'],
  [
    'a big integer with leading zeros',
    (row) => `123456789012345${row + 1_000}`,
    '0042',
    'string',
    '0042',
  ],
  ['a day above 12', day, '25/01/2024', 'date', '2024-01-25'],
  ['a date with numbers', (row) => `2024-01-0${(row % 9) + 1}`, '03/04/2024', 'date', '2024-03-04'],
];

test('a value after the sampled rows gives its column a type that keeps it, for every type', async (context) => {
  const place = new ImportPlace(context);
  const text = fileOf(behind.map(([, usual, odd]) => [usual, odd]));
  const { report, plan } = await place.import(place.write('people.csv', text));
  assert.equal(report.rejected, 0, JSON.stringify(report.first));
  const last = await place.find(`email:p${rowCount - 1}@x.org`);
  const first = await place.find('email:p0@x.org');
  for (const [at, [name, usual, , type, value]] of behind.entries()) {
    const { format } = plan.columns[at + 1] ?? assert.fail();
    assert.equal(format.type, type, name);
    assert.equal(last?.[`x${at}y`], value, name);
    assert.equal(format.options.undecided, undefined);
    requireKept(format, usual(0), first?.[`x${at}y`]);
  }
});

test('an assumption about a value after the sampled rows is reported', async (context) => {
  const place = new ImportPlace(context);
  const text = fileOf([
    [count, '1,234'],
    [(row) => `2024-01-0${(row % 9) + 1}`, '03/04/2024'],
  ]);
  const { plan } = await place.import(place.write('people.csv', text));
  assert.match(plan.columns[1]?.format.note ?? '', /as in en-US: 1,234 is read as 1234/);
  assert.match(plan.columns[2]?.format.note ?? '', /month-first, as en-US writes it/);
});

test('a later file loses nothing in an inferred field: the row is rejected', async (context) => {
  const place = new ImportPlace(context);
  const rows = ['a@x.org,1000,5', 'b@x.org,1001,6'];
  await place.import(place.write('people.csv', `email,store,age\n${rows.join('\n')}\n`), {
    types: new Map([['age', 'integer']]),
  });
  const { rejections } = await place.import(
    place.write('people.csv', 'email,store,age\na@x.org,0042,007\nb@x.org,1002,+8\n'),
  );
  assert.deepEqual(rejections, [
    '1,store,value_invalid,"has zeros in front, which the type integer does not keep"',
  ]);
  assert.equal((await place.find('email:a@x.org'))?.['store'], 1000);
  // As documented for a declared type.
  assert.equal((await place.find('email:b@x.org'))?.['age'], 8);
});

test('a declared column is parsed by what the whole column shows, and keeps its declared type', async (context) => {
  const place = new ImportPlace(context);
  const text = fileOf([
    [count, '1.234,50'],
    [count, '1.234,50'],
    [(row) => `2024-01-0${(row % 9) + 1}`, '25/04/2024'],
  ]);
  const { report, plan } = await place.import(place.write('people.csv', text), {
    types: new Map([
      ['x0y', 'float'],
      ['x1y', 'float:decimal-point'],
      ['x2y', 'date'],
    ]),
  });
  assert.deepEqual(
    plan.columns.slice(1).map(({ format }) => format.options),
    [
      { timeZone: 'Z', decimalComma: true },
      { timeZone: 'Z', decimalComma: false },
      { timeZone: 'Z', dateOrder: 'day-first' },
    ],
  );
  assert.deepEqual([report.added, report.rejected], [rowCount - 1, 1]);
});

test('few values decide a column that is mostly empty', async (context) => {
  const place = new ImportPlace(context);
  const rows = Array.from({ length: 6_000 }, (_, row) => {
    const code = row % 50 === 0 ? (row < typeSampleRows ? String(row) : `K${row}`) : '';
    return `p${row}@x.org,${code}`;
  });
  const { report, plan } = await place.import(
    place.write('people.csv', `email,code\n${rows.join('\n')}\n`),
  );
  assert.deepEqual([plan.columns[1]?.format.type, report.rejected], ['string', 0]);
});

const usualKinds: readonly ((row: number) => string)[] = [
  count,
  amount,
  day,
  (row) => `${row}.${row % 7}5`,
  (row) => `${row % 1_000},5`,
  (row) => `1.${String(row % 1_000).padStart(3, '0')}`,
  (row) => `${row % 100}%`,
  (row) => (row % 3 === 0 ? 'yes' : 'no'),
  (row) => `123456789012345${row}`,
  (row) => `tag${row % 3}|tag${row % 5}`,
  (row) => (row % 10 === 0 ? String(row) : ''),
];
const digits = fc.stringMatching(/^[0-9]{1,24}$/);
const oddCell = fc.oneof(
  digits,
  digits.map((text) => `0${text}`),
  digits.map((text) => `+${text}`),
  fc.tuple(digits, digits).map((parts) => parts.join('.')),
  fc.tuple(digits, digits).map((parts) => parts.join(',')),
  fc.tuple(digits, fc.integer({ min: 0, max: 40 })).map((parts) => parts.join('E')),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
  fc.bigInt({ min: 0n, max: 2n ** 60n }).map((number) => number.toLocaleString('en-US')),
  fc.bigInt({ min: 0n, max: 2n ** 60n }).map((number) => `€${number.toLocaleString('de-DE')}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom(
    '-0',
    '.5',
    '5.',
    '-0042',
    '(12)',
    '12-',
    '1e5',
    '1,00,000',
    '12 345',
    'NULL',
    '-',
  ),
  fc.constantFrom(
    '25/12/1999',
    '12/25/1999',
    '1999-12-25',
    'Y',
    'NO',
    'on',
    '[1,2]',
    '$(5)',
    '007%',
  ),
);

test('the stored value means the same as its cell, or the row is rejected, wherever the odd cell is', async (context) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...usualKinds), oddCell), { minLength: 30, maxLength: 30 }),
      async (columns) => {
        const place = new ImportPlace(context);
        const { plan, report } = await place.import(place.write('people.csv', fileOf(columns)));
        const last = await place.find(`email:p${rowCount - 1}@x.org`);
        if (last === undefined) {
          assert.equal(report.rejected, 1);
          return;
        }
        const first = await place.find('email:p0@x.org');
        for (const [at, [usual, odd]] of columns.entries()) {
          const { format } = plan.columns[at + 1] ?? assert.fail();
          requireKept(format, odd, last[`x${at}y`]);
          requireKept(format, usual(0), first?.[`x${at}y`]);
        }
      },
    ),
    { numRuns: 2 },
  );
});

test('doubles of Parquet stay doubles, and digits that a double cannot hold make a column text', async (context) => {
  const place = new ImportPlace(context);
  const path = join(place.folder, 'people.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT 'p' || n || '@x.org' AS email, CASE n WHEN 3000 THEN 1e-7 ELSE n END::DOUBLE AS share,
    CASE n WHEN 3000 THEN 0.12345678901234567891 ELSE 1.5 END::DECIMAL(38, 20) AS exact, (1180591620717411303424::DECIMAL(38, 0) + n)::DECIMAL(38, 0) AS big
    FROM range(3001) AS t(n)) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  await place.import(path);
  assert.deepEqual(await place.find('email:p3000@x.org'), {
    email: 'p3000@x.org',
    share: 1e-7,
    exact: '0.12345678901234567891',
    big: '1180591620717411306424',
  });
});

test('integer fields whose names show that they are not counts have no implied 0', async (context) => {
  const place = new ImportPlace(context);
  const names = [
    'customer_id',
    'OrderNo',
    'item_number',
    'StoreKey',
    'userid',
    'birth_year',
    'country_code',
  ];
  const counts = ['total_orders', 'number', 'paid', 'children', 'grid'];
  const all = [...names, ...counts];
  const text = `email,${all.join(',')}\na@x.org,${all.map(() => '1').join(',')}\n`;
  await place.import(place.write('people.csv', text));
  const administration = await place.administration();
  const fields = await administration.catalog.read((view) => view.listFields(1));
  await administration.catalog.close();
  const implied = fields
    .filter(({ impliedValue }) => impliedValue === 'null')
    .map(({ description }) => description);
  assert.deepEqual(
    implied,
    names.map((name) => `Column ${name} of the import.`),
  );
});
