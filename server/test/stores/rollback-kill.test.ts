/** A rollback is killed again and again, and still leaves the store as it was before the run. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactChange } from '../../src/stores/store.ts';
import { startChild } from './child-process.ts';
import { clear, email, makeDataFolder, patch, replace, userId } from './sample-changes.ts';

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };
const contacts = 1_200;
const cycles = 8;

test('a rollback whose process is killed repeatedly restores the store as it was before the run', async (t) => {
  await killWhileTakingBack(t, { datasetId: 1 });
});

test('a rollback of a first run, killed repeatedly, leaves its dataset empty', async (t) => {
  await killWhileTakingBack(t, { datasetId: 2 });
});

/** @param before the dataset with rows before the run of dataset 1 that is rolled back */
async function killWhileTakingBack(t: TestContext, before: { datasetId: number }): Promise<void> {
  const folder = makeDataFolder(t);
  await write(folder, before.datasetId, rowsBefore());
  const expected = await pictureOf(folder);
  const sourceVersion = await write(folder, 1, rowsOfRun());
  assert.notDeepEqual(await pictureOf(folder), expected);
  let steps = 0;
  let isDone = false;
  for (let cycle = 0; cycle < cycles && !isDone; cycle += 1) {
    const child = startChild('rollback-child.ts', [folder, `${sourceVersion}`]);
    try {
      // Asks for one step more than the test waits for, so that the kill hits a step in progress.
      child.process.stdin?.write('\n'.repeat(2 + cycle));
      await child.line(() => child.lines.length > 1 + cycle);
      spin((cycle * 7) / 10);
    } finally {
      await child.kill();
    }
    steps += child.lines.filter((line) => line === 'step').length;
    isDone = child.lines.includes('done');
    assert.deepEqual((await pictureOf(folder)).faults, sound);
  }
  assert.ok(steps >= cycles && !isDone, 'The kills must all come before the end of the rollback.');
  const child = startChild('rollback-child.ts', [folder, `${sourceVersion}`]);
  child.process.stdin?.write('\n'.repeat(contacts));
  await child.line((line) => line === 'done');
  await child.kill();
  assert.deepEqual(await pictureOf(folder), expected);
}

function rowsBefore(): ContactChange[] {
  return Array.from({ length: contacts }, (_, row) =>
    replace([userId(`${row}`)], { 1: `before ${row}`, 2: row }),
  );
}

/** Changes, identities, clears and new contacts. */
function rowsOfRun(): ContactChange[] {
  return Array.from({ length: contacts }, (_, row) => {
    if (row % 4 === 0) return patch([userId(`${row}`)], { 1: 'changed', 3: row });
    if (row % 4 === 1) return patch([userId(`${row}`), email(`${row}@hello.com`)], { 2: 0 });
    if (row % 4 === 2) return clear([userId(`${row}`)]);
    return replace([userId(`new ${row}`)], { 1: 'new' });
  });
}

async function write(
  folder: string,
  datasetId: number,
  rows: readonly ContactChange[],
): Promise<bigint> {
  const writer = await openWriter(folder);
  const runId = `run of ${rows[0]?.kind}`;
  const lease = await writer.beginRun({ runId, organizationId: 1, datasetId });
  for (let from = 0; from < rows.length; from += 600) {
    await writer.applyBatch(lease, rows.slice(from, from + 600));
  }
  await writer.abandonRun(lease);
  await writer.close();
  return lease.sourceVersion;
}

async function pictureOf(folder: string) {
  const reader = openReader(folder);
  try {
    return {
      content: await reader.digest('content'),
      counts: await reader.counts(1),
      dataset: await reader.datasetCounts(1, 1),
      faults: await reader.verify(),
    };
  } finally {
    await reader.close();
  }
}

function spin(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}
