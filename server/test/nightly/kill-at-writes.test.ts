/** Kills a first import and a first sync at writes, from the first to the last. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killAtWrite } from '../launch/kill-at-writes.ts';

/**
 * Each thread counts its own writes, so neighbouring numbers hit nearly the same moments. An import
 * makes about 190 writes, a sync 70.
 */
const steps = { import: 4, sync: 2 } as const;

for (const command of ['import', 'sync'] as const) {
  test(`a first ${command} that is killed at any write is completed by the next one`, {
    timeout: 3_600_000,
  }, async () => {
    let kills = 0;
    for (let call = 1; await killAtWrite(command, call); call += steps[command]) kills += 1;
    assert.ok(kills > 20, `${kills} kills`);
  });
}
