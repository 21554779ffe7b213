/** Store files as earlier releases wrote them, and files that are not a store. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packedMembership } from '../../src/domain/membership/membership.ts';
import type { DecodedRecord } from '../../src/stores/contact-codec.ts';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { formatVersion, readFormat } from '../../src/stores/embedded/store-format.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader, KnownIdentity } from '../../src/stores/store.ts';
import {
  email,
  list,
  makeDataFolder,
  patch,
  readContact,
  readFields,
  readIdentities,
  readMemberships,
  replace,
  report,
  userId,
} from './sample-changes.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const fixture = join(fixtures, 'store-v1.mdb');
/** With lists, reports, pushed rows and runs that can be rolled back. */
const runsFixture = join(fixtures, 'store-v2-runs.mdb');

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

/** A data folder with a copy of the fixture. `alter` may change its bytes. */
function copyFixture(
  t: TestContext,
  alter?: (bytes: Buffer) => void,
  from: string = fixture,
): string {
  const folder = makeDataFolder(t);
  const path = join(folder, 'contacts.mdb');
  copyFileSync(from, path);
  if (alter === undefined) return folder;
  const bytes = readFileSync(path);
  alter(bytes);
  writeFileSync(path, bytes);
  return folder;
}

/** Every place where the bytes occur, because pages that are no longer in use hold older copies. */
function placesOf(bytes: Buffer, wanted: string | Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) places.push(at);
  return places;
}

const tomId = Buffer.from('01a205b3d000700082a610b5b7f71af5', 'hex');

test('a store of format version 1 is read', async (t) => {
  const reader = openReader(copyFixture(t));
  t.after(() => reader.close());
  assert.equal(await reader.storeId(), '0b9c6f5e-3c0f-4a51-9d4e-6a3f5a1c2b7d');
  const tom = await readContact(reader, 1, email('tom@hello.com'));
  assert.deepEqual(tom?.contactId, tomId);
  assert.deepEqual(
    tom?.sections.map(({ datasetId, sourceVersion, fields }) => [
      datasetId,
      sourceVersion,
      ...fields,
    ]),
    [
      [1, 1n, [1, '"Tom"'], [2, '241.56'], [900, '["a","b"]']],
      [2, 1n, [7, '"2026-11-23"']],
    ],
  );
  assert.deepEqual(await readContact(reader, 1, userId('7')), tom);
  assert.deepEqual(
    (await readIdentities(reader, 1, userId('7'))).map(({ typeId, value }) => [typeId, value]),
    [
      [1, 'tom@hello.com'],
      [2, '7'],
    ],
  );
  const memberships = await readMemberships(reader, 1, userId('7'));
  assert.equal(memberships?.toString('latin1'), 'packed');
  assert.deepEqual(await readFields(reader, email('tom@hello.com'), { organizationId: 2 }), {
    1: 'Other',
  });
  assert.deepEqual(await reader.counts(1), { contacts: 2, identities: 3 });
  assert.equal((await reader.appliedRun(1, 1))?.baselineId, 'snapshot');
  assert.deepEqual(await reader.verify(), {
    tornContacts: 0,
    danglingIdentities: 0,
    wrongCounts: 0,
  });
});

test('a store of format version 1 accepts writes', async (t) => {
  const folder = copyFixture(t);
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const lease = await writer.beginRun({ runId: 'next', organizationId: 1, datasetId: 1 });
  assert.ok(lease.sourceVersion > 1n);
  const report = await writer.applyBatch(lease, [patch([userId('7')], { 1: 'Thomas' })]);
  assert.equal(report.changed, 1);
  const reader = openReader(folder);
  t.after(() => reader.close());
  const fields = await readFields(reader, email('tom@hello.com'));
  assert.deepEqual(fields, { 1: 'Thomas', 2: 241.56, 900: ['a', 'b'] });
});

test('a store of format version 1 has no counts of datasets until it is opened for writing', async (t) => {
  const folder = copyFixture(t);
  const early = openReader(folder);
  assert.throws(() => early.datasetCounts(1, 1), {
    code: 'store_unavailable',
    message: /Start the server once/,
  });
  await early.close();
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const reader = openReader(folder);
  t.after(() => reader.close());
  const { sections, filled } = await reader.datasetCounts(1, 1);
  assert.deepEqual([sections, ...filled], [2, [1, 2], [2, 1], [900, 1]]);
  assert.deepEqual(await reader.verify(), sound);
});

test('a store of format version 2 is read, and its runs can be rolled back', async (t) => {
  const folder = copyFixture(t, undefined, runsFixture);
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.equal(await reader.storeId(), 'a2410c0c-c5ca-44b1-b2ba-8f284b97ae4c');
  assert.equal(
    await reader.digest('content'),
    'fa36417b669547bff4ca548fc82d541b121f1e9372740a01c100238422b809ac',
  );
  assert.equal(await reader.watermark(1, 1), '2026-11-23');
  const tom = await readContact(reader, 1, userId('8'));
  const told = (await readMemberships(reader, 1, userId('8'))) ?? Buffer.alloc(0);
  assert.equal(packedMembership(told, 0), '["7-A"]');
  assert.equal(packedMembership(told, 4), '[12,"vip"]');
  assert.equal(tom?.sections.find(({ datasetId }) => datasetId === 2)?.asOfMs, 1_795_392_001_000);
  assert.deepEqual(await reader.verify(), sound);

  for (const [datasetId, runs] of [
    [4, ['reports']],
    [3, ['list']],
    [1, ['second', 'first']],
  ] as const) {
    const known = await reader.listRollbackRuns(1, datasetId);
    assert.deepEqual(
      known.map(({ runId }) => runId),
      runs,
    );
    const lease = await writer.beginRun({ runId: 'rollback', organizationId: 1, datasetId });
    for (const run of known) assert.ok((await writer.rollBackBatch(lease, run, 100)).isDone);
    await writer.abandonRun(lease);
  }
  assert.equal(await reader.watermark(1, 1), undefined);
  // Dataset 2, which was pushed, still claims the identity 8, which the run had added.
  assert.deepEqual(await reader.counts(1), { contacts: 1, identities: 3 });
  assert.deepEqual(await readFields(reader, email('tom@hello.com'), { datasetId: 2 }), {
    7: '2026-11-23',
  });
  assert.deepEqual(await reader.verify(), sound);
});

for (const name of ['store-v1', 'store-v2', 'store-v2-runs', 'store-v3']) {
  test(`converting ${name} changes no answer, except that a contact of which nothing is left goes`, async (t) => {
    const folder = copyFixture(t, undefined, join(fixtures, `${name}.mdb`));
    const early = openReader(folder);
    const before = await answersOf(early);
    assert.ok(before.size > 1);
    const revision = await early.revision();
    await early.close();
    const writer = await openWriter(folder);
    t.after(() => writer.close());
    const reader = openReader(folder);
    t.after(() => reader.close());
    assert.deepEqual(await answersOf(reader), before);
    assert.equal(await reader.revision(), revision);
    const found = [...before.values()].map((it) => it.record.contactId.toString('hex'));
    const { contacts } = await reader.counts(1);
    assert.equal(contacts + (await reader.counts(2)).contacts, new Set(found).size);
    assert.deepEqual(await reader.verify(), sound);
  });
}

/** What each identity of a fixture is answered, by its text. */
async function answersOf(reader: ContactReader) {
  const answers = new Map<string, Answer>();
  for (const organizationId of [1, 2]) {
    for (const typeId of [1, 2]) {
      for await (const key of reader.scanIdentities(organizationId, typeId)) {
        const record = await readContact(reader, organizationId, key);
        if (record === undefined) continue;
        const identities = await readIdentities(reader, organizationId, key);
        const memberships = await readMemberships(reader, organizationId, key);
        const text = `${organizationId} ${typeId} ${Buffer.from(key.digest).toString('hex')}`;
        answers.set(text, { record, identities, memberships });
      }
    }
  }
  return answers;
}

interface Answer {
  readonly record: DecodedRecord;
  readonly identities: readonly KnownIdentity[];
  readonly memberships: Buffer | undefined;
}

test('a store of format version 3 that is opened for reading alone is answered', async (t) => {
  const reader = openReader(copyFixture(t, undefined, join(fixtures, 'store-v3.mdb')));
  t.after(() => reader.close());
  const tom = email('tom@hello.com');
  assert.deepEqual(await readFields(reader, userId('7')), { 1: 'Tom', 2: 241.56 });
  const explained = await reader.explainContact(1, tom);
  assert.deepEqual(
    explained?.identities.map(({ value, leadsHere, claims }) => [value, leadsHere, claims]),
    [
      ['tom@hello.com', true, []],
      ['7', true, []],
    ],
  );
  assert.deepEqual(await keysOf(reader, 1), [], 'it does not know its rows');
  assert.deepEqual(await reader.verify(), sound);
});

async function keysOf(reader: ContactReader, datasetId: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { keys } of reader.scanRows(1, datasetId)) found.push(keys.length);
  return found;
}

test('each identity of before is claimed by every dataset with a section or a report there', async (t) => {
  const folder = copyFixture(t, undefined, runsFixture);
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const reader = openReader(folder);
  t.after(() => reader.close());
  const claimsOf = async (key: KnownIdentity) => {
    const explained = await reader.explainContact(1, key);
    return explained?.identities.map(({ value, claims }) => [
      value,
      ...claims.map(({ datasetId }) => datasetId).sort(),
    ]);
  };
  assert.deepEqual(await claimsOf(userId('8')), [
    ['tom@hello.com', 1, 2, 4],
    ['7', 1, 2, 4],
    ['8', 1, 2, 4],
  ]);
  assert.deepEqual(await claimsOf(email('ann@hello.com')), [['ann@hello.com', 3, 4]]);
  assert.equal(await reader.appliedRun(1, 1), undefined, 'the next run reads everything');
  // A list claims nothing, as its next run finds out.
  const lease = await writer.beginRun({ runId: 'list', organizationId: 1, datasetId: 3 });
  const report = await writer.applyBatch(lease, [list([email('ann@hello.com')])]);
  assert.equal(report.unchanged, 1);
  assert.deepEqual(await claimsOf(email('ann@hello.com')), [['ann@hello.com', 4]]);
  assert.deepEqual(await reader.verify(), sound);
});

test('the first run after a conversion finds its rows by any identity, and can be rolled back', async (t) => {
  const folder = copyFixture(t, undefined, runsFixture);
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const reader = openReader(folder);
  t.after(() => reader.close());
  const before = await answersOf(reader);
  const dataset = { organizationId: 1, datasetId: 1 };
  const lease = await writer.beginRun({ ...dataset, runId: 'next', isSnapshot: true });
  const report = await writer.applyBatch(lease, [
    replace([userId('8')], { 1: 'Eight' }),
    replace([userId('9'), email('nina@hello.com')], { 1: 'Nine' }),
  ]);
  assert.deepEqual([report.added, report.changed], [0, 2]);
  await writer.finishRun(lease, { baselineId: 'next', asOfMs: 1 });
  // Dataset 2 still claims all three, until it is read or pushed again.
  assert.deepEqual(await readFields(reader, email('tom@hello.com')), { 1: 'Eight' });
  assert.ok(await readContact(reader, 1, email('nina@hello.com')));
  const [newest] = await reader.listRollbackRuns(1, 1);
  const rollback = await writer.beginRun({ ...dataset, runId: 'rollback', canRollBack: false });
  assert.ok((await writer.rollBackBatch(rollback, newest ?? assert.fail(), 100)).isDone);
  await writer.abandonRun(rollback);
  const restored = await answersOf(reader);
  const contents = (answers: ReadonlyMap<string, Answer>) =>
    [...answers].map(([key, { record, ...rest }]) => [key, record.sections, rest]);
  assert.deepEqual(contents(restored), contents(before));
  assert.deepEqual(await reader.verify(), sound);
});

test('a row that a run of before had cleared comes back under its id', async (t) => {
  const folder = copyFixture(t, undefined, join(fixtures, 'store-v2.mdb'));
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.equal(await readContact(reader, 1, userId('9')), undefined);
  const [newest] = await reader.listRollbackRuns(1, 1);
  const request = { runId: 'rollback', organizationId: 1, datasetId: 1, canRollBack: false };
  const lease = await writer.beginRun(request);
  const taken = await writer.rollBackBatch(lease, newest ?? assert.fail(), 100);
  assert.deepEqual([taken.restored, taken.removed, taken.isDone], [2, 1, true]);
  const nine = await readContact(reader, 1, userId('9'));
  assert.equal(nine?.contactId.toString('hex'), '01a1ee5748607000883b944f3e04d8b9');
  assert.deepEqual(await readFields(reader, userId('9')), { 1: 'Zoë' });
  assert.equal(await readContact(reader, 1, email('bob@hello.com')), undefined);
  assert.deepEqual(await reader.verify(), sound);
});

test('a store of an unknown format version is refused with an explanation, for reading and for writing', async (t) => {
  const folder = copyFixture(t, (bytes) => {
    for (const at of placesOf(bytes, '{"version":1,"storeId"')) bytes[at + 11] = 0x39;
  });
  const refusal = { code: 'store_unavailable', message: /format version 9.*reads versions 1 to 6/ };
  assert.throws(() => openReader(folder), refusal);
  await assert.rejects(openWriter(folder), refusal);
});

test('a file that is not a store is refused with an explanation', async (t) => {
  const folder = makeDataFolder(t);
  writeFileSync(join(folder, 'contacts.mdb'), Buffer.alloc(100_000, 'no store'));
  assert.throws(() => openReader(folder), { code: 'store_unavailable' });
  await assert.rejects(openWriter(folder), { code: 'store_unavailable' });
});

test('opening a reader without a store, or on an empty file, says that there is no store yet', (t) => {
  const folder = makeDataFolder(t);
  const refusal = { code: 'store_unavailable', message: /holds no contact store yet/ };
  assert.throws(() => openReader(folder), refusal);
  writeFileSync(join(folder, 'contacts.mdb'), '');
  assert.throws(() => openReader(folder), refusal);
});

test('a writer refuses to open after a reader in the same process, and says why', async (t) => {
  const folder = copyFixture(t);
  const reader = openReader(folder);
  t.after(() => reader.close());
  await assert.rejects(openWriter(folder), { message: /Open the writer first/ });
});

test('verify finds a torn record, and a look-up of a record of another version is refused', async (t) => {
  const folder = copyFixture(t, (bytes) => {
    // A record begins 16 bytes before its contact's id: version 1, a contact, 2 sections.
    for (const at of placesOf(bytes, tomId)) {
      if (bytes.readUInt32LE(at - 16) === 0x0002_0001) bytes[at - 16] = 9;
    }
  });
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.deepEqual(await reader.verify(), {
    tornContacts: 1,
    danglingIdentities: 0,
    wrongCounts: 1,
  });
  await assert.rejects(readContact(reader, 1, userId('7')), {
    code: 'store_unavailable',
    message: /format version 9/,
  });
  await assert.rejects(reader.digest('content'), { code: 'store_unavailable' });
});

test('verify finds an index entry without a contact, and an identity without an index entry', async (t) => {
  const indexKey = Buffer.concat([Buffer.from([0, 1, 0, 2]), userId('7').digest]);
  const folder = copyFixture(t, (bytes) => {
    for (const at of placesOf(bytes, indexKey)) bytes[at + 19] = (bytes[at + 19] ?? 0) ^ 1;
  });
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.deepEqual(await reader.verify(), {
    tornContacts: 0,
    danglingIdentities: 2,
    wrongCounts: 0,
  });
});

test('a reported journey makes the store version 6, and flows do not', async (t) => {
  const folder = makeDataFolder(t);
  const versionAfter = async (told: object): Promise<number | undefined> => {
    const writer = await openWriter(folder);
    const place = { organizationId: 1, datasetId: 1 };
    const lease = await writer.beginRun({ runId: JSON.stringify(told), ...place });
    await writer.applyBatch(lease, [report([email('tom@hello.com')], told)]);
    await writer.finishRun(lease, { baselineId: 'b', asOfMs: 1 });
    await writer.close();
    const environment = openForWriting(folder);
    const format = readFormat(environment.meta);
    await environment.close();
    return format?.version;
  };
  assert.equal(await versionAfter({ flow_id: 1, timestamp: '2026-11-01' }), formatVersion);
  assert.equal(await versionAfter({ journey_id: 1, entered_at: '2026-11-01' }), 6);
});
