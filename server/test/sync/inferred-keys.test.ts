/** An import of a new dataset takes a number of the person as the key of rows, if there is one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createIdentityType } from '../../src/administration/identity-types.ts';
import { maxIdentityTypesPerOrganization } from '../../src/domain/limits.ts';
import { isPersonIdName } from '../../src/sync/infer/column-name.ts';
import { ImportPlace } from './import-place.ts';

const two = 'email,CustomerNo,name\na@x.org,K-1,Ann\nb@x.org,K-2,Bob\n';

function keysOf({ plan }: Awaited<ReturnType<ImportPlace['import']>>): string {
  return plan.identifiers
    .map(({ column, identityType }) => `${identityType.name}=${column}`)
    .join();
}

test('a customer number comes first among the identifiers, under a new identity type', async (context) => {
  const place = new ImportPlace(context);
  const first = await place.import(place.write('people.csv', two), { mode: 'snapshot' });
  assert.equal(keysOf(first), 'customer_no=CustomerNo,email=email');
  assert.deepEqual(first.plan.inferredKey, { column: 'CustomerNo', isNewType: true });
  assert.deepEqual([first.report.added, first.report.rejected], [2, 0]);
  assert.equal((await place.find('customer_no:K-1'))?.['name'], 'Ann');
  assert.equal((await place.find('email:a@x.org'))?.['name'], 'Ann');
  // The address changes, and the row stays the same row.
  const changed = two.replace('a@x.org', 'ann@x.org');
  const { report, plan } = await place.import(place.write('people.csv', changed), {
    mode: 'snapshot',
  });
  assert.equal(plan.inferredKey, undefined, 'the dataset is defined');
  assert.deepEqual([report.added, report.changed, report.unchanged, report.cleared], [0, 1, 1, 0]);
  assert.equal((await place.find('email:ann@x.org'))?.['name'], 'Ann');
  assert.equal(await place.find('email:a@x.org'), undefined);
  const administration = await place.administration();
  const entries = await administration.catalog.read((view) => view.listAudit(1, { limit: 9 }));
  await administration.catalog.close();
  assert.deepEqual(
    entries
      .map(({ action, target }) => `${action} ${target}`)
      .toReversed()
      .slice(-2),
    ['identity_type.create customer_no', 'dataset.create people'],
  );
});

test('a file with the same numbers under a known identity type uses that type', async (context) => {
  const place = new ImportPlace(context);
  await withType(place, { name: 'customer_no', normalisation: 'exact' });
  const found = await place.import(place.write('people.csv', two));
  assert.equal(keysOf(found), 'customer_no=CustomerNo,email=email');
  assert.equal(found.plan.inferredKey?.isNewType, false);
  const other = new ImportPlace(context);
  await withType(other, { name: 'customer_no', normalisation: 'phone' });
  assert.equal(keysOf(await other.import(other.write('people.csv', two))), 'email=email');
});

const otherFiles: readonly (readonly [why: string, file: string])[] = [
  ['a value is empty', two.replace('K-2', '')],
  ['a value is repeated', two.replace('K-2', 'K-1')],
  ['a value is blocked', two.replace('K-2', 'guest')],
  ['values have blanks', two.replace('K-2', 'K 2')],
  ['no value has a digit', two.replace('K-1', 'ann').replace('K-2', 'bob')],
  ['the column counts the rows', two.replace('CustomerNo', 'id')],
];

for (const [why, file] of otherFiles) {
  test(`a column is not taken as a key if ${why}`, async (context) => {
    const place = new ImportPlace(context);
    const found = await place.import(place.write('people.csv', file));
    assert.equal(keysOf(found), 'email=email');
    assert.equal(found.plan.inferredKey, undefined);
  });
}

test('identifiers that a person names are taken as they are', async (context) => {
  const place = new ImportPlace(context);
  const identifiers = [{ type: 'email', column: 'email' }];
  assert.equal(
    keysOf(await place.import(place.write('people.csv', two), { identifiers })),
    'email=email',
  );
});

test('an organization with as many identity types as it may have gets no other one', async (context) => {
  const place = new ImportPlace(context);
  const administration = await place.administration();
  for (let count = 4; count < maxIdentityTypesPerOrganization; count += 1) {
    await createIdentityType(administration, 1, { name: `type${count}` });
  }
  await administration.catalog.close();
  assert.equal(keysOf(await place.import(place.write('people.csv', two))), 'email=email');
});

test('a first import says how many addresses are shared', async (context) => {
  const place = new ImportPlace(context);
  const rows = [
    'f@x.org,K-3,Dad',
    'F@x.org,K-4,Mum',
    'g@x.org,K-5,Gil',
    'g@x.org,K-6,Hal',
    ',K-7,Ida',
  ];
  const { notes, report } = await place.import(
    place.write('people.csv', `${two}${rows.join('\n')}\n`),
  );
  assert.deepEqual(notes, [
    '2 values of email in 2 or more rows with different keys: such a value finds nobody, or joins the rows (docs/identities.md)',
  ]);
  assert.deepEqual([report.added, report.rejected], [7, 0]);
  assert.equal(await place.find('email:f@x.org'), undefined);
  assert.equal((await place.find('customer_no:K-4'))?.['name'], 'Mum');
});

test('rows are rejected by a new key as by a known one', async (context) => {
  const place = new ImportPlace(context);
  const rows = Array.from({ length: 2_100 }, (_, at) => `p${at}@x.org,${at + 1},P`);
  rows.push('late@x.org,7,Late', 'bad@x.org,9\u0001,Bad');
  const file = `email,user_id,name\n${rows.join('\n')}\n`;
  const { report, rejections } = await place.import(place.write('people.csv', file));
  assert.deepEqual(report.counts, { identity_invalid: 1, identity_repeated: 1 });
  assert.deepEqual(rejections, [
    '7,,identity_repeated,"has the same key as a later row, which counts"',
    '2102,user_id,identity_invalid,has a control character',
  ]);
  assert.equal((await place.find('user_id:7'))?.['name'], 'Late');
  assert.ok(report.rejectionsPath !== null && readFileSync(report.rejectionsPath).length > 0);
});

test('names of the numbers of people are told from other numbers', () => {
  const names = ['CustomerKey', 'customer_id', 'user id', 'KundenNr', 'MemberNumber', 'ContactID'];
  for (const name of names) assert.ok(isPersonIdName(name), name);
  const others = ['id', 'order_id', 'ContactNo', 'user', 'customer_type_code', 'UserName', 'zip'];
  for (const name of others) assert.ok(!isPersonIdName(name), name);
});

async function withType(
  place: ImportPlace,
  type: { readonly name: string; readonly normalisation: string },
): Promise<void> {
  const administration = await place.administration();
  await createIdentityType(administration, 1, type);
  await administration.catalog.close();
}
