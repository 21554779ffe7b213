/**
 * The lock in shared memory: it has one holder at a time, only its holder frees it, and it is taken
 * over from a dead holder.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseLock, seizeLock, takeLock } from '../../src/domain/memory-lock.ts';

function makeWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(16));
}

test('taking a free lock writes only the name of its holder', () => {
  const words = makeWords();
  assert.equal(takeLock(words, 1, 7), true);
  assert.deepEqual([...words], [0, 7, 0, 0]);
  releaseLock(words, 1);
  assert.deepEqual([...words], [0, 0, 0, 0]);
});

/**
 * Runs the action with a replacement for the platform's wait, because a lock that stays held would
 * cost seconds.
 */
function countWaits(wait: (sleeps: number) => void, action: () => void) {
  const real = { wait: Atomics.wait, compareExchange: Atomics.compareExchange };
  const sleepsMs: (number | undefined)[] = [];
  let tries = 0;
  Atomics.wait = (_words: unknown, _index: number, _value: unknown, sleepMs?: number) => {
    sleepsMs.push(sleepMs);
    wait(sleepsMs.length);
    return 'timed-out';
  };
  Atomics.compareExchange = ((words: Int32Array, index: number, from: number, to: number) => {
    tries += 1;
    return real.compareExchange(words, index, from, to);
  }) as typeof Atomics.compareExchange;
  try {
    action();
  } finally {
    Object.assign(Atomics, real);
  }
  return { tries, sleepsMs };
}

test('a lock that stays held is tried 2,000 times at once, then once for each of 2,000 ms', () => {
  const words = makeWords();
  words[0] = 3;
  const { tries, sleepsMs } = countWaits(
    () => {},
    () => assert.equal(takeLock(words, 0, 7), false),
  );
  assert.equal(tries, 4_000);
  assert.deepEqual(sleepsMs, Array(2_000).fill(1));
  assert.deepEqual([...words], [3, 0, 0, 0]);
});

test('a lock that is freed during the wait is taken', () => {
  const words = makeWords();
  words[2] = 3;
  const { tries, sleepsMs } = countWaits(
    (sleeps) => {
      if (sleeps === 3) releaseLock(words, 2);
    },
    () => assert.equal(takeLock(words, 2, 7), true),
  );
  assert.equal(tries, 2_004);
  assert.equal(sleepsMs.length, 3);
  assert.deepEqual([...words], [0, 0, 7, 0]);
});

test('a lock is taken over only from the named holder', () => {
  const words = makeWords();
  assert.equal(seizeLock(words, 0, { from: 0, to: 7 }), true);
  assert.equal(words[0], 7);
  assert.equal(seizeLock(words, 0, { from: 0, to: 8 }), false);
  assert.equal(seizeLock(words, 0, { from: 6, to: 8 }), false);
  assert.equal(words[0], 7);
  assert.equal(seizeLock(words, 0, { from: 7, to: 8 }), true);
  assert.equal(words[0], 8);
});
