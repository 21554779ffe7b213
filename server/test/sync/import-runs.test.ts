/**
 * What imports change in existing data: nothing twice, only what differs, clearing only in mode
 * snapshot, and one owner for each field.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { updateIdentityType } from '../../src/administration/identity-settings.ts';
import { createIdentityType } from '../../src/administration/identity-types.ts';
import { refusal } from '../domain/refusal.ts';
import { ImportPlace } from './import-place.ts';

const three = 'email,name,age\na@x.org,Ann,1\nb@x.org,Bob,2\nc@x.org,Cy,3\n';

// Holds the invariant same-source-is-silent of sync/SPEC.md.
test('the same file again changes nothing, and no row is sent to the store', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write('people.csv', three);
  await place.import(path);
  const digest = await place.contentDigest();
  const { report } = await place.import(path);
  assert.deepEqual([report.added, report.changed, report.unchanged], [0, 0, 3]);
  assert.equal(await place.contentDigest(), digest);
});

test('one changed row is one change', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  const { report } = await place.import(place.write('people.csv', three.replace('Bob', 'Bo')));
  assert.deepEqual([report.added, report.changed, report.unchanged], [0, 1, 2]);
  assert.equal((await place.find('email:b@x.org'))?.['name'], 'Bo');
});

// Holds the invariant baseline-is-dispensable of sync/SPEC.md.
test('a dataset without its baseline is imported in full, with the same result', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write('people.csv', three);
  await place.import(path);
  const digest = await place.contentDigest();
  await rm(join(place.dataFolder, 'snapshots'), { recursive: true });
  const { report } = await place.import(path);
  assert.deepEqual([report.added, report.changed, report.unchanged], [0, 0, 3]);
  assert.equal(await place.contentDigest(), digest);
});

test('an empty cell clears its field, and a missing column keeps it', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  await place.import(place.write('people.csv', 'email,name\na@x.org,\n'));
  assert.deepEqual(await place.find('email:a@x.org'), { email: 'a@x.org', age: 1 });
  assert.deepEqual(await place.find('email:b@x.org'), { email: 'b@x.org', name: 'Bob', age: 2 });
});

test('a file without a column, then the old file again, brings the old values back', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  await place.import(place.write('less.csv', 'email,name\na@x.org,Anna\n'));
  await place.import(place.write('people.csv', three));
  assert.deepEqual(await place.find('email:a@x.org'), { email: 'a@x.org', name: 'Ann', age: 1 });
});

test('in mode append missing rows clear nothing', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  const { report } = await place.import(
    place.write('people.csv', 'email,name,age\nd@x.org,Di,4\n'),
  );
  assert.deepEqual([report.added, report.cleared], [1, 0]);
  assert.equal((await place.find('email:a@x.org'))?.['name'], 'Ann');
  const again = await place.import(place.write('people.csv', three));
  assert.deepEqual([again.report.changed, again.report.unchanged], [0, 3]);
});

for (const withBaseline of [true, false]) {
  test(`in mode snapshot rows that are gone are cleared (${withBaseline ? 'compared' : 'without a baseline'})`, async (context) => {
    const place = new ImportPlace(context);
    await place.import(place.write('people.csv', three));
    if (!withBaseline) await rm(join(place.dataFolder, 'snapshots'), { recursive: true });
    const less = place.write('people.csv', three.replace('b@x.org,Bob,2\n', ''));
    const { report } = await place.import(less, { mode: 'snapshot' });
    assert.deepEqual([report.added, report.changed, report.cleared], [0, 0, 1]);
    assert.equal(await place.find('email:b@x.org'), undefined);
    assert.equal((await place.find('email:a@x.org'))?.['name'], 'Ann');
    const back = await place.import(place.write('people.csv', three), { mode: 'snapshot' });
    assert.deepEqual([back.report.cleared, back.report.unchanged], [0, 2]);
    assert.equal((await place.find('email:b@x.org'))?.['name'], 'Bob');
  });
}

for (const isKnown of [true, false]) {
  test(`after an interrupted import each snapshot clears the rows that are gone (the baseline ${isKnown ? 'has' : 'lacks'} the first of them)`, async (context) => {
    const place = new ImportPlace(context);
    const [header, ann, bob] = three.split('\n');
    const fileOf = (...rows: unknown[]) =>
      place.write('people.csv', [header, ...rows, ''].join('\n'));
    place.isInterrupting = true;
    await assert.rejects(place.import(fileOf(ann, bob)));
    place.isInterrupting = false;
    // It cannot know whether the store has other rows, so its baseline is not complete.
    await place.import(isKnown ? fileOf(ann, bob) : fileOf(ann));
    const snapshot = { mode: 'snapshot' as const };
    const first = await place.import(fileOf(ann), snapshot);
    assert.deepEqual([first.report.cleared, first.report.unchanged], [1, 1]);
    assert.equal(await place.find('email:b@x.org'), undefined);
    const second = await place.import(fileOf(bob), snapshot);
    assert.deepEqual([second.report.cleared, second.report.added], [1, 1]);
    assert.equal(await place.find('email:a@x.org'), undefined);
    assert.equal((await place.find('email:b@x.org'))?.['name'], 'Bob');
  });
}

test('in mode snapshot a contact is not cleared if its row is rejected', async (context) => {
  const place = new ImportPlace(context);
  const types = new Map([['age', 'integer']]);
  const asked = { types, mode: 'snapshot' as const };
  await place.import(place.write('people.csv', 'email,age\na@x.org,1\nb@x.org,2\n'), asked);
  const next = 'email,age\na@x.org,old\nc@x.org,3\n';
  const { report } = await place.import(place.write('people.csv', next), asked);
  assert.deepEqual([report.cleared, report.rejected, report.added], [1, 1, 1]);
  assert.equal((await place.find('email:a@x.org'))?.['age'], 1);
  assert.equal(await place.find('email:b@x.org'), undefined);
});

// Holds the invariant unreadable-clears-nothing of sync/SPEC.md.
test('in mode snapshot nothing is cleared while rows are unreadable', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  const { report } = await place.import(
    place.write('people.csv', 'email,name,age\na@x.org,Ann,1\nb@x.org\n'),
    { mode: 'snapshot' },
  );
  assert.deepEqual([report.cleared, report.clearsWithheld], [0, true]);
  assert.equal((await place.find('email:c@x.org'))?.['name'], 'Cy');
});

test('rejected rows are tried again by the next run', async (context) => {
  const place = new ImportPlace(context);
  const types = new Map([['age', 'integer']]);
  await place.import(place.write('people.csv', three));
  await place.import(place.write('people.csv', three.replace('Bob,2', 'Bob,two')), { types });
  const { report } = await place.import(
    place.write('people.csv', three.replace('Bob,2', 'Bob,5')),
    { types },
  );
  assert.deepEqual([report.changed, report.unchanged, report.rejected], [1, 2, 0]);
  assert.equal((await place.find('email:b@x.org'))?.['age'], 5);
});

test('two datasets fill one contact, each its own fields', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  const orders = place.write('orders.csv', 'email,total\nA@X.ORG,$5.00\n');
  await assert.rejects(
    place.import(orders, { dataset: 'orders' }),
    refusal(/Another dataset fills email[\s\S]*--prefix orders_/),
  );
  await place.import(orders, { dataset: 'orders', prefix: 'orders_' });
  assert.deepEqual(await place.find('email:a@x.org'), {
    email: 'a@x.org',
    name: 'Ann',
    age: 1,
    orders_email: 'A@X.ORG',
    orders_total: 5,
  });
});

test('a file whose fields all belong to another dataset is refused with the name of that dataset', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  await assert.rejects(
    place.import(place.write('people.csv', three), { dataset: 'other' }),
    refusal(/--dataset people/),
  );
});

test('a second file adds new columns and keeps the types of the old ones', async (context) => {
  const place = new ImportPlace(context);
  await place.import(place.write('people.csv', three));
  const { report, plan } = await place.import(
    place.write('people.csv', 'email,age,city\na@x.org,x,Rome\nb@x.org,7,Oslo\n'),
  );
  assert.deepEqual(
    plan.columns.map(({ field, format }) => [field, format.type]),
    [
      ['email', 'string'],
      ['age', 'integer'],
      ['city', 'string'],
    ],
  );
  assert.deepEqual([report.changed, report.rejected], [1, 1]);
  assert.deepEqual(await place.find('email:b@x.org'), {
    email: 'b@x.org',
    name: 'Bob',
    age: 7,
    city: 'Oslo',
  });
  await assert.rejects(
    place.import(place.write('people.csv', three), { types: new Map([['age', 'string']]) }),
    refusal(/age is of type integer.*--rename age=age_2/),
  );
});

test('flags rename, skip and declare', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write('people.csv', 'Mail,Full Name,When,Secret\na@x.org,Ann,04/08/1966,s\n');
  await place.import(path, {
    renames: new Map([['Full Name', 'name']]),
    skips: ['Secret'],
    types: new Map([['when', 'date:day-first']]),
  });
  assert.deepEqual(await place.find('email:a@x.org'), {
    mail: 'a@x.org',
    name: 'Ann',
    when: '1966-08-04',
  });
  await assert.rejects(
    place.import(path, { skips: ['Nope'] }),
    refusal(/no column Nope/, 'parameter_invalid'),
  );
  await assert.rejects(
    place.import(path, { types: new Map([['when', 'moment']]) }),
    refusal(/no type moment/, 'parameter_invalid'),
  );
});

test('the whole column decides the order of day and month, even if only a late row shows it', async (context) => {
  const place = new ImportPlace(context);
  const rows = Array.from(
    { length: 3_000 },
    (_, n) => `p${n}@x.org,0${(n % 9) + 1}/08/1966,"1,00${n % 10}"`,
  );
  rows.push('late@x.org,25/12/1999,"7,5"');
  const { plan } = await place.import(
    place.write('people.csv', `email,born,sum\n${rows.join('\n')}\n`),
  );
  assert.equal(plan.columns[1]?.format.options.dateOrder, 'day-first');
  assert.equal((await place.find('email:late@x.org'))?.['born'], '1999-12-25');
  assert.equal((await place.find('email:p2@x.org'))?.['born'], '1966-08-03');
});

test('a column that turns out to be text becomes text, and the first guess loses no row', async (context) => {
  const place = new ImportPlace(context);
  const rows = Array.from({ length: 3_000 }, (_, n) => `p${n}@x.org,${n < 2_500 ? n : `K${n}`}`);
  const { report, plan } = await place.import(
    place.write('people.csv', `email,code\n${rows.join('\n')}\n`),
  );
  assert.equal(plan.columns[1]?.format.type, 'string');
  assert.deepEqual([report.added, report.rejected], [3_000, 0]);
  assert.equal((await place.find('email:p7@x.org'))?.['code'], '7');
});

test('a row that names identities of two contacts is applied to the row of its key', async (context) => {
  const place = new ImportPlace(context);
  await addUserId(place);
  const identifiers = [
    { type: 'email', column: 'email' },
    { type: 'user_id', column: 'id' },
  ];
  await place.import(place.write('people.csv', 'email,id,name\na@x.org,1,Ann\nb@x.org,2,Bob\n'), {
    identifiers,
  });
  const { report } = await place.import(
    place.write('people.csv', 'email,id,name\na@x.org,2,Who\n,1,Anna\n'),
    { identifiers },
  );
  assert.deepEqual(report.counts, {});
  assert.equal((await place.find('email:a@x.org'))?.['name'], 'Who');
  assert.equal((await place.find('user_id:1'))?.['name'], 'Anna');
  assert.equal((await place.find('email:b@x.org'))?.['name'], 'Bob');
});

test('Parquet keeps its types', async (context) => {
  const place = new ImportPlace(context);
  const path = join(place.folder, 'people.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT 'a@x.org' AS email, DATE '1966-04-08' AS born, 0.1::DOUBLE AS share, true AS ok,
    ['x','y'] AS tags, TIMESTAMPTZ '2026-11-23 05:00:00+02' AS seen, 5::BIGINT AS visits) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  await place.import(path);
  assert.deepEqual(await place.find('email:a@x.org'), {
    email: 'a@x.org',
    born: '1966-04-08',
    share: 0.1,
    ok: true,
    tags: ['x', 'y'],
    seen: '2026-11-23T03:00:00Z',
    visits: 5,
  });
});

test('a customer file with money, two date formats and mixed line ends loses nothing', async (context) => {
  const place = new ImportPlace(context);
  const lines = Array.from({ length: 500 }, (_, n) => {
    const born = n % 2 === 0 ? '04/08/1966' : '5/14/1965';
    return `${11_000 + n},MR.,${born},p${n}@adventure.example,"$${90 + (n % 9)},000 ",${n % 5},${n % 3 === 0 ? 'Y' : 'N'}`;
  });
  const text = lines.map((line, n) => line + (n % 7 === 0 ? '\n' : '\r\n')).join('');
  const path = place.write(
    'people.csv',
    `\ufeffCustomerKey,Prefix,BirthDate,EmailAddress,AnnualIncome,TotalChildren,HomeOwner\r\n${text}`,
  );
  const { report, plan } = await place.import(path);
  assert.deepEqual([report.added, report.rejected], [500, 0]);
  assert.deepEqual(
    plan.columns.map(({ field, format }) => [field, format.type]),
    [
      ['customer_key', 'integer'],
      ['prefix', 'string'],
      ['birth_date', 'date'],
      ['email_address', 'string'],
      ['annual_income', 'currency'],
      ['total_children', 'integer'],
      ['home_owner', 'boolean'],
    ],
  );
  assert.equal((await place.find('email:p0@adventure.example'))?.['birth_date'], '1966-04-08');
  assert.equal((await place.find('email:p1@adventure.example'))?.['birth_date'], '1965-05-14');
  assert.equal((await place.find('email:p1@adventure.example'))?.['annual_income'], 91_000);
});

const customers = new URL(
  '../../../../shared/data/adventureworks/AdventureWorks_Customers.csv',
  import.meta.url,
).pathname;

test('all 18,148 contacts of the AdventureWorks file are imported, if the file is present', async (context) => {
  if (!existsSync(customers)) return;
  const place = new ImportPlace(context);
  const { report } = await place.import(customers);
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [18_148, 18_148, 0]);
  const found = await place.find('email:jon24@adventure-works.com');
  assert.equal(found?.['birth_date'], '1966-04-08');
  assert.equal(found?.['annual_income'], 90_000);
  assert.equal(
    (await place.find('email:eugene10@adventure-works.com'))?.['birth_date'],
    '1965-05-14',
  );
});

// Holds the invariant baseline-is-anonymous of sync/SPEC.md.
test('neither baselines nor rejections hold an identity or a value', async (context) => {
  const place = new ImportPlace(context);
  const types = new Map([['age', 'integer']]);
  await place.import(place.write('people.csv', three.replace('Bob,2', 'Bob,canary2')), { types });
  for (const folder of ['snapshots', 'runs']) {
    for (const name of await readdir(join(place.dataFolder, folder), { recursive: true })) {
      const path = join(place.dataFolder, folder, name);
      if (!/\.(?:parquet|csv)$/.test(name)) continue;
      assert.doesNotMatch(readFileSync(path, 'latin1'), /x\.org|canary2|Bob/);
    }
  }
});

test('rows that share a blocked value stay different contacts, until it is no longer blocked', async (context) => {
  const place = new ImportPlace(context);
  await addUserId(place);
  const identifiers = [
    { type: 'email', column: 'email' },
    { type: 'user_id', column: 'id' },
  ];
  const lines = [
    'a@x.org,0,Ann',
    'b@x.org,000,Bob',
    'c@x.org,NULL,Cy',
    ',Guest,Dee',
    'test@x.org,5,Eva',
  ];
  const path = place.write('people.csv', `email,id,name\n${lines.join('\n')}\n`);
  const first = await place.import(path, { identifiers });
  assert.deepEqual([first.report.added, first.report.counts], [4, { identity_missing: 1 }]);
  assert.deepEqual(first.rejections, [
    '4,,identity_missing,has only values that are blocked because they identify nobody',
  ]);
  for (const value of ['user_id:0', 'user_id:NULL', 'email:test@x.org']) {
    assert.equal(await place.find(value), undefined, value);
  }
  assert.equal((await place.find('user_id:5'))?.['name'], 'Eva');
  const administration = await place.administration();
  await updateIdentityType(administration, 1, { name: 'user_id', settings: { blocked: ['5'] } });
  await administration.catalog.close();
  const { report } = await place.import(path, { identifiers });
  assert.deepEqual([report.added, report.counts], [1, { identity_missing: 1 }]);
  assert.equal((await place.find('user_id:Guest'))?.['name'], 'Dee');
  assert.equal((await place.find('user_id:000'))?.['name'], 'Bob');
});

async function addUserId(place: ImportPlace): Promise<void> {
  const administration = await place.administration();
  await createIdentityType(administration, 1, { name: 'user_id', normalisation: 'exact' });
  await administration.catalog.close();
}
