/**
 * Erasure in the embedded store: what its files hold afterwards, kills in the midst of it, and
 * suppression lists that cannot be used.
 */
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openForReading } from '../../src/stores/embedded/environment.ts';
import { openAllDatabases } from '../../src/stores/embedded/keyed-database.ts';
import {
  openReader,
  openStoreFiles,
  openSuppression,
  openWriter,
} from '../../src/stores/open-store.ts';
import type { ContactChange, ContactWriter, KnownIdentity } from '../../src/stores/store.ts';
import { startChild } from './child-process.ts';
import {
  clear,
  email,
  list,
  makeDataFolder,
  patch,
  readContact,
  readFields,
  replace,
  report,
  userId,
} from './sample-changes.ts';

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };
const [ann, annOld, bob] = [email('ann@x.org'), email('ann.old@x.org'), email('bob@x.org')];
const [one, two, three] = [userId('u-one'), userId('u-two'), userId('u-three')];

async function run(
  writer: ContactWriter,
  datasetId: number,
  rows: readonly ContactChange[],
): Promise<void> {
  const place = { organizationId: 1, datasetId, isSnapshot: true };
  const lease = await writer.beginRun({ ...place, runId: `${datasetId} ${Math.random()}` });
  for (let from = 0; from < rows.length; from += 500) {
    await writer.applyBatch(lease, rows.slice(from, from + 500));
  }
  await writer.finishRun(lease, { baselineId: 'b', asOfMs: 0 });
}

async function erase(writer: ContactWriter, requestId: string, identities: KnownIdentity[]) {
  for (;;) {
    const step = await writer.eraseContacts(1, { requestId, identities }, {});
    if (step.isDone) return step;
  }
}

/** Something of Ann in every place that a store has. */
async function fillEveryPlace(writer: ContactWriter): Promise<void> {
  const mail = [{ campaign_id: 'c-ann', received_at: '2026-11-01' }];
  await run(writer, 1, [replace([one, annOld], { 1: 'Ann Past' }), replace([two], { 1: 'Bob' })]);
  await run(writer, 1, [replace([one, ann], { 1: 'Ann Secret' }), replace([two, ann], { 1: 'B' })]);
  await run(writer, 1, [replace([one, ann], { 1: 'Ann Now' }), replace([two, bob], { 1: 'Bob' })]);
  await run(writer, 2, [replace([ann], { 2: 'Ann News' }), replace([bob], { 2: 'Bob News' })]);
  await run(writer, 3, [report([ann], mail), list([one])]);
  await run(writer, 4, [replace([three], { 1: 'Ann Third' })]);
  await writer.mergeContacts(1, one, three, { by: 'x' });
  await writer.splitContact(1, two, { by: 'x' });
  const set = [{ fieldId: 1, value: '"Ann Amended"' }];
  await writer.amendContact(1, ann, { set, lift: [], atMs: 1 }, {});
  await writer.push(1, 5, [patch([ann], { 3: 'Ann Pushed' })], {
    atMs: 1,
    once: { key: '0'.repeat(32), fingerprint: 'f', note: '' },
  });
  await run(writer, 6, [replace([userId('u-gone'), email('gone@x.org')], { 1: 'Ann Gone' })]);
  await run(writer, 6, [clear([userId('u-gone')])]);
}

const erased = [ann, one, three];

/** Of each database of the store: which of these identities and values its entries hold. */
async function findLeftovers(dataFolder: string): Promise<string[]> {
  const environment = openForReading(dataFolder);
  const found: string[] = [];
  for (const [name, database] of openAllDatabases(environment.root)) {
    const range = { start: Uint8Array.of(0), limit: Number.MAX_SAFE_INTEGER };
    for (const { key, value } of database.getRange(range)) {
      const bytes = Buffer.concat([Buffer.from(key), Buffer.from(value)]);
      for (const needle of needles) if (bytes.includes(needle)) found.push(`${name}: ${needle}`);
    }
  }
  await environment.close();
  return found;
}

const needles = [
  ...erased.flatMap(({ digest, value }) => [
    Buffer.from(value),
    Buffer.from(digest),
    Buffer.from(Buffer.from(digest).toString('hex')),
  ]),
  ...['Ann Secret', 'Ann Now', 'Ann News', 'Ann Third', 'Ann Amended', 'Ann Pushed', 'c-ann'].map(
    (it) => Buffer.from(it),
  ),
];

test('no entry of the store holds anything of an erased contact, whatever was known of it', async (t) => {
  const dataFolder = makeDataFolder(t);
  const writer = await openWriter(dataFolder);
  t.after(() => writer.close());
  await fillEveryPlace(writer);
  const before = new Set((await findLeftovers(dataFolder)).map((it) => it.split(':')[0]));
  assert.deepEqual([...before].sort(), [
    'amend',
    'effects',
    'id',
    'ids',
    'link',
    'log',
    'mem',
    'rec',
    'undo',
  ]);
  const { counts } = await erase(writer, 'r1', [ann]);
  assert.deepEqual(await findLeftovers(dataFolder), []);
  assert.ok(counts.rollbackEntries > 0 && counts.logEntries > 0 && counts.amendments > 0);
  const reader = openReader(dataFolder);
  t.after(() => reader.close());
  assert.deepEqual(await reader.verify(), sound);
  assert.deepEqual(await readFields(reader, bob, { datasetId: 2 }), { 2: 'Bob News' });
});

test('no byte of the data folder holds an erased contact once it is compacted', async (t) => {
  const dataFolder = makeDataFolder(t);
  const writer = await openWriter(dataFolder);
  await fillEveryPlace(writer);
  await erase(writer, 'r1', [ann]);
  await writer.close();
  const files = openStoreFiles(dataFolder);
  await files.compact({ interrupted: new AbortController().signal, onProgress: () => undefined });
  for (const path of readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })) {
    const file = join(dataFolder, path);
    if (!statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    for (const needle of needles) assert.ok(!bytes.includes(needle), `${path} holds ${needle}`);
  }
});

const people = 600;
const cycles = 8;

test('an erasure whose process is killed repeatedly is gone on with, and complete', async (t) => {
  const dataFolder = makeDataFolder(t);
  const rows = Array.from({ length: people }, (_, row) =>
    replace([userId(`${row}`), email(`p${row}@x.org`)], { 1: `person ${row}` }),
  );
  const earlier = Array.from({ length: people }, (_, row) => email(`old${row}@x.org`));
  const news = earlier.map((it) => replace([it], { 2: 'news' }));
  const first = await openWriter(dataFolder);
  await run(
    first,
    1,
    earlier.map((it, row) => replace([userId(`${row}`), it], { 1: 'before' })),
  );
  await run(first, 2, news);
  await run(
    first,
    2,
    earlier.map((it) => clear([it])),
  );
  await run(first, 1, rows);
  await first.close();
  let killed = 0;
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const child = startChild('erasure-child.ts', [dataFolder, 'r1', String(people / 2)]);
    try {
      await child.line((line) => line === 'begin');
      const endMs = performance.now() + 3 + ((cycle * 13) % 60);
      while (performance.now() < endMs);
    } finally {
      await child.kill();
    }
    if (!child.lines.includes('done')) killed += 1;
    const reader = openReader(dataFolder);
    assert.deepEqual(await reader.verify(), sound);
    await reader.close();
  }
  assert.ok(killed > cycles / 2, 'Most kills must come before the end of the erasure.');
  const writer = await openWriter(dataFolder);
  t.after(() => writer.close());
  const erased = Array.from({ length: people / 2 }, (_, row) => email(`p${row}@x.org`));
  for (;;) {
    // Sent again with its identities: on a slow machine each kill came before they were stored.
    const step = await writer.eraseContacts(1, { requestId: 'r1', identities: erased }, {});
    if (!step.isDone) continue;
    const { contacts, identities, rollbackEntries, logEntries, notFound } = step.counts;
    assert.deepEqual([contacts, identities, notFound], [people / 2, (people / 2) * 3, 0]);
    // The two rows before the last runs, and that one of them let the old address go.
    assert.deepEqual([rollbackEntries, logEntries], [(people / 2) * 3, people / 2]);
    assert.equal(step.subjects.length, (people / 2) * 3);
    break;
  }
  await run(writer, 1, rows);
  await run(writer, 2, news.slice(0, people / 2));
  const reader = openReader(dataFolder);
  t.after(() => reader.close());
  assert.deepEqual(await reader.counts(1), { contacts: people / 2, identities: people });
  assert.deepEqual(await reader.verify(), sound);
});

test('a kill between the list and the store brings nobody back, and the request is complete when it is sent again', async (t) => {
  const dataFolder = makeDataFolder(t);
  const store = join(dataFolder, 'contacts.mdb');
  const first = await openWriter(dataFolder);
  await run(first, 1, [replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
  await first.ownSuppressionList();
  await first.close();
  copyFileSync(store, `${store}.before`);
  const second = await openWriter(dataFolder);
  const expected = await erase(second, 'r1', [ann]);
  await second.close();
  // As if the store's transactions had not been committed, but the list's were.
  renameSync(`${store}.before`, store);
  const writer = await openWriter(dataFolder);
  t.after(() => writer.close());
  const pushed = await writer.push(1, 1, [patch([userId('9'), ann], {})], { atMs: 1 });
  assert.equal(pushed.rejected[0]?.code, 'contact_suppressed');
  assert.deepEqual(await erase(writer, 'r1', [ann]), expected);
  const reader = openReader(dataFolder);
  t.after(() => reader.close());
  assert.equal(await readContact(reader, 1, ann), undefined);
});

async function eraseAnn(t: TestContext) {
  const dataFolder = makeDataFolder(t);
  const writer = await openWriter(dataFolder);
  await run(writer, 1, [replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
  const { keyId } = await erase(writer, 'r1', [ann]);
  await writer.close();
  return { dataFolder, list: join(dataFolder, 'suppression', `${keyId}.list`) };
}

test('while its list is lost, a store can be read and not written, and can be written once it is back', async (t) => {
  const { dataFolder, list: path } = await eraseAnn(t);
  renameSync(path, `${path}.away`);
  const writer = await openWriter(dataFolder);
  t.after(() => writer.close());
  const push = () => writer.push(1, 1, [patch([one, ann], { 1: 'Ann' })], { atMs: 1 });
  const lost = {
    code: 'store_unavailable',
    message: /Nothing is written.*\.list is missing\. Copy it.*forget-list/,
  };
  await assert.rejects(push(), lost);
  await assert.rejects(writer.beginRun({ runId: 'r', organizationId: 1, datasetId: 1 }), lost);
  await assert.rejects(erase(writer, 'r2', [bob]), lost);
  await assert.rejects(writer.liftSuppression(1, ann), lost);
  const reader = openReader(dataFolder);
  t.after(() => reader.close());
  assert.deepEqual(await readFields(reader, bob), { 1: 'Bob' });
  assert.equal(openSuppression(dataFolder).describe()[0]?.fault, 'list_missing');
  renameSync(`${path}.away`, path);
  assert.equal((await push()).rejected.length, 1);
  assert.equal(openSuppression(dataFolder).describe()[0]?.fault, null);
});

test('a store without its lists can be written once it is told to expect none', async (t) => {
  const { dataFolder, list } = await eraseAnn(t);
  const keyId = basename(list, '.list');
  const unused = openSuppression(dataFolder).forget(keyId);
  await assert.rejects(unused, { code: 'parameter_invalid', message: /can be used/ });
  rmSync(join(dataFolder, 'suppression'), { recursive: true });
  const other = openSuppression(dataFolder).forget('0'.repeat(16));
  await assert.rejects(other, { code: 'resource_not_found', message: new RegExp(keyId) });
  const { entries, fault } = await openSuppression(dataFolder).forget(keyId);
  assert.deepEqual([entries, fault], [2, 'list_missing']);
  const writer = await openWriter(dataFolder);
  t.after(() => writer.close());
  const pushed = await writer.push(1, 1, [patch([one, ann], { 1: 'Ann' })], { atMs: 1 });
  assert.equal(pushed.added, 1);
});

test('an older store is without who is erased once the lists were applied to it', async (t) => {
  const dataFolder = makeDataFolder(t);
  const store = join(dataFolder, 'contacts.mdb');
  const first = await openWriter(dataFolder);
  await fillEveryPlace(first);
  await first.close();
  copyFileSync(store, `${store}.before`);
  const second = await openWriter(dataFolder);
  await erase(second, 'r1', [ann]);
  await second.close();
  renameSync(`${store}.before`, store);
  const lists = openSuppression(dataFolder);
  const isRestored = false;
  const taken = await lists.apply({ rules: new Map(), isRestored });
  assert.ok(taken.rows > 0);
  assert.deepEqual(await findLeftovers(dataFolder), []);
  assert.deepEqual(await lists.apply({ rules: new Map(), isRestored }), { rows: 0, keptRows: 0 });
  const reader = openReader(dataFolder);
  t.after(() => reader.close());
  assert.deepEqual(await reader.verify(), sound);
  assert.deepEqual(await readFields(reader, bob, { datasetId: 2 }), { 2: 'Bob News' });
});

test('an erasure that is completed in a restored folder stays on the list where it began', async (t) => {
  const dataFolder = makeDataFolder(t);
  const people = Array.from({ length: 9_000 }, (_, n) => email(`p${n}@x.org`));
  const first = await openWriter(dataFolder);
  await run(
    first,
    1,
    people.map((it) => replace([it], {})),
  );
  const began = await first.eraseContacts(1, { requestId: 'r1', identities: people }, {});
  assert.equal(began.isDone, false);
  await first.close();
  const lists = openSuppression(dataFolder);
  await lists.apply({ rules: new Map(), isRestored: true });
  const writer = await openWriter(dataFolder);
  t.after(() => writer.close());
  const { keyId, subjects } = await erase(writer, 'r1', []);
  assert.equal(keyId, began.keyId);
  const keyring = lists.open(keyId);
  t.after(() => keyring.close());
  assert.deepEqual(new Set(keyring.states(subjects)), new Set(['suppressed']));
  assert.notEqual((await writer.ownSuppressionList()).keyId, keyId);
});
