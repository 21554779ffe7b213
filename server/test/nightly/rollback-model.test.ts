/** The long version of `stores/rollback-model.test.ts`. */
import { test } from 'node:test';
import { tryRollbacks, tryRollingAllBack } from '../stores/try-rollbacks.ts';

const timeout = 3_600_000;

test('a store whose runs were rolled back equals one that never had them', { timeout }, () =>
  tryRollbacks(3_000),
);

test('rolling back all runs of a dataset, newest first, leaves nothing', { timeout }, () =>
  tryRollingAllBack(3_000),
);
