/** A file that is cut short or has other bytes at its head is refused before LMDB maps it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findFileFault } from '../../src/stores/embedded/files/file-fault.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { makeDataFolder, replace, userId } from './sample-changes.ts';

const pageSize = 4_096;

/** Values of all sizes, so that some are on pages of their own; many are written twice. */
async function makeStore(t: TestContext): Promise<string> {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  for (let run = 0; run < 6; run += 1) {
    const lease = await writer.beginRun({ runId: `${run}`, organizationId: 1, datasetId: 1 });
    const rows = Array.from({ length: 120 }, (_, row) =>
      replace([userId(`${(run % 4) * 100 + row}`)], { 1: 'x'.repeat((row * 97 + run) % 9_000) }),
    );
    await writer.applyBatch(lease, rows);
    await writer.finishRun(lease, { baselineId: `${run}`, asOfMs: 1 });
    await writer.dropRollbackData(1, 1, { runs: 1, sinceMs: 0 }, 1_000);
  }
  await writer.close();
  return folder;
}

async function digestOf(folder: string): Promise<string> {
  const reader = openReader(folder);
  try {
    const faults = await reader.verify();
    return `${await reader.digest('content')} ${JSON.stringify(faults)}`;
  } finally {
    await reader.close();
  }
}

/** A data folder with these bytes as its store. */
function folderWith(t: TestContext, bytes: Uint8Array): string {
  const folder = makeDataFolder(t);
  writeFileSync(join(folder, 'contacts.mdb'), bytes);
  return folder;
}

test('a file that was cut is refused exactly if it lost a page that is in use', async (t) => {
  const folder = await makeStore(t);
  const path = join(folder, 'contacts.mdb');
  const whole = readFileSync(path);
  const digest = await digestOf(folder);
  assert.equal(findFileFault(path), undefined);
  const cutPath = join(mkdtempSync(join(tmpdir(), 'usher-cut-')), 'contacts.mdb');
  t.after(() => rmSync(join(cutPath, '..'), { recursive: true, force: true }));
  const pages = whole.length / pageSize;
  let refused = 0;
  for (let page = 2; page < pages; page += 1) {
    writeFileSync(cutPath, whole.subarray(0, page * pageSize + (page % 2) * 100));
    const fault = findFileFault(cutPath);
    if (fault !== undefined) refused += 1;
    assert.ok(fault === 'cut' || fault === undefined, `${page}: ${fault}`);
    if (fault === undefined) {
      // Nothing in use was lost: with other bytes in its place, the store is the same.
      const filled = Buffer.concat([whole.subarray(0, page * pageSize)], whole.length);
      assert.equal(await digestOf(folderWith(t, filled)), digest, `${page} of ${pages} pages`);
    }
  }
  assert.ok(refused > pages / 2, `${refused} of ${pages}`);
});

test('a sound file that has fewer pages than LMDB counts is not refused', async (t) => {
  const folder = await makeStore(t);
  const path = join(folder, 'contacts.mdb');
  const bytes = readFileSync(path);
  // As after a transaction that took pages at the end, and gave them back unwritten.
  for (const page of [0, 1]) {
    const at = page * pageSize + 144;
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + 3n, at);
  }
  writeFileSync(path, bytes);
  assert.ok(statSync(path).size < (Number(bytes.readBigUInt64LE(144)) + 1) * pageSize);
  assert.equal(findFileFault(path), undefined);
  assert.equal((await digestOf(folder)).endsWith('"wrongCounts":0}'), true);
  for (const version of [2, 3, 4, 5, 6]) {
    const fixture = join(import.meta.dirname, '..', 'fixtures', `store-v${version}.mdb`);
    assert.equal(findFileFault(fixture), undefined, fixture);
  }
});

test('readers and writers name the file that is cut or has another head, and the next step', async (t) => {
  const folder = await makeStore(t);
  const whole = readFileSync(join(folder, 'contacts.mdb'));
  const withZeros = (from: number, to: number) => Buffer.from(whole).fill(0, from, to);
  const damages: [RegExp, Uint8Array][] = [
    [
      /^The file contacts\.mdb in the data folder was cut short: .* Restore a backup\.$/s,
      whole.subarray(0, pageSize),
    ],
    [/was cut short/, whole.subarray(0, 3 * pageSize)],
    [/is not a contact store of this release, or it is damaged\. Restore/, Buffer.from('abc')],
    [/is not a contact store/, Buffer.concat([Buffer.alloc(24, 7), whole.subarray(24)])],
    [/is not a contact store/, withZeros(0, pageSize)],
    [/is damaged\. Restore/, withZeros(pageSize, 2 * pageSize)],
  ];
  for (const [message, bytes] of damages) {
    const damaged = folderWith(t, bytes);
    copyFileSync(join(folder, 'contacts.mdb-lock'), join(damaged, 'contacts.mdb-lock'));
    const refusal = { code: 'store_unavailable', message };
    assert.throws(() => openReader(damaged), refusal);
    await assert.rejects(openWriter(damaged), refusal);
  }
});
