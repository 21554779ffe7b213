/**
 * A store of an earlier format is converted to the current one, even if the converting process is
 * killed.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { unpackList } from '../../src/stores/embedded/contacts/contact-list.ts';
import { openForReading, openForWriting } from '../../src/stores/embedded/environment.ts';
import { metaKeys, readMeta, writeMeta } from '../../src/stores/embedded/meta.ts';
import { rollbackPrefix } from '../../src/stores/embedded/rollback/rollback-entry.ts';
import { formatVersion, readFormat } from '../../src/stores/embedded/store-format.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { startChild } from './child-process.ts';
import { email, makeDataFolder, readFields, replace, section } from './sample-changes.ts';

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

test('an upgrade that is killed again and again completes in the end, and changes no answer', async (t) => {
  const folder = makeDataFolder(t);
  const { counts, sourceVersion } = await fillStore(folder);
  await makeFormer(folder, sourceVersion);
  const answers = await answersOf(folder);
  let kills = 0;
  while (await killAtNextStep(folder)) {
    kills += 1;
    const reader = openReader(folder);
    assert.deepEqual(await reader.verify(), sound);
    await reader.close();
    assert.equal(await answersOf(folder), answers);
  }

  // Usually several; on a busy machine a child gets on by several steps before its kill.
  assert.ok(kills > 0, 'A kill came before the end of the upgrade.');
  const writer = await openWriter(folder);
  const reader = openReader(folder);
  t.after(() => reader.close());
  t.after(() => writer.close());
  assert.equal(await answersOf(folder), answers);
  assert.deepEqual(await reader.datasetCounts(1, 1), counts);
  assert.deepEqual(await reader.counts(1), { contacts, identities: contacts });
  assert.deepEqual(await reader.verify(), sound);

  const request = { runId: 'rollback', organizationId: 1, datasetId: 1, canRollBack: false };
  const lease = await writer.beginRun(request);
  let restored = 0;
  for (let isDone = false; !isDone; ) {
    const taken = await writer.rollBackBatch(lease, { sourceVersion }, 1_000);
    restored += taken.restored;
    isDone = taken.isDone;
  }
  assert.equal(restored, contacts);
  for (const row of [0, 1, contacts - 1]) {
    assert.deepEqual(await readFields(reader, identityOf(row)), { 1: 'before' });
    assert.ok(await readFields(reader, identityOf(row), { datasetId: 2 }));
  }
  assert.deepEqual(await reader.verify(), sound);
});

test('a store that an earlier release wrote after an interrupted upgrade is counted again from the start', async (t) => {
  const folder = makeDataFolder(t);
  const { counts } = await fillStore(folder);
  const { root, meta, storeId, close } = openForWriting(folder);
  root.transactionSync(() => {
    writeMeta(meta, metaKeys.format, { version: 1, storeId });
    // The interrupted upgrade had counted all but the last contacts, and writes came after it.
    writeMeta(meta, metaKeys.counting, { revision: '1', lastKey: 'ffff' });
  });
  await close();
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const reader = openReader(folder);
  t.after(() => reader.close());
  assert.deepEqual(await reader.datasetCounts(1, 1), counts);
  assert.deepEqual(await reader.verify(), sound);
});

const contacts = 6_000;
const identityOf = (row: number) => email(`${row}@hello.com`);

/** Gives the counts of dataset 1, and the source version of its run. */
async function fillStore(folder: string) {
  const writer = await openWriter(folder);
  let sourceVersion = 0n;
  for (const datasetId of [2, 1]) {
    const lease = await writer.beginRun({ runId: `${datasetId}`, organizationId: 1, datasetId });
    sourceVersion = lease.sourceVersion;
    for (let row = 0; row < contacts; row += 1_000) {
      const batch = Array.from({ length: 1_000 }, (_, place) =>
        replace([identityOf(row + place)], { 1: row, [2 + (place % 3)]: 'x' }),
      );
      await writer.applyBatch(lease, batch);
    }
    await writer.finishRun(lease, { baselineId: `${datasetId}`, asOfMs: 1 });
  }
  const reader = openReader(folder);
  const counts = await reader.datasetCounts(1, 1);
  assert.equal(counts.sections, contacts);
  await reader.close();
  await writer.close();
  return { counts, sourceVersion };
}

/** Makes it a store as the first releases wrote it, with a run that can be rolled back. */
async function makeFormer(folder: string, sourceVersion: bigint): Promise<void> {
  const { root, meta, ids, rollback, storeId, close } = openForWriting(folder);
  const place = { organizationId: 1, datasetId: 1, sourceVersion };
  const run = { runId: '1', atMs: 1, isFirst: false, isSwept: false, sinceRevision: '0' };
  const all = { start: Uint8Array.of(0), limit: Number.MAX_SAFE_INTEGER };
  root.transactionSync(() => {
    for (const { key } of [...rollback.getRange(all)]) rollback.remove(Uint8Array.from(key));
    for (const { key, value } of [...ids.getRange(all)]) {
      ids.put(Uint8Array.from(key), formerList(value));
      const at = Buffer.concat([rollbackPrefix(place), key.subarray(2)]);
      rollback.put(at, formerRollbackEntry());
    }
    const stored = { ...run, contacts, sweptTo: null, before: null };
    writeMeta(meta, metaKeys.rollbackRun(place), stored);
    // Counts that the file already has must not be trusted then.
    writeMeta(meta, metaKeys.format, { version: 1, storeId });
  });
  await close();
}

/**
 * u8 version 1, u8 0, u16 count; of each identity u16 type, u16 length of the value, digest, value.
 */
function formerList(packed: Uint8Array): Buffer {
  const { identities } = unpackList(packed, packed.length);
  const head = Buffer.from([1, 0, identities.length, 0]);
  const parts = identities.map(({ typeId, digest, value }) => {
    const text = Buffer.from(value);
    return Buffer.concat([Buffer.from([typeId, 0, text.length, 0]), digest, text]);
  });
  return Buffer.concat([head, ...parts]);
}

/**
 * There was a section before: u8 version 1, u8 flags 1, u16 fields at byte 6, the section at 28.
 */
function formerRollbackEntry(): Buffer {
  const head = Buffer.alloc(28);
  head.set([1, 1]);
  head.writeUInt16LE(1, 6);
  return Buffer.concat([head, section({ 1: 'before' }).subarray(4)]);
}

/** A digest of what look-ups of all contacts are answered. */
async function answersOf(folder: string): Promise<string> {
  const reader = openReader(folder);
  const parts = { memberships: true, identities: true };
  const queries = Array.from({ length: contacts }, (_, row) => {
    return { organizationId: 1, identity: identityOf(row), parts };
  });
  const answers = await reader.readContacts(queries, ({ record, memberships, identities }) => {
    const bytes = record.bytes.toString('latin1', 0, record.length);
    return [bytes, memberships === undefined, identities.map(({ value }) => value)].join();
  });
  await reader.close();
  return hash('sha256', JSON.stringify(answers));
}

/** Starts an upgrade, and kills it once it has got on. `false`: it is complete. */
async function killAtNextStep(folder: string): Promise<boolean> {
  const watched = openForReading(folder);
  const progress = () => {
    watched.root.resetReadTxn();
    const { format, counting, converting } = metaKeys;
    return [format, counting, converting].map((at) => readMeta<object>(watched.meta, at));
  };
  const before = JSON.stringify(progress());
  const child = startChild('upgrade-child.ts', [folder]);
  while (JSON.stringify(progress()) === before && !child.lines.includes('done')) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await child.kill();
  const [, counting, converting] = progress();
  const { version } = readFormat(watched.meta) ?? assert.fail();
  await watched.close();
  return version < formatVersion || counting !== undefined || converting !== undefined;
}
