/** The model of the identity rules keeps its promises after random histories. */
import { test } from 'node:test';
import { tryHistories } from './try-histories.ts';

test('after any history of writes, each promise about identities is kept', (context) =>
  tryHistories(context, 2_500));
