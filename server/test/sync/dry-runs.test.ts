/** A dry run says what the run then counts. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SyncPlace } from './sync-place.ts';

const identifiers = [
  { identityType: 'user_id', column: 'id' },
  { identityType: 'email', column: 'email' },
];
const before = ['1,a@x.org,Ann,Ulm', '2,b@x.org,Bob,', '3,c@x.org,Cem,Rom', '4,d@x.org,Dan,Rom'];
const after = [
  // Another address; also a new value; a value that changes; one that goes, with another address.
  ...['1,aa@x.org,Ann,Ulm', '2,b@x.org,Bob,Bonn', '3,c@x.org,Cem,Bern', '4,dd@x.org,Dan,'],
  // New rows: of a contact that the other dataset knows, and of nobody.
  ...['5,known@x.org,Eva,Rom', '6,f@x.org,Fay,Rom'],
];

for (const has of ['a baseline', 'no baseline'] as const) {
  test(`with ${has}, a dry run counts the rows that the run counts`, async (context) => {
    const place = new SyncPlace(context);
    const write = await place.defineCsv(
      'crm',
      { name: 'string', city: 'string' },
      { identifiers, maxChangeShare: 1, maxJoinedShare: 1 },
    );
    const writeOther = await place.defineCsv('shop', { shop: 'string' });
    writeOther('email,shop\nknown@x.org,Z\n');
    await place.sync('shop');
    const rows = (some: readonly string[]) => `id,email,name,city\n${some.join('\n')}\n`;
    write(rows(before));
    await place.sync('crm');
    const same = await place.try('crm');
    assert.deepEqual(same.rows, { alsoChanged: 0, ofKnownContacts: 0 });
    write(rows(after));
    if (has === 'no baseline') rmSync(join(place.dataFolder, 'snapshots'), { recursive: true });
    const { plan, rows: counts } = await place.try('crm');
    assert.ok(plan !== null && counts !== null);
    assert.deepEqual([plan.wouldAdd, plan.wouldChange, plan.wouldClear], [2, 1, 1]);
    assert.deepEqual(counts, { alsoChanged: 2, ofKnownContacts: 1 });
    const { added, changed } = await place.sync('crm');
    const { alsoChanged, ofKnownContacts } = counts;
    const allChanged = plan.wouldChange + plan.wouldClear + alsoChanged + ofKnownContacts;
    assert.deepEqual([added, changed], [plan.wouldAdd - ofKnownContacts, allChanged]);
  });
}

test('a dry run of a list counts the contacts that the run marks', async (context) => {
  const place = new SyncPlace(context);
  const writeOther = await place.defineCsv('shop', { shop: 'string' });
  writeOther('email,shop\na@x.org,Z\nb@x.org,Z\n');
  await place.sync('shop');
  const write = await place.defineCsv('list', {}, { kind: 'list', maxChangeShare: 1 });
  write('email\na@x.org\n');
  await place.sync('list');
  write('email\na@x.org\nb@x.org\nnobody@x.org\n');
  assert.deepEqual((await place.try('list')).rows, { alsoChanged: 0, ofKnownContacts: 1 });
  const { added, changed } = await place.sync('list');
  assert.deepEqual({ added, changed }, { added: 0, changed: 1 });
  assert.deepEqual((await place.try('list')).rows, { alsoChanged: 0, ofKnownContacts: 0 });
});
