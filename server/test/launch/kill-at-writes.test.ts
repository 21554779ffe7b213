/**
 * A first import and a first sync, killed at chosen writes. All writes are tried by
 * `nightly/kill-at-writes.test.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KilledCommand, killAtWrite } from './kill-at-writes.ts';

/**
 * The first calls of each thread, then the key, the store's first pages, the snapshot and the end
 * of the run.
 */
const calls: Readonly<Record<KilledCommand, readonly number[]>> = {
  import: [3, 40, 60, 130, 185],
  sync: [30, 60, 110],
};

for (const command of ['import', 'sync'] as const) {
  test(`a first ${command} that is killed at a write is made good by the next`, {
    timeout: 240_000,
  }, async () => {
    let killed = 0;
    for (const call of calls[command]) killed += Number(await killAtWrite(command, call));
    assert.ok(killed >= calls[command].length - 2, `${killed} were killed`);
  });
}
