/** The lock in shared memory: one holder at a time, freed by its holder alone, taken over from the dead. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseLock, seizeLock, takeLock } from '../../src/domain/memory-lock.ts';

function makeWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(16));
}

test('a free lock is taken in the name of its holder, and nothing beside it changes', () => {
  const words = makeWords();
  assert.equal(takeLock(words, 1, 7), true);
  assert.deepEqual([...words], [0, 7, 0, 0]);
  releaseLock(words, 1);
  assert.deepEqual([...words], [0, 0, 0, 0]);
});

test('a lock that is held is waited for, about 2 s at most', () => {
  const words = makeWords();
  words[0] = 3;
  const startedMs = performance.now();
  assert.equal(takeLock(words, 0, 7), false);
  assert.ok(performance.now() - startedMs >= 1_900);
  assert.equal(words[0], 3);
});

test('a lock is taken over from the holder that is named, and from no other', () => {
  const words = makeWords();
  assert.equal(seizeLock(words, 0, { from: 0, to: 7 }), true);
  assert.equal(words[0], 7);
  assert.equal(seizeLock(words, 0, { from: 0, to: 8 }), false);
  assert.equal(seizeLock(words, 0, { from: 6, to: 8 }), false);
  assert.equal(words[0], 7);
  assert.equal(seizeLock(words, 0, { from: 7, to: 8 }), true);
  assert.equal(words[0], 8);
});
