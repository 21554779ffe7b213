/**
 * Comparing with the baseline changes no outcome: for every sequence of files, an import with a
 * baseline has the same result and the same report as an import without one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importBoth, keptAges, newPlace, type Step, tryHistories } from './import-histories.ts';

/** Each history takes about five seconds of one core. The nightly tests try more. */
const histories = 6;

// Holds the invariant baseline-is-a-shortcut of sync/SPEC.md.
test('importing only the changes has the same result as importing every row, for any sequence of files', (context) =>
  tryHistories(context, histories));

test('a known row keeps its age when a later row of its contact is refused', async (context) => {
  const row = (email: string, id: string, name: string, age: string) => ({ email, id, name, age });
  const steps: readonly Step[] = [
    { rows: [row('c@x.org', '3', '', '2')], mode: 'append', turn: 0, isStopped: false },
    {
      rows: [row('d@x.org', '', 'Bob', '2'), row('B@X.org', '2', '', '1')],
      ...{ mode: 'snapshot', turn: 1, isStopped: false },
    },
    {
      rows: [
        row('B@X.org', '2', '', '1'),
        row('b@x.org', '3', 'Ann', '2'),
        row('d@x.org', '', 'Bob', '2'),
      ],
      ...{ mode: 'snapshot', turn: 0, isStopped: false },
    },
  ];
  const compared = await newPlace(context);
  const anew = await newPlace(context);
  for (const step of steps) await importBoth(step, { compared, anew });
  assert.deepEqual(await keptAges(compared), [undefined, true, undefined, false]);
});
