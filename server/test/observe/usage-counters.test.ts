/** Calls by token in shared memory, and what was counted a moment ago. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsByStatus, lookupCount } from '../../src/domain/usage-sums.ts';
import { allocateUsage, UsageCounters, UsageRows } from '../../src/observe/usage-counters.ts';
import { UsageHistory } from '../../src/observe/usage-history.ts';

const tokenOf = (rowId: number, organizationId = 1) => ({ rowId, organizationId });
const callOf = (rowId: number, units = 1, organizationId = 1) => {
  return { token: tokenOf(rowId, organizationId), units };
};

test('the counts of all threads are added up by token', () => {
  const memory = allocateUsage({ rows: 2 });
  const [one, two] = [0, 1].map((row) => new UsageCounters(memory, row));
  one?.countLookup(callOf(7), 200, 1);
  two?.countLookup(callOf(9, 50, 2), 404, 1);
  two?.countLookup(callOf(7, 3), 304, 1);
  two?.countOther(callOf(7, 1));
  const counted = new UsageRows(memory, { rows: 2 }).read();
  const seven = counted.get(7);
  assert.deepEqual(seven && countsByStatus(seven), { 200: 1, 304: 1 });
  assert.deepEqual([seven?.units, seven?.otherCalls, seven?.organizationId], [4, 1, 1]);
  assert.deepEqual([counted.get(9)?.units, counted.get(9)?.organizationId], [50, 2]);
  assert.equal(counted.size, 2);
});

test('a call without a token is not counted', () => {
  const memory = allocateUsage({ rows: 1 });
  const counters = new UsageCounters(memory, 0);
  counters.countLookup({ token: undefined, units: 0 }, 401, 1);
  counters.countOther({ token: undefined, units: 0 });
  assert.equal(new UsageRows(memory, { rows: 1 }).read().size, 0);
});

test('a replacement thread goes on where its predecessor ended', () => {
  const memory = allocateUsage({ rows: 1 });
  const dead = new UsageCounters(memory, 0);
  for (const rowId of [3, 5]) dead.countLookup(callOf(rowId), 200, 1);
  const next = new UsageCounters(memory, 0);
  for (const rowId of [5, 8]) next.countLookup(callOf(rowId), 200, 1);
  const counted = new UsageRows(memory, { rows: 1 }).read();
  assert.deepEqual(
    [...counted].map(([rowId, { units }]) => [rowId, units]),
    [
      [3, 1],
      [5, 2],
      [8, 1],
    ],
  );
});

test('more tokens than there is room for are not counted, and harm no other', () => {
  const memory = allocateUsage({ rows: 2 });
  const counters = new UsageCounters(memory, 0);
  for (let rowId = 1; rowId <= 2_050; rowId += 1) counters.countLookup(callOf(rowId), 200, 1);
  counters.countLookup(callOf(1), 200, 1);
  const counted = new UsageRows(memory, { rows: 2 }).read();
  assert.deepEqual([counted.size, counted.get(1)?.units], [2_048, 2]);
});

function startHistory(startMs: number) {
  let nowMs = startMs;
  const memory = allocateUsage({ rows: 1 });
  const counters = new UsageCounters(memory, 0);
  const rows = new UsageRows(memory, { rows: 1 });
  const history = new UsageHistory(
    () => rows.read(),
    () => nowMs,
  );
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5_000) {
      nowMs += 5_000;
      history.sample();
    }
  };
  return { counters, history, pass };
}

test('only calls of the last 10 to 15 seconds count as now', () => {
  const { counters, history, pass } = startHistory(0);
  counters.countLookup(callOf(1), 200, 1);
  const start = history.recent(1);
  assert.deepEqual([start.seconds, start.tokens.get(1)?.units], [1, 1]);
  pass(10_000);
  counters.countLookup(callOf(2, 8), 200, 1);
  const { seconds, tokens } = history.recent(1);
  assert.deepEqual([seconds, tokens.get(1)?.units, tokens.get(2)?.units], [10, 1, 8]);
  assert.equal(history.recent(2).tokens.size, 0);
  pass(5_000);
  assert.deepEqual([...history.recent(1).tokens.keys()], [2]);
  pass(15_000);
  assert.deepEqual([...history.recent(1).tokens.keys()], []);
});

test('whole minutes of the last hour are kept, those without calls left out', () => {
  const { counters, history, pass } = startHistory(60_000 * 100);
  counters.countLookup(callOf(1), 200, 1);
  counters.countLookup(callOf(4, 1, 2), 200, 1);
  assert.deepEqual(history.lastHour(1), []);
  pass(120_000);
  counters.countLookup(callOf(1), 404, 1);
  counters.countLookup(callOf(2), 404, 1);
  pass(60_000);
  const minutes = () =>
    history.lastHour(1).map(({ startMs, sums }) => [startMs / 60_000, lookupCount(sums)]);
  assert.deepEqual(minutes(), [
    [100, 1],
    [102, 2],
  ]);
  assert.equal(history.lastHour(2).length, 1);
  pass(60_000 * 58);
  assert.deepEqual(minutes(), [[102, 2]]);
});
