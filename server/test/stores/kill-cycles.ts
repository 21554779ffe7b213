/** Kills a writing process again and again, and inspects the store after each kill. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader } from '../../src/stores/store.ts';
import { startChild } from './child-process.ts';
import { readFields, userId } from './sample-changes.ts';
import {
  batchesPerRun,
  rowsPerBatch,
  runsPerRound,
  stepUsers,
  stepValue,
  writeRun,
} from './writer-child.ts';

/** The writer is killed after one of this many lines: two runs and the start of a third. */
const linesTried = 9;

/**
 * After each line the writer is killed at one of this many moments of the next commit, so 27 cycles
 * try each combination once. Each kill is delayed by a fraction that changes with the cycle.
 */
const momentsTried = 3;
const commitMs = 5;

interface Acknowledged {
  /** The lowest value that each user must have by now. */
  readonly values: Map<number, number>;
  run: number;
  batch: number;
  /** The last run that ended. */
  finishedRun: number;
}

export async function runKillCycles(dataFolder: string, cycles: number): Promise<void> {
  const known: Acknowledged = { values: new Map(), run: 0, batch: -1, finishedRun: -1 };
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const child = startChild('writer-child.ts', [dataFolder, `${known.run + 1}`]);
    try {
      const least = 2 + (cycle % linesTried);
      await child.line(() => child.lines.length > least);
      const moment = Math.floor(cycle / linesTried) % momentsTried;
      spin((moment * commitMs) / momentsTried + ((cycle * 7_919) % 50) / 30);
    } finally {
      await child.kill();
    }
    for (const line of child.lines) note(known, line);
    await inspect(dataFolder, known, `cycle ${cycle}`);
  }
  await compareWithUnkilled(dataFolder, known.run + 2);
}

/** After each user has been written again, the store equals one whose writer was never killed. */
async function compareWithUnkilled(dataFolder: string, firstRun: number): Promise<void> {
  const folders = [dataFolder, mkdtempSync(join(tmpdir(), 'usher-unkilled-'))];
  const digests: unknown[] = [];
  for (const folder of folders) {
    const writer = await openWriter(folder);
    const reader = openReader(folder);
    for (let run = firstRun; run < firstRun + runsPerRound; run += 1) {
      await writeRun(writer, run, () => undefined);
    }
    digests.push([await reader.digest('content'), await reader.datasetCounts(1, 1)]);
    await reader.close();
    await writer.close();
  }
  rmSync(folders[1] ?? '', { recursive: true, force: true });
  assert.deepEqual(digests[0], digests[1]);
}

function spin(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

function note(known: Acknowledged, line: string): void {
  const [word, run = 0, batch = 0] = line
    .split(' ')
    .map((part, place) => (place === 0 ? part : Number(part)));
  if (word === 'finished') known.finishedRun = Number(run);
  if (word !== 'applied') return;
  known.run = Number(run);
  known.batch = Number(batch);
  for (const user of stepUsers(known.run, known.batch)) {
    known.values.set(user, stepValue(known.run, known.batch));
  }
}

async function inspect(dataFolder: string, known: Acknowledged, where: string): Promise<void> {
  const reader = openReader(dataFolder);
  try {
    assert.deepEqual(
      await reader.verify(),
      { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 },
      where,
    );
    for (const [user, least] of known.values) {
      const value = await readValue(reader, user);
      assert.ok(value !== undefined && value >= least, `${where}: user ${user} lost ${least}`);
    }
    await inspectUnacknowledged(reader, known, where);
    const applied = await reader.appliedRun(1, 1);
    const appliedRun = Number(
      applied?.baselineId.slice('baseline-'.length) ?? Number.POSITIVE_INFINITY,
    );
    assert.ok(
      appliedRun >= known.finishedRun,
      `${where}: ${appliedRun} after ${known.finishedRun}`,
    );
  } finally {
    await reader.close();
  }
}

/** The batch in progress when the process died is either complete or absent. */
async function inspectUnacknowledged(
  reader: ContactReader,
  known: Acknowledged,
  where: string,
): Promise<void> {
  const isLast = known.batch === batchesPerRun - 1;
  const [run, batch] = isLast ? [known.run + 1, 0] : [known.run, known.batch + 1];
  let present = 0;
  for (const user of stepUsers(run, batch)) {
    if ((await readValue(reader, user)) === stepValue(run, batch)) present += 1;
  }
  assert.ok(present === 0 || present === rowsPerBatch, `${where}: ${present} rows of a batch`);
}

async function readValue(reader: ContactReader, user: number): Promise<number | undefined> {
  const fields = await readFields(reader, userId(`${user}`));
  return fields?.[1] as number | undefined;
}
