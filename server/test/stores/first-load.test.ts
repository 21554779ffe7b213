/**
 * A load into an empty store does not wait for the disk. After a kill it goes on; after a power cut
 * the store is empty, or whole once the run has finished.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFiles } from '../../src/domain/data-files.ts';
import { leastLoadBatches } from '../../src/stores/limits.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactChange, ContactWriter } from '../../src/stores/store.ts';
import { refusal } from '../domain/refusal.ts';
import { email, makeDataFolder, replace, userId } from './sample-changes.ts';

const rowsPerBatch = 50;
const batches = Array.from({ length: leastLoadBatches + 8 }, (_, batch) =>
  Array.from({ length: rowsPerBatch }, (_, row) => {
    const n = batch * rowsPerBatch + row;
    return replace([email(`p${n}@x.org`)], { 1: `n${n}`, 2: 'x'.repeat(n % 900) });
  }),
);

async function apply(
  writer: ContactWriter,
  changes: readonly (readonly ContactChange[])[],
  runId = 'load',
) {
  const lease = await writer.beginRun({ runId, organizationId: 1, datasetId: 1 });
  for (const batch of changes) await writer.applyBatch(lease, batch);
  return lease;
}

const isLoading = (folder: string) => existsSync(join(folder, dataFiles.loading));

/** Copies the files of a store, as a process that begins after a kill finds them. */
function copyFiles(from: string, to: string): string {
  mkdirSync(to);
  for (const name of [dataFiles.contacts, dataFiles.loading]) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
  }
  return to;
}

/** What a power cut may leave: another boot, and pages that were never written to the disk. */
function cutPower(folder: string, isLost: (page: number) => boolean): void {
  const file = join(folder, dataFiles.contacts);
  const bytes = readFileSync(file);
  for (let page = 2; page * 4_096 < bytes.length; page += 1) {
    if (isLost(page)) bytes.fill(0, page * 4_096, (page + 1) * 4_096);
  }
  writeFileSync(file, bytes);
  const note = join(folder, dataFiles.loading);
  if (existsSync(note)) writeFileSync(note, 'another boot');
}

async function stateOf(folder: string) {
  const reader = openReader(folder);
  const { contacts } = await reader.counts(1);
  const state = { contacts, faults: await reader.verify(), digest: await reader.digest('content') };
  await reader.close();
  return state;
}

const none = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

test('after a power cut during a first load the store is empty, and the next load is whole', async (context) => {
  const folder = makeDataFolder(context);
  const writer = await openWriter(folder);
  const lease = await apply(writer, batches);
  assert.ok(isLoading(folder), 'the load waits for the disk');
  const copies = [() => false, () => true, (page: number) => page % 3 === 0].map(
    (isLost, place) => {
      const copy = copyFiles(folder, join(folder, `cut-${place}`));
      cutPower(copy, isLost);
      return copy;
    },
  );
  await writer.flush();
  await writer.finishRun(lease, { baselineId: 'b', asOfMs: 1 });
  assert.ok(!isLoading(folder), 'a load that has finished is not flushed');
  const whole = await stateOf(folder);
  assert.deepEqual(whole, { ...whole, contacts: batches.length * rowsPerBatch, faults: none });
  await writer.close();
  for (const copy of copies) {
    assert.throws(
      () => openReader(copy),
      refusal(/holds no contact store yet/, 'store_unavailable'),
    );
    const next = await openWriter(copy);
    assert.ok(!isLoading(copy));
    assert.equal((await stateOf(copy)).contacts, 0);
    const again = await apply(next, batches);
    await next.finishRun(again, { baselineId: 'b', asOfMs: 1 });
    assert.deepEqual(await stateOf(copy), whole);
    await next.close();
  }
});

test('a first load that is killed keeps what it has applied', async (context) => {
  const folder = makeDataFolder(context);
  const writer = await openWriter(folder);
  await apply(writer, batches);
  const copy = copyFiles(folder, join(folder, 'killed'));
  await writer.close();
  const next = await openWriter(copy);
  assert.ok(!isLoading(copy), 'the next writer has not flushed it');
  const { contacts, faults } = await stateOf(copy);
  assert.deepEqual([contacts, faults], [batches.length * rowsPerBatch, none]);
  await next.close();
});

test('whatever else is written during a first load waits for the disk, as does all before it', async (context) => {
  const folder = makeDataFolder(context);
  const writer = await openWriter(folder);
  const lease = await apply(writer, batches.slice(0, -2));
  assert.ok(isLoading(folder));
  await writer.renewRun(lease);
  assert.ok(isLoading(folder), 'the run itself ended its load');
  await writer.push(1, 2, [replace([userId('u')], { 9: 1 })], { atMs: 1 });
  assert.ok(!isLoading(folder));
  for (const batch of batches.slice(-2)) await writer.applyBatch(lease, batch);
  assert.ok(!isLoading(folder), 'the store is not empty any more');
  await writer.finishRun(lease, { baselineId: 'b', asOfMs: 1 });
  await writer.close();
});

test('a load into a store that has contacts waits for the disk', async (context) => {
  const folder = makeDataFolder(context);
  const writer = await openWriter(folder);
  const first = await apply(writer, batches.slice(0, 1), 'first');
  await writer.finishRun(first, { baselineId: 'a', asOfMs: 1 });
  await apply(writer, batches, 'second');
  assert.ok(!isLoading(folder));
  await writer.close();
});
