/**
 * Kills a first import and a first sync at chosen writes. `nightly/kill-at-writes.test.ts` tries
 * the others.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KilledCommand, killAtWrite } from './kill-at-writes.ts';

/**
 * The first calls of each thread, then the key, the first pages of the store, the baseline and the
 * end of the run. An import makes about 190 calls, a sync 70.
 */
const calls: Readonly<Record<KilledCommand, readonly number[]>> = {
  import: [3, 40, 60, 130, 185],
  sync: [15, 35, 60],
};

for (const command of ['import', 'sync'] as const) {
  test(`a first ${command} that is killed at a write is completed by the next one`, {
    timeout: 240_000,
  }, async () => {
    let killed = 0;
    for (const call of calls[command]) killed += Number(await killAtWrite(command, call));
    assert.ok(killed >= calls[command].length - 2, `${killed} were killed`);
  });
}
