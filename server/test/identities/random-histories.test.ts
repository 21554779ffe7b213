/**
 * The model of the identity rules keeps its promises after random histories: the same in each run.
 * `nightly/identity-histories.test.ts` tries others.
 */
import { test } from 'node:test';
import { tryHistories } from './try-histories.ts';

test('after any history of writes, each promise about identities is kept', (context) =>
  tryHistories(context, 2_500, 2_026));
