/**
 * The promises of a store about identities that were lifted: they come back, and are suppressed
 * again when they are erased again. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import { email, replace, userId } from '../stores/sample-changes.ts';
import { erase, none, refused } from './erasure-contract.ts';
import type { TrialTest } from './store-trial.ts';

const [one, ann] = [userId('1'), email('ann@x.org')];

export function liftedContract(trialTest: TrialTest): void {
  trialTest('an identity that was lifted is suppressed again when it is erased', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await erase(trial, [ann], { requestId: 'first' });
    for (const it of [one, ann]) assert.equal(await trial.writer.liftSuppression(1, it), true);
    const { counts, subjects } = await erase(trial, [ann], { requestId: 'again' });
    assert.deepEqual(counts, { ...none, identities: 1, suppressedAgain: 1 });
    assert.equal(subjects.length, 1);
    assert.deepEqual((await trial.apply([replace([one, ann], { 1: 'Ann' })])).rejected, refused);
    // It is suppressed already: nothing is left to do.
    const { counts: third } = await erase(trial, [ann], { requestId: 'third' });
    assert.deepEqual(third, { ...none, alreadySuppressed: 1 });
  });

  trialTest('a lifted identity whose contact is back is erased and counted', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await erase(trial, [ann], { requestId: 'first' });
    for (const it of [one, ann]) await trial.writer.liftSuppression(1, it);
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    const { counts } = await erase(trial, [ann], { requestId: 'again' });
    assert.deepEqual([counts.contacts, counts.suppressedAgain], [1, 2]);
    assert.deepEqual((await trial.apply([replace([one], {})])).rejected, refused);
  });

  trialTest('a run under way when an identity is lifted leaves no baseline', async (trial) => {
    await trial.apply([replace([one, ann], { 1: 'Ann' })]);
    await erase(trial, [ann]);
    const lease = await trial.beginRun('under way');
    const row = replace([one, ann], { 1: 'Ann' });
    assert.deepEqual((await trial.writer.applyBatch(lease, [row])).rejected, refused);
    for (const it of [one, ann]) await trial.writer.liftSuppression(1, it);
    await trial.writer.finishRun(lease, { baselineId: 'b', asOfMs: 0 });
    assert.equal(await trial.reader.appliedRun(1, 1), undefined);
    assert.equal((await trial.apply([row])).added, 1);
    assert.notEqual(await trial.reader.appliedRun(1, 1), undefined);
  });
}
