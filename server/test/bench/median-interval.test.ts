/** The interval around a median holds the true one as often as it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medianInterval } from '../../../bench/lookup/median-interval.ts';

const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('the interval of a median has the ranks of the published table', () => {
  // Conover, Practical Nonparametric Statistics: the ranks for at least 95 %.
  const ranks = [
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [11, 2, 10],
    [15, 4, 12],
    [20, 6, 15],
    [41, 14, 28],
  ] as const;
  for (const [count, low, high] of ranks) {
    const found = medianInterval(oneTo(count).reverse());
    assert.deepEqual([count, found.low, found.high], [count, low, high]);
    assert.equal(found.median, (count + 1) / 2);
  }
});

test('fewer than six numbers give no interval', () => {
  assert.throws(() => medianInterval(oneTo(5)), /5 numbers are too few/);
});
