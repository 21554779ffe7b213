/**
 * A real store answers as the model of the identity rules does, after any history of writes: the
 * same histories in each run, of about 12,000 steps. `nightly/store-histories.test.ts` tries
 * others.
 */
import { test } from 'node:test';
import { tryStoreHistories } from './try-store-histories.ts';

for (const seed of [2_026, 2_027]) {
  test(`a store answers as the rules say after any history of writes (seed ${seed})`, async (context) =>
    tryStoreHistories(context, 700, seed));
}
