/**
 * A store of an earlier format is converted to the current one, even if the converting process is
 * killed.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { metaKeys, writeMeta } from '../../src/stores/embedded/meta.ts';
import { formatVersion } from '../../src/stores/embedded/store-format.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { startChild } from './child-process.ts';
import { email, makeDataFolder, replace } from './sample-changes.ts';

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

test('an upgrade that is killed again and again completes in the end, with correct counts', async (t) => {
  const folder = makeDataFolder(t);
  const expected = await fillStore(folder);
  makeVersion1(folder);
  for (let cycle = 0; cycle < 12; cycle += 1) {
    const child = startChild('upgrade-child.ts', [folder]);
    await child.line((line) => line === 'begin');
    spin(cycle * 2);
    await child.kill();
    const reader = openReader(folder);
    assert.deepEqual(await reader.verify(), sound);
    await reader.close();
  }
  const writer = await openWriter(folder);
  const reader = openReader(folder);
  t.after(() => reader.close());
  t.after(() => writer.close());
  assert.deepEqual(await reader.datasetCounts(1, 1), expected);
  assert.deepEqual(await reader.verify(), sound);
});

test('a store that an earlier release wrote after an interrupted upgrade is counted again from the start', async (t) => {
  const folder = makeDataFolder(t);
  const expected = await fillStore(folder);
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
  assert.deepEqual(await reader.datasetCounts(1, 1), expected);
  assert.deepEqual(await reader.verify(), sound);
});

const contacts = 12_000;

async function fillStore(folder: string): Promise<unknown> {
  const writer = await openWriter(folder);
  for (const datasetId of [1, 2]) {
    const lease = await writer.beginRun({ runId: `${datasetId}`, organizationId: 1, datasetId });
    for (let row = 0; row < contacts; row += 1_000) {
      const batch = Array.from({ length: 1_000 }, (_, place) =>
        replace([email(`${row + place}@hello.com`)], { 1: row, [2 + (place % 3)]: 'x' }),
      );
      await writer.applyBatch(lease, batch);
    }
  }
  const reader = openReader(folder);
  const counts = await reader.datasetCounts(1, 1);
  assert.equal(counts.sections, contacts);
  await reader.close();
  await writer.close();
  return counts;
}

/** Sets format version 1 in the file. Counts that the file already has must not be trusted then. */
function makeVersion1(folder: string): void {
  const path = join(folder, 'contacts.mdb');
  const bytes = readFileSync(path);
  const wanted = `{"version":${formatVersion},"storeId"`;
  let places = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    bytes[at + 11] = 0x31;
    places += 1;
  }
  assert.ok(places > 0);
  writeFileSync(path, bytes);
}

function spin(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}
