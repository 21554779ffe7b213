/** How the contacts that rows would join are counted in groups. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { KnownIdentity } from '../../src/stores/store.ts';
import { JoinMeasure } from '../../src/sync/compare/measure-joins.ts';
import { email, makeDataFolder, replace, userId } from '../stores/sample-changes.ts';

const typeNames = new Map([
  [1, 'email'],
  [2, 'user_id'],
]);

/** A store with the contacts `email:0` to `email:99`, and measures of rows of another dataset. */
async function inStore(context: TestContext) {
  const folder = makeDataFolder(context);
  const writer = await openWriter(folder, { nowMs: Date.now });
  const reader = openReader(folder);
  context.after(async () => {
    await reader.close();
    await writer.close();
  });
  const lease = await writer.beginRun({ runId: 'r', organizationId: 1, datasetId: 1 });
  const contacts = Array.from({ length: 100 }, (_, at) => replace([email(`${at}`)], {}));
  await writer.applyBatch(lease, contacts);
  await writer.finishRun(lease, { baselineId: 'b', asOfMs: 0 });
  return async (rows: readonly (readonly KnownIdentity[])[], mostContacts?: number) => {
    const measure = new JoinMeasure({ reader, organizationId: 1, datasetId: 2 }, mostContacts);
    for (const row of rows) await measure.add([replace(row, {})]);
    return measure.plan(50, { maxShare: 0.05, typeNames });
  };
}

const pair = (one: number, other: number, row = `${one} ${other}`) => [
  userId(row),
  email(`${one}`),
  email(`${other}`),
];

test('contacts that are connected through others are one group, and the largest come first', async (context) => {
  const measure = await inStore(context);
  const rows = [pair(1, 2), pair(3, 4), pair(5, 6), pair(4, 5), pair(6, 3), pair(7, 8), pair(7, 7)];
  assert.deepEqual(await measure(rows), {
    ...{ contacts: 8, named: 50, maxShare: 0.05 },
    identityTypes: ['email'],
    largest: [
      { contacts: 4, rows: 4, identityTypes: ['email'] },
      { contacts: 2, rows: 1, identityTypes: ['email'] },
      { contacts: 2, rows: 1, identityTypes: ['email'] },
    ],
  });
});

test('at most twenty groups are shown', async (context) => {
  const measure = await inStore(context);
  const rows = Array.from({ length: 45 }, (_, at) => pair(at * 2, at * 2 + 1));
  const { contacts, largest } = await measure([...rows, pair(98, 97), pair(98, 99)]);
  assert.equal(contacts, 93);
  assert.equal(largest.length, 20);
  assert.deepEqual(largest[0], { contacts: 3, rows: 2, identityTypes: ['email'] });
});

test('contacts beyond the bound are counted, and are in no group', async (context) => {
  const measure = await inStore(context);
  const rows = [pair(1, 2), pair(3, 4), pair(5, 6), pair(1, 5), pair(2, 3)];
  const { contacts, largest } = await measure(rows, 4);
  // Two rows name the contact 5.
  assert.equal(contacts, 4 + 3);
  assert.deepEqual(largest, [{ contacts: 4, rows: 4, identityTypes: ['email'] }]);
});
