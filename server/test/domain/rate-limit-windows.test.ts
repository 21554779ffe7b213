/**
 * The limiter's table of windows: each key finds its window, idle windows are reused, and refusals
 * say how long to wait.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allocateRateLimitMemory,
  type LimitKind,
  RateLimiter,
  windowKey,
  windowNames,
} from '../../src/domain/rate-limit.ts';

const maxWindows = 2_048;

function startLimiter() {
  let nowMs = 10_000;
  const memory = allocateRateLimitMemory(nowMs);
  const clock = () => nowMs;
  const makeLimiter = (thread: number) => new RateLimiter({ memory, thread, clock });
  nowMs += 1_001;
  return {
    memory,
    makeLimiter,
    limiter: makeLimiter(1),
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

function take(limiter: RateLimiter, id: number, options: { limit?: number; units?: number } = {}) {
  const { limit = 10, units = 1 } = options;
  return limiter.take({ key: windowKey('audience', id), limit, units, share: null });
}

test('a key contains its kind and its id, and keys of different kinds never collide', () => {
  const kinds: LimitKind[] = ['audience', 'administration', 'ingest', 'token'];
  for (const kind of kinds) {
    for (const id of [0, 1, 65_535, 0xff_ff_ff]) {
      assert.deepEqual(windowNames(windowKey(kind, id)), { kind, id });
      assert.ok(windowKey(kind, id) > 0);
    }
  }
  assert.deepEqual(
    kinds.map((kind) => windowKey(kind, 5)),
    [0x01_00_00_05, 0x02_00_00_05, 0x03_00_00_05, 0x04_00_00_05],
  );
});

test('nothing is granted in the first 1,001 ms, and silenceMs says how long that lasts', () => {
  const { memory } = startLimiter();
  let nowMs = 10_000;
  const limiter = new RateLimiter({ memory, thread: 1, clock: () => nowMs });
  assert.equal(limiter.silenceMs(), 1_001);
  nowMs = 10_500.5;
  assert.equal(limiter.silenceMs(), 501);
  nowMs = 11_000.9;
  assert.ok(take(limiter, 1) < 0);
  nowMs = 11_001;
  assert.equal(limiter.silenceMs(), 0);
  assert.equal(take(limiter, 1), 9);
});

test('a key is found again by every thread, wherever its window is', () => {
  const { makeLimiter } = startLimiter();
  const [one, other] = [makeLimiter(1), makeLimiter(2)];
  for (const id of [1, 2, 3]) assert.equal(take(one, id), 9);
  for (const id of [3, 1, 2]) assert.equal(take(other, id), 8);
  for (const id of [2, 3, 1]) assert.equal(take(one, id), 7);
});

test('each key has its own window until all are used, and one more key is refused for a second', () => {
  const { makeLimiter } = startLimiter();
  const limiter = makeLimiter(1);
  for (let id = 1; id <= maxWindows; id += 1) assert.equal(take(limiter, id, { limit: 1 }), 0);
  for (const id of [1, 2, 1_000, maxWindows - 1, maxWindows]) {
    assert.ok(take(limiter, id, { limit: 1 }) < 0, String(id));
  }
  assert.equal(take(limiter, maxWindows + 1, { limit: 1 }), -1_000);
  assert.equal(take(makeLimiter(2), maxWindows + 1, { limit: 1 }), -1_000);
  assert.equal(take(limiter, 1, { limit: 2 }), 0, 'other keys are still granted');
});

test('a window that was idle for two seconds is emptied and given to another key', () => {
  const { limiter, makeLimiter, wait } = startLimiter();
  for (let id = 1; id <= maxWindows; id += 1) take(limiter, id, { limit: 1 });
  wait(2_048);
  assert.equal(take(limiter, 5_000, { limit: 1 }), -1_000, 'not yet');
  wait(1);
  for (let id = 1; id <= maxWindows; id += 1) {
    if (id !== 7) assert.equal(take(limiter, id, { limit: 1 }), 0, 'seen again');
  }
  assert.equal(take(limiter, 5_000, { limit: 1 }), 0, 'the idle window is reused');
  assert.ok(take(limiter, 5_000, { limit: 1 }) < 0);
  assert.ok(take(makeLimiter(2), 5_000, { limit: 1 }) < 0, 'other threads see the same window');
  assert.equal(take(limiter, 7, { limit: 1 }), -1_000, 'its former key has no window now');
  assert.equal(take(limiter, 5_001, { limit: 1 }), -1_000, 'no other window is idle');
});

test('the first window is reused when it alone is idle, and so is the last', () => {
  for (const idle of [1, maxWindows]) {
    const { limiter, wait } = startLimiter();
    for (let id = 1; id <= maxWindows; id += 1) take(limiter, id, { limit: 1 });
    wait(2_049);
    for (let id = 1; id <= maxWindows; id += 1) if (id !== idle) take(limiter, id, { limit: 1 });
    assert.equal(take(limiter, 5_000, { limit: 1 }), 0);
    assert.equal(take(limiter, 5_001, { limit: 1 }), -1_000);
  }
});

test('a thread locks a window while it grants units, and then frees it', () => {
  const memory = allocateRateLimitMemory(0);
  const words = new Int32Array(memory);
  const held: (readonly (number | undefined)[])[] = [];
  const grantLog = () => held.push([words[0], words[4]]);
  const limiter = new RateLimiter({ memory, thread: 6, clock: () => 2_000, grantLog });
  assert.equal(take(limiter, 1), 9);
  assert.deepEqual(held, [[0, 6]]);
  assert.deepEqual([words[0], words[4]], [0, 0]);
});

test('a thread whose window was reused finds another one for its key', () => {
  const { makeLimiter, wait } = startLimiter();
  const [one, other] = [makeLimiter(1), makeLimiter(2)];
  take(one, 1, { limit: 1 });
  for (let id = 2; id <= maxWindows; id += 1) take(other, id, { limit: 1 });
  wait(3_000);
  assert.equal(take(other, 9_000, { limit: 1 }), 0, 'key 9,000 reuses the window of key 1');
  assert.equal(take(one, 1, { limit: 1 }), 0, 'key 1 gets another window');
  assert.ok(take(other, 9_000, { limit: 1 }) < 0, 'key 1 did not count in the window of key 9,000');
});

test('a refusal names the millisecond from which that many units are free', () => {
  const { limiter, wait } = startLimiter();
  assert.equal(take(limiter, 1, { units: 4 }), 6);
  wait(100);
  assert.equal(take(limiter, 1, { units: 6 }), 0);
  assert.equal(take(limiter, 1), -901);
  assert.equal(take(limiter, 1, { units: 4 }), -901);
  assert.equal(take(limiter, 1, { units: 5 }), -1_001);
  assert.equal(take(limiter, 1, { units: 10 }), -1_001);
  assert.equal(take(limiter, 1, { units: 11 }), -1_000, 'never');
  wait(900);
  assert.equal(take(limiter, 1), -1);
  wait(1);
  assert.equal(take(limiter, 1, { units: 4 }), 0);
});

test('a refusal of a share has its own wait, and takes no unit of the share or the limit', () => {
  const { limiter, wait } = startLimiter();
  const key = windowKey('audience', 1);
  const share = { key: windowKey('token', 1), limit: 2 };
  const shared = (units: number) => limiter.take({ key, limit: 10, units, share });
  assert.equal(shared(2), 8);
  assert.equal(limiter.shareLeft, 0);
  wait(10);
  assert.equal(shared(1), -991);
  assert.equal(take(limiter, 1, { units: 8 }), 0, 'the refused unit was not taken');
  assert.equal(shared(1), -991, 'the organization has none left either');
  wait(991);
  assert.equal(shared(1), 1, 'two of ten are free, and one is taken');
  assert.equal(limiter.shareLeft, 1);
});

test('a request is refused for a second when its window or the table cannot be locked', () => {
  const { limiter, memory } = startLimiter();
  const words = new Int32Array(memory);
  words[0] = 9;
  assert.equal(take(limiter, 1), -1_000);
  words[0] = 0;
  assert.equal(take(limiter, 1), 9);
  words[4] = 9;
  assert.equal(take(limiter, 1), -1_000);
  limiter.releaseThread(8);
  assert.equal(words[4], 9, 'another thread holds the lock, not the dead one');
  limiter.releaseThread(9);
  assert.equal(take(limiter, 1), 8);
});

test('the locks of a dead thread are freed, and the totals of its windows recounted', () => {
  const { limiter, memory } = startLimiter();
  const words = new Int32Array(memory);
  take(limiter, 1, { units: 3 });
  take(limiter, 2, { units: 3 });
  // The thread died in the middle of both counts: after the slot and before the total, or the other
  // way round.
  const second = 4 + 1_032;
  for (const window of [4, second]) {
    words[window] = 9;
    words[window + 2] = 1;
  }
  words[0] = 9;
  limiter.releaseThread(9);
  assert.equal(words[0], 0);
  assert.equal(take(limiter, 1), 6);
  assert.equal(take(limiter, 2), 6);
  assert.equal(words[4], 0);
  assert.equal(words[second], 0);
});
