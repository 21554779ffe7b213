/** The long version of `identities/store-histories.test.ts`: about 250,000 steps. */
import { test } from 'node:test';
import { tryStoreHistories } from '../identities/try-store-histories.ts';

test(
  'a store answers as the rules say after any history of writes',
  { timeout: 3_600_000 },
  (context) => tryStoreHistories(context, 28_000),
);
