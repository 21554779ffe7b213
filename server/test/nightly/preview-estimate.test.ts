/** The long version of `administration/preview-estimate.test.ts`. */
import { test } from 'node:test';
import { tryEstimates } from '../administration/try-estimates.ts';

test('the interval holds in at least 19 of 20 draws, however many contacts are members', async (t) => {
  await tryEstimates(t, { draws: 400, least: 0.95 });
});
