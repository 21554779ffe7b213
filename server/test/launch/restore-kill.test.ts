/** Kills a restore with suppression lists at chosen writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KillPoint } from './kill-at-writes.ts';
import { prepareRestores } from './kill-restores.ts';

/** Calls that give files their names and take them away. */
const calls = 'rename,renameat,renameat2,unlink,unlinkat,rmdir';

/**
 * While files are copied, while lists are united, while people are erased, and while the lists and
 * then the files of the store are put in place. A restore makes about 160 writing calls in one of
 * its threads, and 13 of those that name files.
 */
const points: readonly KillPoint[] = [
  ...[15, 45, 75, 105, 135].map((call) => ({ call })),
  ...[3, 5, 7, 8, 9, 10, 11, 12].map((call) => ({ call, calls })),
];

test('a restore that is killed at a write shows no erased person and loses no list', {
  timeout: 240_000,
}, async () => {
  const trial = await prepareRestores();
  try {
    let killed = 0;
    for (const point of points) killed += Number(await trial.killAt(point));
    assert.ok(killed >= points.length - 3, `${killed} were killed`);
  } finally {
    trial.remove();
  }
});
