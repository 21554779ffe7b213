/** Threads that share a core let each other answer requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateCoreSharing, CoreSharing } from '../../src/http/connection/core-sharing.ts';
import { coreRestMs, coreSharedForMs, coreWorkMs } from '../../src/http/limits.ts';

/** Two threads on one core, of which each call takes the time that it is given. */
function shareCore() {
  const memory = allocateCoreSharing(2, 1);
  assert.ok(memory);
  let nowMs = 1_000;
  const clock = () => nowMs;
  const [one, other] = [new CoreSharing(memory, clock), new CoreSharing(memory, clock)];
  /** Real milliseconds for which the end of a turn kept the thread. */
  const endTurn = (sharing: CoreSharing, afterMs: number) => {
    nowMs += afterMs;
    const startMs = performance.now();
    sharing.endTurn();
    return performance.now() - startMs;
  };
  return { endOne: (ms: number) => endTurn(one, ms), endOther: (ms: number) => endTurn(other, ms) };
}

test('threads that each have a core of their own share none', () => {
  assert.equal(allocateCoreSharing(2, 2), null);
});

test('a thread that works alone does not rest', () => {
  const { endOne } = shareCore();
  const turns = Array.from({ length: 20 }, () => endOne(coreWorkMs));
  assert.ok(Math.min(...turns) < coreRestMs, `${turns}`);
});

test('a thread rests after its work while another has turns, and no longer when that stopped', () => {
  const { endOne, endOther } = shareCore();
  endOther(1);
  const beside = Array.from({ length: 10 }, () => endOne(coreWorkMs));
  assert.ok(Math.min(...beside) >= coreRestMs, `${beside}`);
  endOther(1);
  const short = Array.from({ length: 10 }, () => endOne(coreWorkMs / 100));
  assert.ok(Math.min(...short) < coreRestMs, `${short}`);
  const alone = Array.from({ length: 10 }, () => endOne(coreSharedForMs));
  assert.ok(Math.min(...alone) < coreRestMs, `${alone}`);
});
