/**
 * The promises of a store about what its reader foretells of suppressed rows, and about identities
 * that lead to nobody. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import type { IdentityKey, KnownIdentity } from '../../src/stores/store.ts';
import {
  clear,
  email,
  list,
  patch,
  readFields,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import { erase, refused } from './erasure-contract.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const [ann, bob, family] = [email('ann@x.org'), email('bob@x.org'), email('family@x.org')];
const [one, two, nine] = [userId('1'), userId('2'), userId('9')];

export function suppressedRowsContract(trialTest: TrialTest): void {
  trialTest('the reader foretells which rows are refused, and changes nothing', async (trial) => {
    const rows = [[one, ann], [nine, ann], [two, ann], [two, bob], [family], [nine]];
    assert.equal(await trial.reader.findSuppressed(1, 1, rows), undefined);
    await trial.apply([replace([one, ann], { 1: 'Ann' }), replace([two, bob], { 1: 'Bob' })]);
    await trial.apply([replace([family], { 2: 'Home' })], { datasetId: 2 });
    await erase(trial, [ann]);
    assert.deepEqual(await foretell(trial, 1, rows), [true, true, false, false, false, false]);
    assert.deepEqual(await applyEach(trial, 1, rows), [true, true, false, false, false, false]);
    await erase(trial, [family]);
    const after = [
      [family, bob],
      [nine, family],
      [two, family],
      [two, ann],
    ];
    assert.deepEqual(await foretell(trial, 1, after), [true, false, false, false]);
    assert.deepEqual(await foretell(trial, 3, after), [true, true, true, true]);
    assert.deepEqual(await applyEach(trial, 1, after), [true, false, false, false]);
    assert.deepEqual(await trial.reader.findSuppressed(2, 1, [[one, ann]]), [false]);
  });

  trialTest('a kept row that is gone is not foretold as refused', async (trial) => {
    await trial.apply([replace([family], { 2: 'Home' })], { datasetId: 2 });
    await trial.apply([replace([one, family], { 1: 'Dad' })]);
    await trial.writer.splitContact(1, one, { by: null });
    await erase(trial, [family]);
    await trial.apply([clear([one])]);
    assert.deepEqual(await foretell(trial, 1, [[one, family]]), [false]);
    assert.deepEqual(await foretell(trial, 2, [[one, family]]), [true]);
  });

  strongerKeyContract(trialTest);

  trialTest(
    'an identity that led to no contact is counted apart, since nobody is erased by it',
    async (trial) => {
      const many = Array.from({ length: 300 }, (_, row) =>
        replace([userId(`many ${row}`), family], { 1: row }),
      );
      await trial.apply([...many, replace([one, ann], { 1: 'Ann' })]);
      const { counts } = await erase(trial, [family, ann, nine]);
      assert.deepEqual(
        [counts.contacts, counts.withoutContact, counts.notFound, counts.keptRows],
        [1, 1, 1, 300],
      );
      await trial.apply([replace([two, bob], { 1: 'Bob' })]);
      await trial.apply([list([two]), clear([two])]);
      const gone = await erase(trial, [bob]);
      assert.deepEqual([gone.counts.identities > 0, gone.counts.withoutContact], [true, 0]);
    },
  );
}

function strongerKeyContract(trialTest: TrialTest): void {
  trialTest(
    'a push gives a known row a stronger key, without an erased identity',
    async (trial) => {
      await trial.apply([replace([bob], { 1: 'Bob' }), replace([one, ann], { 1: 'Ann' })]);
      await erase(trial, [ann]);
      // In a run it may be another row.
      assert.deepEqual(await foretell(trial, 1, [[two, bob, ann]]), [true]);
      assert.deepEqual(await applyEach(trial, 1, [[two, bob, ann]]), [true]);
      const pushed = await push(trial, [two, bob, ann]);
      assert.deepEqual([pushed.changed, pushed.rejected, pushed.refusedClaims.length], [1, [], 1]);
      assert.deepEqual(await readFields(trial.reader, bob), { 1: 'Pushed' });
      assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 2 });
      assert.deepEqual((await push(trial, [nine, bob, ann])).rejected, refused);
      assert.deepEqual(await foretell(trial, 1, [[nine, bob, ann]]), [true]);
      assert.deepEqual(await applyEach(trial, 1, [[nine, bob, ann]]), [true]);
      assert.deepEqual(await trial.reader.counts(1), { contacts: 1, identities: 2 });
    },
  );

  trialTest(
    'a push finds the row that names its key, without an erased identity',
    async (trial) => {
      await trial.apply([replace([two, bob], { 1: 'Bob' }), replace([one, ann], { 1: 'Ann' })]);
      await erase(trial, [ann]);
      const pushed = await push(trial, [bob, ann]);
      assert.deepEqual([pushed.changed, pushed.refusedClaims.length], [1, 1]);
      assert.deepEqual(await readFields(trial.reader, two), { 1: 'Pushed' });
      const run = [[bob, ann]];
      assert.deepEqual(await foretell(trial, 1, run), await applyEach(trial, 1, run));
    },
  );

  trialTest('a kept row that returns with a stronger key is applied', async (trial) => {
    await trial.apply([replace([family], { 2: 'Home' })], { datasetId: 2 });
    await trial.apply([replace([bob, family], { 1: 'Dad' })]);
    await trial.writer.splitContact(1, bob, { by: null });
    await erase(trial, [family]);
    await trial.apply([clear([bob])]);
    assert.deepEqual(await foretell(trial, 1, [[one, bob, family]]), [false]);
    assert.deepEqual(await applyEach(trial, 1, [[one, bob, family]]), [false]);
    assert.deepEqual(await readFields(trial.reader, one), { 1: 'New' });
    await erase(trial, [bob]);
    assert.deepEqual(await foretell(trial, 1, [[nine, bob, family]]), [true]);
    assert.deepEqual(await applyEach(trial, 1, [[nine, bob, family]]), [true]);
  });
}

async function foretell(
  { reader }: StoreTrial,
  datasetId: number,
  rows: readonly (readonly IdentityKey[])[],
) {
  return reader.findSuppressed(1, datasetId, rows);
}

/** Pushes a row of a dataset whose numbers are the stronger key. */
async function push({ writer, clock }: StoreTrial, row: readonly KnownIdentity[]) {
  const rows = [patch(row, { 1: 'Pushed' })];
  return writer.push(1, 1, rows, { atMs: clock.nowMs, keyOrder: [2, 1] });
}

/** Whether each row is refused, in runs of their own. */
async function applyEach(
  trial: StoreTrial,
  datasetId: number,
  rows: readonly (readonly ReturnType<typeof email>[])[],
): Promise<boolean[]> {
  const areRefused: boolean[] = [];
  for (const row of rows) {
    const { rejected } = await trial.apply([replace(row, { 1: 'New' })], { datasetId });
    areRefused.push(rejected[0]?.code === 'contact_suppressed');
  }
  return areRefused;
}
