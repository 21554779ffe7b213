/**
 * The estimate of a preview, over draws from a real store. `nightly/preview-estimate.test.ts` draws
 * more often, and so can ask for more.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateMembers } from '../../src/domain/membership/wilson-interval.ts';
import { tryEstimates } from './try-estimates.ts';

test('the interval holds in at least 9 of 10 draws, however many contacts are members', async (t) => {
  await tryEstimates(t, { draws: 60, least: 0.9 });
});

test('the interval is wide for few contacts and exact if all were drawn', () => {
  assert.deepEqual(estimateMembers({ contacts: 0, members: 0, total: 10 }), {
    members: 0,
    low: 0,
    high: 10,
  });
  assert.deepEqual(estimateMembers({ contacts: 10, members: 3, total: 10 }), {
    members: 3,
    low: 3,
    high: 3,
  });
  const none = estimateMembers({ contacts: 2_000, members: 0, total: 1_000_000 });
  assert.deepEqual([none.members, none.low, none.high], [0, 0, 1_918]);
});
