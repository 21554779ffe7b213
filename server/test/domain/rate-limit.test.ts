/** The sliding-second limit, checked against its log of grants for generated traffic. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allocateRateLimitMemory,
  type LimitRequest,
  RateLimiter,
  windowKey,
} from '../../src/domain/rate-limit.ts';

interface Grant {
  readonly atMs: number;
  readonly units: number;
}

function startLimiter() {
  let nowMs = 5_000_000.25;
  const grants: Grant[] = [];
  const limiter = new RateLimiter({
    memory: allocateRateLimitMemory(nowMs),
    thread: 1,
    clock: () => nowMs,
    grantLog: (atMs, request) => grants.push({ atMs, units: request.units }),
  });
  return {
    limiter,
    grants,
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

function request(limit: number, units = 1, share: LimitRequest['share'] = null): LimitRequest {
  return { key: windowKey('audience', 1), limit, units, share };
}

/** The most units granted in any half-open second that starts at a grant. */
function mostInAnySecond(grants: readonly Grant[]): number {
  return grants.reduce((most, first, index) => {
    let units = 0;
    for (let next = index; next < grants.length; next += 1) {
      const grant = grants[next];
      if (grant === undefined || grant.atMs >= first.atMs + 1_000) break;
      units += grant.units;
    }
    return Math.max(most, units);
  }, 0);
}

test('nothing is granted in the first second of the memory', () => {
  const { limiter, wait } = startLimiter();
  assert.ok(limiter.take(request(50)) < 0);
  assert.ok(limiter.silenceMs() > 1_000);
  wait(1_001);
  assert.equal(limiter.silenceMs(), 0);
  assert.equal(limiter.take(request(50)), 49);
});

test('no sliding second ever holds more than the limit, whatever the traffic', () => {
  const step = fc.record({
    gapMs: fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.integer({ min: 0, max: 2_500 })),
    units: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 50 })),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.array(step, { maxLength: 400 }),
      (limit, steps) => {
        const { limiter, grants, wait } = startLimiter();
        wait(1_001);
        for (const { gapMs, units } of steps) {
          wait(gapMs);
          limiter.take(request(limit, units));
        }
        assert.ok(mostInAnySecond(grants) <= limit);
      },
    ),
    { numRuns: 300 },
  );
});

test('steady traffic over the limit gets at least 49 of 50 units each second', () => {
  const { limiter, grants, wait } = startLimiter();
  wait(1_001);
  for (let tick = 0; tick < 40_000; tick += 1) {
    wait(0.25);
    limiter.take(request(50));
  }
  assert.ok(grants.length >= 49 * 10 && grants.length <= 50 * 10, String(grants.length));
});

test('the wait in a refusal is long enough and no longer than needed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 60 }),
      (limit, gaps) => {
        const { limiter, wait } = startLimiter();
        wait(1_001);
        for (const gap of gaps) {
          wait(gap);
          const left = limiter.take(request(limit));
          if (left >= 0) continue;
          wait(-left - 1.5);
          assert.ok(limiter.take(request(limit)) < 0, 'too long');
          wait(1.5);
          assert.ok(limiter.take(request(limit)) >= 0, 'too short');
        }
      },
    ),
  );
});

test('a batch is granted whole or not at all', () => {
  const { limiter, wait } = startLimiter();
  wait(1_001);
  assert.equal(limiter.take(request(50, 40)), 10);
  assert.ok(limiter.take(request(50, 11)) < 0);
  assert.equal(limiter.take(request(50, 10)), 0);
});

test("a token's share bounds that token and leaves the rest to others", () => {
  const { limiter, wait } = startLimiter();
  wait(1_001);
  const share = { key: windowKey('token', 7), limit: 40 };
  for (let count = 0; count < 40; count += 1) assert.ok(limiter.take(request(50, 1, share)) >= 0);
  assert.ok(limiter.take(request(50, 1, share)) < 0);
  for (let count = 0; count < 10; count += 1) assert.ok(limiter.take(request(50)) >= 0);
  assert.ok(limiter.take(request(50)) < 0);
});

test('a changed limit takes effect at the next request', () => {
  const { limiter, wait } = startLimiter();
  wait(1_001);
  assert.equal(limiter.take(request(50, 30)), 20);
  assert.ok(limiter.take(request(20)) < 0);
  assert.equal(limiter.take(request(31)), 0);
});

test('a refusal leaves what was left, also when the limit was lowered', () => {
  const { limiter, wait } = startLimiter();
  wait(1_001);
  const share = { key: windowKey('token', 7), limit: 3 };
  limiter.take(request(50, 2, share));
  assert.ok(limiter.take(request(50, 2, share)) < 0);
  assert.deepEqual([limiter.left, limiter.shareLeft], [48, 1]);
  assert.ok(limiter.take(request(50, 49)) < 0);
  assert.deepEqual([limiter.left, limiter.shareLeft], [48, 0]);
  assert.ok(limiter.take(request(1, 1, share)) < 0);
  assert.deepEqual([limiter.left, limiter.shareLeft], [0, 1]);
});

test('organizations do not share units, and take turns if there are more of them than windows', () => {
  const { limiter, wait } = startLimiter();
  wait(1_001);
  for (let id = 1; id <= 5_000; id += 1) {
    if (id % 2_000 === 0) wait(3_000);
    const key = windowKey('audience', id);
    assert.equal(limiter.take({ key, limit: 1, units: 1, share: null }), 0);
    assert.ok(limiter.take({ key, limit: 1, units: 1, share: null }) < 0);
  }
});

test('a window whose holder died is freed, and its total recounted', () => {
  let nowMs = 1;
  const memory = allocateRateLimitMemory(nowMs);
  const clock = () => nowMs;
  const dying = new RateLimiter({
    memory,
    thread: 7,
    clock,
    grantLog: () => {
      throw new Error('the thread dies inside the lock');
    },
  });
  const survivor = new RateLimiter({ memory, thread: 8, clock });
  nowMs = 2_000;
  assert.throws(() => dying.take(request(50)));
  survivor.releaseThread(7);
  assert.equal(survivor.take(request(50)), 48);
});
