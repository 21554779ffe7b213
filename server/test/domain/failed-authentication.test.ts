/**
 * The limit on failed authentication: how many failures, for how long, and which addresses count as
 * one caller.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../../src/domain/token/failed-authentication.ts';

const startMs = 1_000_000;

function startLimiter() {
  let nowMs = startMs;
  const memory = allocateFailedAuthenticationMemory();
  const clock = () => nowMs;
  const makeLimiter = (thread: number) =>
    new FailedAuthenticationLimiter({ memory, thread, clock });
  return {
    memory,
    makeLimiter,
    limiter: makeLimiter(1),
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

function fail(limiter: FailedAuthenticationLimiter, address: string, times: number): number[] {
  return Array.from({ length: times }, () => limiter.countFailure(address));
}

const granted = (times: number) => Array.from({ length: times }, () => 0);

test('twenty failures are within the limit, and the next waits 3 s for one more', () => {
  const { limiter, wait } = startLimiter();
  assert.deepEqual(fail(limiter, '192.0.2.1', 20), granted(20));
  assert.equal(limiter.countFailure('192.0.2.1'), 3_000);
  wait(1_000.5);
  assert.equal(limiter.countFailure('192.0.2.1'), 2_000);
  wait(1_999);
  assert.equal(limiter.countFailure('192.0.2.1'), 1);
  wait(1.01);
  assert.equal(limiter.countFailure('192.0.2.1'), 0);
  assert.equal(limiter.countFailure('192.0.2.1'), 3_000);
});

test('units come back at 20 a minute, up to a burst of 20', () => {
  const { limiter, wait } = startLimiter();
  fail(limiter, '192.0.2.1', 21);
  wait(30_001);
  assert.deepEqual(fail(limiter, '192.0.2.1', 10), granted(10));
  assert.ok(limiter.countFailure('192.0.2.1') > 0);
  wait(3_600_000);
  assert.deepEqual(fail(limiter, '192.0.2.1', 20), granted(20));
  assert.ok(limiter.countFailure('192.0.2.1') > 0);
});

const oneCaller: readonly (readonly [string, string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '::ffff:192.0.2.1'],
  ['192.0.2.1', '::FFFF:192.0.2.1'],
  ['192.0.2.1', '::ffff:c000:201'],
  ['192.0.2.1', '0:0:0:0:0:ffff:c000:0201'],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
  ['2001:db8:1:2::1', '2001:0DB8:0001:0002::'],
  ['2001:db8:1:2::1', '2001:db8:1:2::1%eth0'],
  ['2001:db8::1', '2001:db8:0:0:9::'],
  ['2001:db8:0:0:1::', '2001:db8::2:0:0:0'],
  ['::1', '::2'],
  ['0:0:0:1::', '0:0:0:1:5:6:7:8'],
  ['0:0:3:4:5:6:7:8', '0:0:3:4::'],
  ['1:0:0:4:5:6:7:8', '1:0:0:4::'],
  ['1::', '1::ffff:0:0:1'],
  ['fe80::1%eth0', 'fe80::2%eth1'],
];

for (const [one, other] of oneCaller) {
  test(`${one} and ${other} are one caller`, () => {
    const { limiter } = startLimiter();
    fail(limiter, one, 20);
    assert.equal(limiter.countFailure(other), 3_000);
  });
}

const twoCallers: readonly (readonly [string, string])[] = [
  ['192.0.2.1', '192.0.2.2'],
  ['192.0.2.1', '::192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
  ['::ffff:c000:201', '::ffff:c000:202'],
  ['2001:db8:1:2::', '2001:db8:1:3::'],
  ['2001:db8:1:2::', '2001:db8:1::2'],
  ['2001:db8::2:0:0:0:0', '2001:db8::'],
  ['1:2:3:4:5:6:7:8', '1:2:3:5:5:6:7:8'],
  ['1:2:3:4:5:6:7:8', '2:2:3:4:5:6:7:8'],
  ['1:2:3:4::', '1:2:3::'],
  ['1:23::', '12:3::'],
  ['0:0:3:4:5:6:7:8', '0:0:3:9:5:6:7:8'],
  ['1:0:0:4:5:6:7:8', '1:0:0:5:5:6:7:8'],
  ['::1:0:0:0:0:0', '::'],
];

for (const [one, other] of twoCallers) {
  test(`${one} and ${other} are two callers`, () => {
    const { limiter } = startLimiter();
    fail(limiter, one, 21);
    assert.deepEqual(fail(limiter, other, 20), granted(20));
  });
}

test('10,240 addresses are remembered in 24 bytes each, beside the lock', () => {
  assert.equal(allocateFailedAuthenticationMemory().byteLength, 8 + 10_240 * 24);
});

test('a thread counts a failure while it holds the lock', () => {
  const memory = allocateFailedAuthenticationMemory();
  const words = new Int32Array(memory);
  const holders: (number | undefined)[] = [];
  const clock = () => {
    holders.push(words[0]);
    return startMs;
  };
  new FailedAuthenticationLimiter({ memory, thread: 5, clock }).countFailure('192.0.2.1');
  assert.deepEqual(holders, [5]);
  assert.equal(words[0], 0);
});

test('threads count together', () => {
  const { limiter, makeLimiter } = startLimiter();
  fail(limiter, '192.0.2.1', 12);
  const other = makeLimiter(2);
  assert.deepEqual(fail(other, '192.0.2.1', 8), granted(8));
  assert.equal(other.countFailure('192.0.2.1'), 3_000);
  assert.equal(limiter.countFailure('192.0.2.1'), 3_000);
});

test('a thousand callers are distinguished, and each has its own count', () => {
  const { limiter } = startLimiter();
  const addresses = Array.from({ length: 1_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
  for (const address of addresses) fail(limiter, address, 20);
  const refused = addresses.filter((address) => limiter.countFailure(address) === 3_000);
  // A set of four that is hit by five callers forgets one of them.
  assert.ok(refused.length >= 985, String(refused.length));
});

test('every one of five thousand callers is refused at its 21st failure', () => {
  const { limiter } = startLimiter();
  for (let at = 0; at < 5_000; at += 1) {
    const address = `10.1.${at >> 8}.${at & 255}`;
    fail(limiter, address, 20);
    assert.equal(limiter.countFailure(address), 3_000, address);
  }
});

test('when the memory is full, the least recently seen caller is forgotten', () => {
  const { limiter, wait } = startLimiter();
  fail(limiter, '192.0.2.1', 21);
  const addresses = Array.from(
    { length: 15_000 },
    (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
  );
  for (const address of addresses) {
    wait(0.01);
    limiter.countFailure(address);
  }
  assert.equal(limiter.countFailure('192.0.2.1'), 0, 'it is forgotten');
  const latest = addresses.slice(-200);
  for (const address of latest) fail(limiter, address, 19);
  const known = latest.filter((address) => limiter.countFailure(address) > 0);
  assert.ok(known.length >= 180, `the latest are remembered: ${known.length}`);
});

test('a caller that keeps failing is remembered among many others', () => {
  const { limiter, wait } = startLimiter();
  fail(limiter, '192.0.2.1', 21);
  for (let at = 0; at < 15_000; at += 1) {
    wait(0.01);
    limiter.countFailure(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    if (at % 100 === 0) assert.ok(limiter.countFailure('192.0.2.1') > 0);
  }
});

test('only the lock of a dead thread is freed', () => {
  const { memory, limiter } = startLimiter();
  const words = new Int32Array(memory);
  words[0] = 7;
  limiter.releaseThread(6);
  assert.equal(words[0], 7);
  limiter.releaseThread(7);
  assert.equal(words[0], 0);
  assert.equal(limiter.countFailure('192.0.2.1'), 0);
  assert.equal(words[0], 0, 'the lock is free again after a count');
});

test('a failure waits a second when the lock cannot be taken', () => {
  const { memory, limiter } = startLimiter();
  new Int32Array(memory)[0] = 7;
  assert.equal(limiter.countFailure('192.0.2.1'), 1_000);
});
