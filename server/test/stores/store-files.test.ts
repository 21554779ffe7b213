/**
 * Copies of a store's files are consistent and hold no removed data. Compaction replaces the file
 * in place.
 */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openReader, openStoreFiles, openWriter } from '../../src/stores/open-store.ts';
import type { NamedBaseline, WalkOptions } from '../../src/stores/store-files.ts';
import { waitFor } from '../launch/run-usher.ts';
import { startChild } from './child-process.ts';
import { clear, email, makeDataFolder, readFields, replace, userId } from './sample-changes.ts';
import { stepUsers, stepValue } from './writer-child.ts';

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

function walk(interrupted = new AbortController().signal): WalkOptions {
  return { interrupted, onProgress: () => undefined };
}

/** A store with a few thousand contacts. Its `finishRun` clears one of them. */
async function makeStore(t: TestContext, contacts = 3_000): Promise<string> {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  const lease = await writer.beginRun({ runId: 'run', organizationId: 1, datasetId: 1 });
  for (let start = 0; start < contacts; start += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, contacts - start) }, (_, row) =>
      replace([userId(`${start + row}`)], { 1: `value ${start + row} ${'x'.repeat(400)}` }),
    );
    await writer.applyBatch(lease, rows);
  }
  await writer.applyBatch(lease, [replace([email('gone@x.org')], { 1: 'Secretive Gone' })]);
  await writer.close();
  return folder;
}

async function finishRun(folder: string, datasetId: number, baselineId: string): Promise<void> {
  const writer = await openWriter(folder);
  const request = { runId: baselineId, organizationId: 1, datasetId, canRollBack: false };
  const lease = await writer.beginRun(request);
  await writer.applyBatch(lease, [clear([email('gone@x.org')])]);
  await writer.finishRun(lease, { baselineId, asOfMs: 1_000 });
  await writer.close();
}

async function fullDigest(folder: string): Promise<string> {
  const reader = openReader(folder);
  try {
    return await reader.digest('full');
  } finally {
    await reader.close();
  }
}

function makeFolder(t: TestContext): string {
  const folder = join(makeDataFolder(t), 'copy');
  mkdirSync(folder);
  return folder;
}

test('a copy has the same description as the store, and names the same baselines', async (t) => {
  const folder = await makeStore(t);
  await finishRun(folder, 1, 'one');
  await finishRun(folder, 2, 'two');
  const files = openStoreFiles(folder);
  const into = makeFolder(t);
  let told: readonly NamedBaseline[] = [];
  const onMoment = async (baselines: readonly NamedBaseline[]) => {
    told = baselines;
  };
  const copied = await files.copyTo(into, { ...walk(), onMoment });
  assert.deepEqual(copied, await files.describe(walk()));
  assert.equal(copied.fullDigest, await fullDigest(folder));
  assert.equal(copied.fullDigest, await fullDigest(into));
  assert.deepEqual(told, [
    { organizationId: 1, datasetId: 1, baselineId: 'one' },
    { organizationId: 1, datasetId: 2, baselineId: 'two' },
  ]);
  const reader = openReader(into);
  t.after(() => reader.close());
  assert.equal((await reader.counts(1)).contacts, copied.contacts);
  assert.equal((await reader.appliedRun(1, 2))?.baselineId, 'two');
  assert.deepEqual(await reader.verify(), sound);
  assert.equal(statSync(join(into, 'contacts.mdb')).mode & 0o777, 0o600);
});

test('a copy made while another process writes holds each of its batches whole or not at all', async (t) => {
  const folder = makeDataFolder(t);
  const child = startChild('writer-child.ts', [folder, '1']);
  t.after(() => child.kill());
  for (let copy = 0; copy < 5; copy += 1) {
    const linesBefore = child.lines.length;
    await waitFor(() => child.lines.length > linesBefore + 20 || undefined, 10_000);
    const into = makeFolder(t);
    let later = 0;
    const onMoment = async () => {
      const lines = child.lines.length;
      // While the copy runs, the writer writes more batches than can be queued on the way to this
      // process.
      await waitFor(() => child.lines.length > lines + 100 || undefined, 20_000);
      later = lastStep(child.lines);
    };
    await openStoreFiles(folder).copyTo(into, { ...walk(), onMoment });
    const reader = openReader(into);
    assert.deepEqual(await reader.verify(), sound);
    const last = await lastWholeBatch((user) => readFields(reader, userId(`${user}`)));
    assert.ok(last < later, `${last} was written after the copy began, as ${later} was`);
    await reader.close();
  }
});

/** The value that the last acknowledged batch wrote. */
function lastStep(lines: readonly string[]): number {
  const [, run, batch] = lines.findLast((line) => line.startsWith('applied'))?.split(' ') ?? [];
  return stepValue(Number(run), Number(batch));
}

/** The value of the newest batch that is complete for all its users. */
async function lastWholeBatch(
  read: (user: number) => Promise<Record<number, unknown> | undefined>,
): Promise<number> {
  const values = new Map<number, number>();
  for (let user = 0; user < 1_600; user += 1) {
    const value = (await read(user))?.[1];
    if (typeof value === 'number') values.set(user, value);
  }
  const last = Math.max(...values.values());
  const [run, batch] = [Math.floor(last / 10), last % 10];
  assert.equal(stepValue(run, batch), last);
  const users = [...values].filter(([, value]) => value === last).map(([user]) => user);
  assert.deepEqual(
    users,
    stepUsers(run, batch).sort((a, b) => a - b),
  );
  return last;
}

test('a copy is refused for a store that a newer release wrote', async (t) => {
  const folder = makeDataFolder(t);
  copyFileSync(
    join(import.meta.dirname, '..', 'fixtures', 'store-v1.mdb'),
    join(folder, 'contacts.mdb'),
  );
  const bytes = readFileSync(join(folder, 'contacts.mdb'));
  assert.notEqual(bytes.indexOf('{"version":1,"storeId"'), -1);
  const newer = Buffer.from(
    bytes.toString('latin1').replaceAll('"version":1,', '"version":9,'),
    'latin1',
  );
  writeFileSync(join(folder, 'contacts.mdb'), newer);
  const files = openStoreFiles(folder);
  await assert.rejects(files.size(), { code: 'store_unavailable', message: /format version 9/ });
  const copyOptions = { ...walk(), onMoment: async () => undefined };
  await assert.rejects(files.copyTo(makeFolder(t), copyOptions), { code: 'store_unavailable' });
});

test('compaction leaves the same store in a smaller file, without what was removed', async (t) => {
  const folder = await makeStore(t);
  await finishRun(folder, 1, 'one');
  const path = join(folder, 'contacts.mdb');
  assert.ok(readFileSync(path).includes('Secretive Gone'));
  const digest = await fullDigest(folder);
  const report = await openStoreFiles(folder).compact(walk());
  assert.equal(report.fullDigest, digest);
  assert.equal(report.bytesAfter, statSync(path).size);
  assert.ok(report.bytesAfter < report.bytesBefore);
  assert.ok(!readFileSync(path).includes('Secretive Gone'));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.ok(!existsSync(join(folder, 'compacting')));
  assert.equal(await fullDigest(folder), digest);
  const writer = await openWriter(folder);
  const lease = await writer.beginRun({ runId: 'after', organizationId: 1, datasetId: 1 });
  const batch = [replace([userId('7')], { 1: 'after' })];
  assert.equal((await writer.applyBatch(lease, batch)).changed, 1);
  const reader = openReader(folder);
  assert.deepEqual(await readFields(reader, userId('7')), { 1: 'after' });
  assert.deepEqual(await reader.verify(), sound);
  await reader.close();
  await writer.close();
});

test('compaction is refused while another process writes, and changes nothing', async (t) => {
  const folder = makeDataFolder(t);
  const child = startChild('writer-child.ts', [folder, '1']);
  t.after(() => child.kill());
  await child.line((line) => line === 'open');
  const inode = statSync(join(folder, 'contacts.mdb')).ino;
  await assert.rejects(openStoreFiles(folder).compact(walk()), {
    code: 'store_unavailable',
    message: /writes the contact store/,
  });
  assert.equal(statSync(join(folder, 'contacts.mdb')).ino, inode);
});

test('compaction waits for the readers of the store, and replaces no file while they read', async (t) => {
  const folder = await makeStore(t);
  const reader = openReader(folder);
  const inode = statSync(join(folder, 'contacts.mdb')).ino;
  let isDone = false;
  let phase = '';
  const onProgress = (progress: { phase: string }) => {
    phase = progress.phase;
  };
  const compaction = openStoreFiles(folder)
    .compact({ ...walk(), onProgress })
    .finally(() => {
      isDone = true;
    });
  await waitFor(() => phase === 'verifying' || undefined, 30_000);
  await assert.rejects(waitFor(() => isDone || undefined, 500));
  assert.equal(statSync(join(folder, 'contacts.mdb')).ino, inode);
  await reader.close();
  await compaction;
  assert.notEqual(statSync(join(folder, 'contacts.mdb')).ino, inode);
});

test('an interrupted copy or compaction stops, and the store is as it was', async (t) => {
  const folder = await makeStore(t);
  const digest = await fullDigest(folder);
  const interruption = new AbortController();
  const options = {
    interrupted: interruption.signal,
    onProgress: () => interruption.abort(),
    onMoment: async () => undefined,
  };
  const files = openStoreFiles(folder);
  await assert.rejects(files.compact(options), { name: 'AbortError' });
  assert.ok(!existsSync(join(folder, 'compacting')));
  await assert.rejects(files.copyTo(makeFolder(t), options), { name: 'AbortError' });
  assert.equal(await fullDigest(folder), digest);
});

test('a compaction killed at any point leaves the store whole, before or after', async (t) => {
  const folder = await makeStore(t, 2_000);
  const digest = await fullDigest(folder);
  const inodes = new Set<number>();
  const usualMs = await timeCompaction(folder);
  for (let cycle = 0; cycle < 20; cycle += 1) {
    const child = startChild('compact-child.ts', [folder]);
    // Every fourth process is killed in its second compaction. Each kill comes a little later in
    // the compaction than the one before.
    await child.line((line) => line === (cycle % 4 === 3 ? 'compacted' : 'begin'));
    const endMs = performance.now() + (cycle * usualMs) / 20;
    while (performance.now() < endMs) await new Promise((resolve) => setImmediate(resolve));
    await child.kill();
    inodes.add(statSync(join(folder, 'contacts.mdb')).ino);
    const reader = openReader(folder);
    assert.deepEqual(await reader.verify(), sound, `cycle ${cycle}`);
    assert.equal(await reader.digest('full'), digest, `cycle ${cycle}`);
    await reader.close();
  }
  assert.ok(inodes.size > 1, 'At least one compaction must end before its kill.');
  await openStoreFiles(folder).compact(walk());
  assert.ok(!existsSync(join(folder, 'compacting')));
  assert.equal(await fullDigest(folder), digest);
});

async function timeCompaction(folder: string): Promise<number> {
  const child = startChild('compact-child.ts', [folder]);
  await child.line((line) => line === 'begin');
  const startMs = performance.now();
  await child.line((line) => line === 'compacted');
  await child.kill();
  return performance.now() - startMs;
}
