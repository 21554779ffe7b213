/**
 * Kills syncs, and checks that after the next run the store has the same content as a store whose
 * syncs were never killed. The seed is printed: USHER_TEST_SEED repeats a failure.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import { SyncPlace } from '../sync/sync-place.ts';
import { spawnUsher, waitFor } from './run-usher.ts';

const contacts = 4_000;
const fields = { name: 'string', city: 'string', visits: 'integer' } as const;
const startMs = 30_000;

export interface SyncKills {
  readonly count: number;
  /** Whether time counts from the start of the process, or from when it begins to read the file. */
  readonly from: 'start' | 'reading';
  /**
   * When the sync is killed, as a share of its usual duration.
   * @param random returns 0 to 1
   */
  readonly shareOf: (kill: number, random: () => number) => number;
}

/** @returns how many syncs were killed before they ended */
export async function killSyncs(context: TestContext, kills: SyncKills): Promise<number> {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  context.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = randomNumbers(seed);
  const killed = new SyncPlace(context);
  const whole = new SyncPlace(context);
  const places = [killed, whole];
  const writers = await Promise.all(
    places.map((place) => place.defineCsv('crm', fields, { maxChangeShare: 1 })),
  );
  const people = new Map<number, string>();
  let cut = 0;
  let usualMs = 1_000;
  for (let kill = 0; kill < kills.count; kill += 1) {
    changePeople(people, random);
    const rows = `email,name,city,visits\n${[...people.values()].join('\n')}\n`;
    for (const write of writers) write(rows);
    const child = startSync(killed);
    if (kills.from === 'reading') await untilReading(killed, child);
    const beganMs = performance.now();
    const isCut = await killAfter(child, kills.shareOf(kill, random) * usualMs);
    if (isCut) cut += 1;
    // The duration of a sync depends on the machine and its load, so it is measured by the syncs
    // that ended before their kill.
    usualMs = isCut ? usualMs * 1.02 : performance.now() - beganMs;
    await assertSound(killed);
    await killed.sync('crm');
    await whole.sync('crm');
    const where = `after ${kill + 1} kills, seed ${seed}`;
    assert.equal(await killed.digest(), await whole.digest(), where);
  }
  context.diagnostic(`${cut} of ${kills.count} syncs were killed before they ended`);
  return cut;
}

/** Adds, changes and removes some people. One row in ten has an invalid value. */
function changePeople(people: Map<number, string>, random: () => number): void {
  for (let change = 0; change < contacts / 4; change += 1) {
    const who = Math.floor(random() * contacts);
    const visits = random() < 0.1 ? 'many' : String(Math.floor(random() * 1_000));
    if (random() < 0.15) people.delete(who);
    else people.set(who, `p${who}@example.org,Name ${visits},Ulm,${visits}`);
  }
}

function startSync(place: SyncPlace): ChildProcess {
  return spawnUsher(place.dataFolder, ['sync', 'run', 'crm', '--json', '--quiet']);
}

/** Waits for the work folder of the process (`administration/work-folder.ts`). */
async function untilReading(place: SyncPlace, child: ChildProcess): Promise<void> {
  const work = join(place.dataFolder, 'tmp');
  const isReading = () =>
    existsSync(work) && readdirSync(work).some((name) => name.startsWith(`work-${child.pid}-`));
  await waitFor(() => child.exitCode !== null || isReading() || undefined, startMs);
}

/** @returns whether the process was still running */
async function killAfter(child: ChildProcess, ms: number): Promise<boolean> {
  if (child.exitCode !== null) return false;
  const ended = once(child, 'exit');
  const end = performance.now() + ms;
  await waitFor(
    () => (child.exitCode !== null || performance.now() >= end ? true : undefined),
    startMs,
  );
  const isRunning = child.exitCode === null;
  child.kill('SIGKILL');
  await ended;
  return isRunning;
}

async function assertSound(place: SyncPlace): Promise<void> {
  const reader = await composeReader(place.settings).catch(() => undefined);
  // The sync was killed before it created the store.
  if (reader === undefined) return;
  const faults = await reader.verify();
  await reader.close();
  assert.deepEqual(
    Object.values(faults),
    Object.values(faults).map(() => 0),
  );
}

/** Mulberry32: the same seed gives the same numbers. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
