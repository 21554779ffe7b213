/** A real store answers as the model of the identity rules does, after any history of writes. */
import { test } from 'node:test';
import { tryStoreHistories } from './try-store-histories.ts';

test('a store answers as the rules say after any history of writes', async (context) =>
  tryStoreHistories(context, Number(process.env['N'] ?? 60), 2_026));
