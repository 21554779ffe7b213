/** The long version of `launch/joins-beside-lookups.test.ts`. */
import { test } from 'node:test';
import { lookUpJoins } from '../launch/look-up-joins.ts';

test('each of a million answers is of one commit and of one person while contacts are joined, parted and moved', async (context) => {
  const { lookups, rounds } = await lookUpJoins(context, {
    ...{ lookups: 1_000_000, minMs: 60_000, maxMs: 30 * 60_000 },
  });
  context.diagnostic(`${lookups} look-ups during ${rounds} rounds of writes`);
});
