/** The long version of `sync/import-history.test.ts`. */
import { test } from 'node:test';
import { tryHistories } from '../sync/import-histories.ts';

test(
  'after sixty histories, importing only the changes has the same result as importing every row',
  {
    timeout: 3_600_000,
  },
  (context) => tryHistories(context, 60),
);
