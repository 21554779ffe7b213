/**
 * A first import and a first sync, killed at every fourth of their writes, from the first to the
 * last.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killAtWrite } from '../launch/kill-at-writes.ts';

/** Threads count for themselves, so that nearby numbers meet nearly the same writes. */
const step = 4;

for (const command of ['import', 'sync'] as const) {
  test(`a first ${command} killed anywhere is made good by the next`, {
    timeout: 3_600_000,
  }, async () => {
    let kills = 0;
    for (let call = 1; await killAtWrite(command, call); call += step) kills += 1;
    assert.ok(kills > 10, `${kills} kills`);
  });
}
