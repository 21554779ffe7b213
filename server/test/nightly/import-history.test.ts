/** The long trial of `sync/import-history.test.ts`. */
import { test } from 'node:test';
import { tryHistories } from '../sync/import-histories.ts';

test(
  'sixty histories of imports end as importing everything does',
  {
    timeout: 3_600_000,
  },
  (context) => tryHistories(context, 60),
);
