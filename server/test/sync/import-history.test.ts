/**
 * Comparing with the baseline changes no outcome: for every sequence of files, an import with a
 * baseline has the same result and the same report as an import without one.
 */
import { test } from 'node:test';
import { tryHistories } from './import-histories.ts';

/** Each history takes about five seconds of one core. The nightly tests try more. */
const histories = 6;

// Holds the invariant baseline-is-a-shortcut of sync/SPEC.md.
test('importing only the changes has the same result as importing every row, for any sequence of files', (context) =>
  tryHistories(context, histories));
