/** A dataset to which nothing was ever written has no rows, and the store knows it at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { isUnwritten, metaKeys, writeMeta } from '../../src/stores/embedded/meta.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { email, makeDataFolder, replace } from './sample-changes.ts';

const place = { organizationId: 1, datasetId: 1 };

async function unwrittenIn(folder: string): Promise<boolean> {
  const environment = openForWriting(folder);
  const found = isUnwritten(environment.meta, place);
  await environment.close();
  return found;
}

async function rowsIn(folder: string): Promise<number> {
  const reader = await openReader(folder);
  let rows = 0;
  for await (const _ of reader.scanRows(1, 1)) rows += 1;
  await reader.close();
  return rows;
}

test('a dataset is unwritten until a run sends its first batch, also if runs began and ended before', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  const other = await writer.beginRun({ runId: 'other', organizationId: 1, datasetId: 2 });
  await writer.applyBatch(other, [replace([email('ann@x.org')], {})]);
  const first = await writer.beginRun({ runId: 'first', ...place });
  await writer.abandonRun(first);
  const second = await writer.beginRun({ runId: 'second', ...place });
  await writer.close();
  assert.equal(await unwrittenIn(folder), true);
  assert.equal(await rowsIn(folder), 0);

  const again = await openWriter(folder);
  await again.applyBatch(second, [replace([email('bob@x.org')], {})]);
  await again.close();
  assert.equal(await unwrittenIn(folder), false);
  assert.equal(await rowsIn(folder), 1);
});

test('a push writes to a dataset too', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  await writer.abandonRun(await writer.beginRun({ runId: 'first', ...place }));
  await writer.push(1, 1, [replace([email('ann@x.org')], {})], { atMs: 1 });
  await writer.close();
  assert.equal(await unwrittenIn(folder), false);
  assert.equal(await rowsIn(folder), 1);
});

test('nor is a dataset unwritten in which a release that does not note it wrote in a run of this one', async (t) => {
  for (const at of [metaKeys.openRun(place), metaKeys.finishedRun(place)]) {
    const folder = makeDataFolder(t);
    const writer = await openWriter(folder);
    await writer.beginRun({ runId: 'first', ...place });
    await writer.close();
    assert.equal(await unwrittenIn(folder), true);
    const environment = openForWriting(folder);
    environment.transact(() => writeMeta(environment.meta, at, { version: '1' }));
    await environment.close();
    assert.equal(await unwrittenIn(folder), false);
  }
});

test('a version that a release gave which does not note it makes the dataset one that may have rows', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  await writer.abandonRun(await writer.beginRun({ runId: 'first', ...place }));
  await writer.close();
  assert.equal(await unwrittenIn(folder), true);
  const environment = openForWriting(folder);
  const later = { sourceVersion: `${2n ** 62n}` };
  environment.transact(() => writeMeta(environment.meta, metaKeys.sourceVersion(place), later));
  await environment.close();
  assert.equal(await unwrittenIn(folder), false);

  const again = await openWriter(folder);
  await again.abandonRun(await again.beginRun({ runId: 'second', ...place }));
  await again.close();
  assert.equal(await unwrittenIn(folder), false);
});
