/** A dataset's rows are kept by their keys, which decide what is the same row and what is gone. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { updateIdentityType } from '../../src/administration/identity-settings.ts';
import { createIdentityType } from '../../src/administration/identity-types.ts';
import { updateOrganization } from '../../src/administration/organizations.ts';
import type { DatasetDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { SyncPlace } from './sync-place.ts';

const identifiers = [
  { identityType: 'email', column: 'email' },
  { identityType: 'customer_no', column: 'no' },
];

async function inPlace(
  context: TestContext,
  { isStable, ...definition }: Partial<DatasetDefinition> & { readonly isStable: boolean },
) {
  const place = new SyncPlace(context);
  await place.administrate((administration) =>
    createIdentityType(administration, 1, { name: 'customer_no' }),
  );
  if (isStable) await makeStable(place);
  const write = await place.defineCsv(
    'crm',
    { name: 'string', age: 'integer' },
    { identifiers, maxChangeShare: 1, maxRejectedShare: 1, ...definition },
  );
  const sync = async (...rows: readonly string[]) => {
    write(`email,no,name,age\n${rows.join('\n')}\n`);
    const { added, changed, unchanged, cleared, rejected } = await place.sync('crm');
    return { added, changed, unchanged, cleared, rejected };
  };
  const nameOf = async (identity: string) => (await place.find(identity))?.['name'];
  return { place, sync, nameOf };
}

const none = { added: 0, changed: 0, unchanged: 0, cleared: 0, rejected: 0 };

test('the stable identity says which row it is, wherever its column stands', async (context) => {
  const { place, sync, nameOf } = await inPlace(context, { isStable: true });
  assert.equal((await sync('a@x.org,1,Ann,1', 'b@x.org,2,Bob,2')).added, 2);
  assert.deepEqual(await sync('new@x.org,1,Ann,1', 'b@x.org,2,Bob,2'), {
    ...none,
    ...{ changed: 1, unchanged: 1 },
  });
  assert.equal(await nameOf('email:new@x.org'), 'Ann');
  assert.equal(await place.find('email:a@x.org'), undefined);
});

test('without a stable type the first identifier of the definition says which row it is', async (context) => {
  const { place, sync, nameOf } = await inPlace(context, { isStable: false });
  await sync('a@x.org,1,Ann,1', ',2,Bob,2');
  assert.deepEqual(await sync('new@x.org,1,Ann,1', ',2,Bob,2'), {
    ...none,
    ...{ added: 1, unchanged: 1, cleared: 1 },
  });
  assert.equal(await nameOf('customer_no:1'), 'Ann');
  assert.equal(await place.find('email:a@x.org'), undefined);
});

// Holds the invariant key-decides of sync/SPEC.md.
test('rows that share an identity are different rows, unless it is their key', async (context) => {
  const { sync, nameOf } = await inPlace(context, { isStable: true });
  const first = await sync('f@x.org,1,Dad,1', 'f@x.org,2,Mum,2', 'g@x.org,2,Mother,3');
  assert.deepEqual(first, { ...none, added: 2, rejected: 1 });
  assert.equal(await nameOf('customer_no:1'), 'Dad');
  assert.equal(await nameOf('customer_no:2'), 'Mother');
  assert.equal(await nameOf('email:f@x.org'), 'Dad');
  assert.equal(await nameOf('email:g@x.org'), 'Mother');
});

for (const withBaseline of [true, false]) {
  const how = withBaseline ? 'compared' : 'without a baseline';
  const forget = async (place: SyncPlace) => {
    if (!withBaseline) await rm(join(place.dataFolder, 'snapshots'), { recursive: true });
  };

  test(`rows whose key is gone are cleared, even if another row has their other identity (${how})`, async (context) => {
    const { place, sync, nameOf } = await inPlace(context, { isStable: true, mode: 'snapshot' });
    await sync('a@x.org,1,Ann,1', 'b@x.org,2,Bob,2');
    await forget(place);
    assert.deepEqual(await sync('a@x.org,3,Cem,3', 'b@x.org,2,Bob,2'), {
      ...none,
      ...{ added: 1, unchanged: 1, cleared: 1 },
    });
    assert.equal(await place.find('customer_no:1'), undefined);
    assert.equal(await nameOf('email:a@x.org'), 'Cem');
  });

  // Holds the invariant rejected-is-not-gone of sync/SPEC.md.
  test(`a rejected row counts by its key, or else by any identity that can be read (${how})`, async (context) => {
    const { place, sync, nameOf } = await inPlace(context, { isStable: true, mode: 'snapshot' });
    await sync('a@x.org,1,Ann,1', 'b@x.org,2,Bob,2', 'c@x.org,3,Cem,3', 'd@x.org,4,Dee,4');
    await forget(place);
    // A control character makes a number invalid.
    const rows = ['new@x.org,1,Ann,old', 'b@x.org,2\u0001,Bob,2', 'c@x.org,5,Cem,old'];
    assert.deepEqual(await sync(...rows, 'e@x.org,6,Eve,6'), {
      ...none,
      ...{ added: 1, cleared: 2, rejected: 3 },
    });
    assert.equal(await nameOf('customer_no:1'), 'Ann');
    assert.equal(await nameOf('email:a@x.org'), 'Ann');
    assert.equal(await nameOf('customer_no:2'), 'Bob');
    // The readable key of the third row is not that of the row with its address.
    assert.equal(await place.find('customer_no:3'), undefined);
    assert.equal(await place.find('customer_no:4'), undefined);
    // The rows that were rejected are cleared once they are gone.
    assert.equal((await sync('e@x.org,6,Eve,6', ',7,Gil,7')).cleared, 2);
    assert.equal(await place.find('customer_no:2'), undefined);
  });
}

// Holds the invariant baseline-is-of-its-rules of sync/SPEC.md.
test('the baseline is void once the identity rules or the stable type change', async (context) => {
  const { place, sync } = await inPlace(context, { isStable: false, mode: 'snapshot' });
  const rows = ['a@x.org,1,Ann,1', 'b@x.org,2,Bob,2'];
  const unchanged = { ...none, unchanged: 2 };
  await sync(...rows);
  let baselines = baselinesOf(place);
  const requireNew = async (isNew: boolean, what: string) => {
    assert.deepEqual(await sync(...rows), unchanged, what);
    const now = baselinesOf(place);
    assert.equal(now.join() !== baselines.join(), isNew, what);
    baselines = now;
  };
  await requireNew(false, 'nothing changed');
  await place.administrate((administration) =>
    updateIdentityType(administration, 1, { name: 'email', settings: { joins: false } }),
  );
  await requireNew(true, 'the address no longer joins');
  await place.administrate((administration) =>
    updateOrganization(administration, 1, { settings: { trust: ['crm'] } }),
  );
  await requireNew(true, 'the order of trust changed');
  await makeStable(place);
  // The numbers are the keys now, so these are other rows.
  assert.deepEqual(await sync(...rows), { ...none, added: 2, cleared: 2 });
  baselines = baselinesOf(place);
  await requireNew(false, 'nothing changed again');
});

async function makeStable(place: SyncPlace): Promise<void> {
  await place.administrate((administration) =>
    updateIdentityType(administration, 1, { name: 'customer_no', settings: { isStable: true } }),
  );
}

function baselinesOf(place: SyncPlace): readonly string[] {
  return readdirSync(join(place.dataFolder, 'snapshots', '1', '1'));
}

test('in a large file the last row of a key counts, and rejected rows have their numbers', async (context) => {
  const { place, nameOf, sync } = await inPlace(context, { isStable: true });
  // The engine reads pieces of 2 MB at the same time.
  const rows = Array.from({ length: 40_000 }, (_, i) => {
    const name = `${i}${'x'.repeat(100)}`;
    return `p${i}@x.org,${i % 1_000 === 0 ? 7 : i + 1_000_000},${name},${i % 900 === 5 ? 'old' : i}`;
  });
  const { rejected } = await sync(...rows);
  const wrong = rows.flatMap((row, i) => (row.endsWith(',old') ? [i + 1] : []));
  const repeated = rows.flatMap((_, i) => (i % 1_000 === 0 && i < 39_000 ? [i + 1] : []));
  assert.equal(rejected, wrong.length + repeated.length);
  const [run] = readdirSync(join(place.dataFolder, 'runs'));
  const listed = readFileSync(join(place.dataFolder, 'runs', run ?? '', 'rejections.csv'), 'utf8');
  const numbers = [...listed.matchAll(/^(\d+),/gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers.toSorted((a, b) => a - b),
    [...wrong, ...repeated].sort((a, b) => a - b),
  );
  assert.match(String(await nameOf('customer_no:7')), /^39000x/);
});
