/** Counts of look-ups, and the figures that follow from them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addUsage,
  countsByStatus,
  latencyBucketCount,
  latencyFigures,
  latencyPlace,
  lookupCount,
  notOkCount,
  noUsage,
  statusPlace,
  type UsageSums,
  usageSince,
} from '../../src/domain/usage-sums.ts';

function usageOf(durations: readonly number[], status = 200): UsageSums {
  const statuses = [...noUsage.statuses];
  const latencies = [...noUsage.latencies];
  for (const durationMs of durations) {
    const place = latencyPlace(durationMs);
    latencies[place] = (latencies[place] ?? 0) + 1;
    statuses[statusPlace(status)] = (statuses[statusPlace(status)] ?? 0) + 1;
  }
  return { units: durations.length, otherCalls: 0, statuses, latencies };
}

test('percentiles are within 13 % of those of the durations themselves', () => {
  const duration = fc.double({ min: 0.02, max: 16_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), (durations) => {
      const sorted = durations.toSorted((one, other) => one - other);
      const figures = latencyFigures(usageOf(durations));
      for (const [share, found] of [
        [0.5, figures?.p50],
        [0.95, figures?.p95],
        [0.99, figures?.p99],
      ] as const) {
        const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
        const error = Math.abs((found ?? 0) - exact);
        // Figures are rounded to a microsecond.
        assert.ok(error <= exact * 0.125 + 0.001, `${share}: ${found} for ${exact}`);
      }
    }),
  );
});

test('a duration has a bucket, and a longer one never an earlier bucket', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: 1, max: 2, noNaN: true }),
      (ms, by) => {
        const place = latencyPlace(ms);
        assert.ok(place >= 0 && place < latencyBucketCount);
        assert.ok(latencyPlace(ms * by) >= place);
      },
    ),
  );
  assert.deepEqual([0, 0.0159, 0.016, 1e12].map(latencyPlace), [0, 0, 1, latencyBucketCount - 1]);
});

test('without look-ups there are no percentiles', () => {
  assert.equal(latencyFigures(noUsage), null);
});

test('statuses are counted one by one, or together as others', () => {
  const sums = [usageOf([1, 1]), usageOf([1], 304), usageOf([1], 404), usageOf([1], 418)].reduce(
    addUsage,
  );
  assert.deepEqual(countsByStatus(sums), { 200: 2, 304: 1, 404: 1, other: 1 });
  assert.deepEqual([lookupCount(sums), notOkCount(sums)], [5, 2]);
});

test('what came since then and what was before are the whole', () => {
  const before = usageOf([1, 2, 300]);
  const since = usageOf([1, 0.5], 429);
  assert.deepEqual(usageSince(addUsage(before, since), before), since);
});
