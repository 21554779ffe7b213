/** Look-ups, batches, previews and explanations against plain functions, of many catalogs. */
import { test } from 'node:test';
import { tryFourDoors } from '../http/four-doors.ts';

test('look-up, batch, preview and explain agree with plain functions in 1,000,000 cases', async (t) => {
  await tryFourDoors(t, { trials: 50, rules: 100, people: 200 });
});

test('they agree for many small catalogs', async (t) => {
  await tryFourDoors(t, { trials: 200, rules: 20, people: 20 });
});
