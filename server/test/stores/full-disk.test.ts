/**
 * A disk that fills up: a small file system in memory, which only root can mount. Without root
 * these tests fail with an explanation, because a skipped test would look like a passed one.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openReader, openStoreFiles, openWriter } from '../../src/stores/open-store.ts';
import type { ContactChange } from '../../src/stores/store.ts';
import { email, readContact, readFields, replace, userId } from './sample-changes.ts';
import { mountSmallDisk } from './small-disk.ts';

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };
const request = { runId: 'run', organizationId: 1, datasetId: 1 };

// Holds the invariant full-disk of sync/SPEC.md.
test('a full disk refuses writes and serves reads, and loses nothing once it has space again', async (t) => {
  const folder = mountSmallDisk(t);
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(6_000_000));
  const writer = await openWriter(folder);
  const reader = openReader(folder);
  const lease = await writer.beginRun(request);
  const applied = await fill((batch) => writer.applyBatch(lease, rows(batch)));
  assert.ok(applied > 0);

  // Repeated, because a failure must leave nothing behind that breaks a later write.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await assert.rejects(writer.applyBatch(lease, rows(applied)), { code: 'storage_full' });
    assert.deepEqual(await readFields(reader, userId(`${applied - 1}-0`)), {
      1: 'x'.repeat(1_000),
    });
    assert.equal(await readContact(reader, 1, userId(`${applied}-0`)), undefined);
  }
  assert.deepEqual(await reader.verify(), sound);

  rmSync(ballast);
  const report = await writer.applyBatch(lease, rows(applied));
  assert.equal(report.added, rowsPerBatch);
  await writer.finishRun(lease, { baselineId: 'baseline', asOfMs: 0 });
  assert.deepEqual(await reader.verify(), sound);
  assert.equal((await reader.counts(1)).contacts, (applied + 1) * rowsPerBatch);
  await reader.close();
  await writer.close();
});

test('several batches sent to a full disk each get their own answer', async (t) => {
  const folder = mountSmallDisk(t);
  const writer = await openWriter(folder);
  const reader = openReader(folder);
  const lease = await writer.beginRun(request);
  const results: string[] = [];
  let batch = 0;
  while (!results.includes('storage_full')) {
    const group = [batch, batch + 1, batch + 2, batch + 3];
    results.push(
      ...(await Promise.all(group.map((it) => resultOf(writer.applyBatch(lease, rows(it)))))),
    );
    batch += 4;
  }
  assert.deepEqual([...new Set(results)].sort(), ['applied', 'storage_full']);
  for (const [place, result] of results.entries()) {
    const isThere = (await readContact(reader, 1, userId(`${place}-0`))) !== undefined;
    assert.equal(isThere, result === 'applied');
  }
  assert.deepEqual(await reader.verify(), sound);
  await reader.close();
  await writer.close();
});

test('on a full disk an existing store opens and is read, and no new one is created', async (t) => {
  const folder = mountSmallDisk(t);
  const ballast = join(folder, 'ballast');
  const writer = await openWriter(folder);
  const lease = await writer.beginRun(request);
  await writer.applyBatch(lease, [replace([email('tom@hello.com')], { 1: 'Tom' })]);
  await fill((batch) => writer.applyBatch(lease, rows(batch)));
  await writer.close();
  const again = await openWriter(folder);
  const reader = openReader(folder);
  assert.deepEqual(await readFields(reader, email('tom@hello.com')), { 1: 'Tom' });
  await reader.close();
  await again.close();

  for (const name of ['contacts.mdb', 'contacts.mdb-lock']) rmSync(join(folder, name));
  writeFileSync(ballast, Buffer.alloc(14_000_000));
  await assert.rejects(openWriter(folder), { code: 'storage_full' });
});

test('a compaction without enough space is refused, and leaves the store and its disk as they were', async (t) => {
  const folder = mountSmallDisk(t);
  const ballast = join(folder, 'ballast');
  const writer = await openWriter(folder);
  const lease = await writer.beginRun(request);
  for (let batch = 0; batch < 4; batch += 1) await writer.applyBatch(lease, rows(batch));
  await writer.close();
  const files = openStoreFiles(folder);
  const options = { interrupted: new AbortController().signal, onProgress: () => undefined };
  const before = await files.describe(options);
  const [names, free] = [readdirSync(folder).sort(), statfsSync(folder).bavail];

  writeFileSync(ballast, Buffer.alloc(8_000_000));
  await assert.rejects(files.compact(options), { code: 'storage_full' });
  rmSync(ballast);
  // Here the disk fills during the compaction.
  const onProgress = () => fillUp(ballast);
  await assert.rejects(files.compact({ ...options, onProgress }), { code: 'storage_full' });
  rmSync(ballast);

  assert.deepEqual(readdirSync(folder).sort(), names);
  assert.equal(statfsSync(folder).bavail, free);
  assert.deepEqual(await files.describe(options), before);
  assert.equal((await files.compact(options)).fullDigest, before.fullDigest);
});

/** Writes until the disk is full. */
function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (;;) writeSync(file, Buffer.alloc(100_000));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(file);
  }
}

test('a store of an earlier format on a full disk is read, and converted once it has space again', async (t) => {
  const folder = mountSmallDisk(t);
  copyFileSync(version1, join(folder, 'contacts.mdb'));
  // An earlier reader leaves its lock file, which a reader needs on a full disk.
  await openReader(folder).close();
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(13_500_000));
  await assert.rejects(openWriter(folder), { code: 'storage_full' });
  const early = openReader(folder);
  assert.equal((await early.counts(1)).contacts, 2);
  await early.close();
  rmSync(ballast);
  const writer = await openWriter(folder);
  const reader = openReader(folder);
  assert.equal((await reader.datasetCounts(1, 1)).sections, 2);
  await reader.close();
  await writer.close();
});

const version1 = join(import.meta.dirname, '..', 'fixtures', 'store-v1.mdb');

const rowsPerBatch = 500;

function rows(batch: number): ContactChange[] {
  return Array.from({ length: rowsPerBatch }, (_, row) =>
    replace([userId(`${batch}-${row}`)], { 1: 'x'.repeat(1_000) }),
  );
}

/**
 * Applies batches until the disk is full.
 * @returns how many were applied
 */
async function fill(apply: (batch: number) => Promise<unknown>): Promise<number> {
  for (let batch = 0; batch < 100; batch += 1) {
    const result = await resultOf(apply(batch));
    if (result === 'storage_full') return batch;
    assert.equal(result, 'applied');
  }
  assert.fail('The disk did not fill.');
}

async function resultOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'applied',
    (error: { code?: string }) => error.code ?? 'no code',
  );
}
