/**
 * Syncs that are killed at any moment: after the next run the store equals, by content, one that
 * was never killed. The seed is printed, so that a failure can be run again with USHER_TEST_SEED.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import { SyncPlace } from '../sync/sync-place.ts';
import { spawnUsher, waitFor } from './run-usher.ts';

const kills = 60;
const contacts = 4_000;
const fields = { name: 'string', city: 'string', visits: 'integer' } as const;

// Holds the invariant killed-anywhere of sync/SPEC.md.
test('a sync killed sixty times ends as one that was never killed', {
  timeout: 600_000,
}, async (context) => {
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
  for (let kill = 1; kill <= kills; kill += 1) {
    changePeople(people, random);
    const rows = `email,name,city,visits\n${[...people.values()].join('\n')}\n`;
    for (const write of writers) write(rows);
    const startMs = performance.now();
    const isCut = await killAfter(startSync(killed), random() * usualMs * 1.1);
    if (isCut) cut += 1;
    // How long a sync takes depends on the machine and what else it does; those that were let end
    // tell.
    usualMs = isCut ? usualMs * 1.02 : performance.now() - startMs;
    await assertSound(killed);
    await killed.sync('crm');
    await whole.sync('crm');
    assert.equal(await killed.digest(), await whole.digest(), `after ${kill} kills, seed ${seed}`);
  }
  context.diagnostic(`${cut} of ${kills} were killed before they had ended`);
  assert.ok(cut >= kills / 4, 'the kills came too late to mean anything');
});

/** Adds, changes and removes some; of one in ten the row cannot be used. */
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

/** @returns whether it was still running */
async function killAfter(child: ChildProcess, ms: number): Promise<boolean> {
  const ended = once(child, 'exit');
  const end = performance.now() + ms;
  await waitFor(
    () => (child.exitCode !== null || performance.now() >= end ? true : undefined),
    30_000,
  );
  const isRunning = child.exitCode === null;
  child.kill('SIGKILL');
  await ended;
  return isRunning;
}

async function assertSound(place: SyncPlace): Promise<void> {
  const reader = await composeReader(place.settings).catch(() => undefined);
  // Killed before it made the store.
  if (reader === undefined) return;
  const faults = await reader.verify();
  await reader.close();
  assert.deepEqual(
    Object.values(faults),
    Object.values(faults).map(() => 0),
  );
}

/** Mulberry32: the same numbers for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
