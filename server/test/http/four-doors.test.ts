/**
 * Look-ups, batches, previews and explanations against plain functions.
 * `nightly/four-doors.test.ts` tries more.
 */
import { test } from 'node:test';
import { tryFourDoors } from './four-doors.ts';

test('look-up, batch, preview and explain agree with plain functions in 40,000 cases', async (t) => {
  await tryFourDoors(t, { trials: 4, rules: 50, people: 200 });
});
