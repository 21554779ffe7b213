/**
 * Look-ups while contacts are joined, parted and moved. `nightly/joins-beside-lookups.test.ts` is
 * the long version.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookUpJoins } from './look-up-joins.ts';

test('an answer is of one commit and of one person while contacts are joined, parted and moved', async (context) => {
  const trial = { lookups: 20_000, minMs: 2_000, maxMs: 60_000 };
  const { lookups, rounds } = await lookUpJoins(context, trial);
  assert.ok(rounds >= 5, `only ${rounds} rounds of writes during ${lookups} look-ups`);
});
