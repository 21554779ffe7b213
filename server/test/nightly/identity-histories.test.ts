/** The long version of `identities/random-histories.test.ts`. */
import { test } from 'node:test';
import { tryHistories } from '../identities/try-histories.ts';

test(
  'after a hundred thousand histories of writes, each promise about identities is kept',
  {
    timeout: 3_600_000,
  },
  (context) => tryHistories(context, 100_000),
);
