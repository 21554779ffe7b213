/**
 * The promises of a store about runs: one per dataset, leases that expire, and a baseline that is
 * valid only after a whole run. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import { runLeaseMs } from '../../src/stores/limits.ts';
import type { ContactChange } from '../../src/stores/store.ts';
import {
  change,
  email,
  patch,
  readContact,
  readFields,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import type { TrialTest } from './store-trial.ts';

const tom = email('tom@hello.com');

export function runContract(trialTest: TrialTest): void {
  leaseContract(trialTest);
  clockContract(trialTest);
  stateContract(trialTest);
  ageContract(trialTest);
}

function leaseContract(trialTest: TrialTest): void {
  // Holds the invariant one-writer of sync/SPEC.md.
  trialTest(
    'a dataset has one run at a time, and other datasets and organizations run beside it',
    async (trial) => {
      await trial.beginRun('first');
      await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
      await trial.beginRun('third', { datasetId: 2 });
      await trial.beginRun('fourth', { organizationId: 2 });
    },
  );

  trialTest(
    'a run that begins again keeps its source version, and later runs get higher ones',
    async (trial) => {
      const first = await trial.beginRun('first');
      const again = await trial.beginRun('first');
      assert.deepEqual(again, first);
      await trial.writer.abandonRun(first);
      const second = await trial.beginRun('second');
      assert.ok(second.sourceVersion > first.sourceVersion);
      await trial.writer.finishRun(second, { baselineId: 'baseline', asOfMs: 0 });
      await trial.reopen();
      const third = await trial.beginRun('third');
      assert.ok(third.sourceVersion > second.sourceVersion);
    },
  );

  // Holds the invariant lost-lease of sync/SPEC.md.
  trialTest(
    'a silent run loses its lease to the next run, and its writes are refused',
    async (trial) => {
      const first = await trial.beginRun('first');
      trial.clock.nowMs += runLeaseMs - 1;
      await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
      await trial.writer.renewRun(first);
      trial.clock.nowMs += runLeaseMs - 1;
      await trial.writer.applyBatch(first, [replace([tom], { 1: 'Tom' })]);
      trial.clock.nowMs += runLeaseMs - 1;
      await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
      trial.clock.nowMs += 2;
      const second = await trial.beginRun('second');

      const lost = { code: 'run_in_progress' };
      await assert.rejects(trial.writer.applyBatch(first, [patch([tom], { 1: 'Old' })]), lost);
      await assert.rejects(trial.writer.renewRun(first), lost);
      await assert.rejects(
        trial.writer.finishRun(first, { baselineId: 'baseline', asOfMs: 0 }),
        lost,
      );
      // Abandoning it does nothing, and in particular does not affect the run that took its place.
      await trial.writer.abandonRun(first);
      await trial.writer.applyBatch(second, [patch([tom], { 1: 'New' })]);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'New' });
    },
  );

  trialTest('a late run continues if no other run took its place', async (trial) => {
    const lease = await trial.beginRun('first');
    trial.clock.nowMs += runLeaseMs * 10;
    await trial.writer.applyBatch(lease, [replace([tom], { 1: 'Tom' })]);
    await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
  });

  trialTest('a writer that closes frees its datasets at once', async (trial) => {
    const first = await trial.beginRun('first');
    await trial.reopen();
    const second = await trial.beginRun('second');
    assert.ok(second.sourceVersion > first.sourceVersion);
    await assert.rejects(trial.writer.renewRun(first), { code: 'run_in_progress' });
  });

  trialTest('a run continues with its id after its writer has changed', async (trial) => {
    const lease = await trial.beginRun('first');
    await trial.writer.applyBatch(lease, [replace([tom], { 1: 'Tom' })]);
    await trial.reopen();
    assert.deepEqual(await trial.beginRun('first'), lease);
    const report = await trial.writer.applyBatch(lease, [replace([tom], { 1: 'Tom' })]);
    assert.equal(report.unchanged, 1);
  });
}

function clockContract(trialTest: TrialTest): void {
  trialTest('a clock that jumps back loses no run and allows no concurrent runs', async (trial) => {
    const first = await trial.beginRun('first');
    await trial.writer.applyBatch(first, [replace([tom], { 1: 'Tom' })]);
    trial.clock.nowMs -= 3_600_000;
    await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
    await trial.writer.renewRun(first);
    await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
    await trial.writer.applyBatch(first, [replace([userId('7')], { 1: 'Seven' })]);
    await trial.writer.finishRun(first, { baselineId: 'one', asOfMs: trial.clock.nowMs });
    const second = await trial.beginRun('second');
    assert.ok(second.sourceVersion > first.sourceVersion);
    const report = await trial.writer.applyBatch(second, [replace([tom], { 1: 'Thomas' })]);
    assert.equal(report.changed, 1);
    const runs = await trial.reader.listRollbackRuns(1, 1);
    assert.deepEqual(
      runs.map(({ runId }) => runId),
      ['second', 'first'],
    );
  });

  trialTest(
    'a silent run loses its lease on time, even if the clock has jumped back',
    async (trial) => {
      const first = await trial.beginRun('first');
      trial.clock.nowMs -= 3_600_000;
      await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
      trial.clock.nowMs += runLeaseMs;
      await assert.rejects(trial.beginRun('second'), { code: 'run_in_progress' });
      trial.clock.nowMs += 1;
      await trial.beginRun('second');
      await assert.rejects(trial.writer.renewRun(first), { code: 'run_in_progress' });
    },
  );
}

function stateContract(trialTest: TrialTest): void {
  trialTest(
    'the baseline is valid from the end of a run to the first batch of the next',
    async (trial) => {
      assert.equal(await trial.reader.appliedRun(1, 1), undefined);
      const first = await trial.beginRun('first');
      await trial.writer.finishRun(first, { baselineId: 'one', asOfMs: 0 });
      assert.equal((await trial.reader.appliedRun(1, 1))?.baselineId, 'one');
      assert.equal(await trial.reader.appliedRun(1, 2), undefined);
      assert.equal(await trial.reader.appliedRun(2, 1), undefined);
      const idle = await trial.beginRun('idle');
      await trial.writer.abandonRun(idle);
      const second = await trial.beginRun('second');
      assert.equal((await trial.reader.appliedRun(1, 1))?.baselineId, 'one');
      await trial.writer.applyBatch(second, [replace([tom], { 1: 'Tom' })]);
      assert.equal(await trial.reader.appliedRun(1, 1), undefined);
      await trial.writer.abandonRun(second);
      assert.equal(await trial.reader.appliedRun(1, 1), undefined);
    },
  );

  trialTest(
    'runs that begin, fail or do not set them keep the freshness and the watermark',
    async (trial) => {
      const where = [1, 1] as const;
      assert.equal(await trial.reader.asOf(...where), undefined);
      assert.equal(await trial.reader.watermark(...where), undefined);
      const first = await trial.beginRun('first');
      const finished = { baselineId: 'one', asOfMs: 1_000, watermark: '2026-11-23' };
      await trial.writer.finishRun(first, finished);
      assert.deepEqual(await trial.reader.appliedRun(...where), { ...finished, runId: 'first' });
      const second = await trial.beginRun('second');
      assert.equal(await trial.reader.asOf(...where), 1_000);
      await trial.writer.abandonRun(second);
      await trial.reopen();
      assert.equal(await trial.reader.asOf(...where), 1_000);
      assert.equal(await trial.reader.watermark(...where), '2026-11-23');
      const third = await trial.beginRun('third');
      await trial.writer.finishRun(third, { baselineId: 'three', asOfMs: 2_000 });
      assert.equal(await trial.reader.asOf(...where), 2_000);
      assert.equal(await trial.reader.watermark(...where), '2026-11-23');
      const fourth = await trial.beginRun('fourth');
      await trial.writer.finishRun(fourth, { baselineId: 'four', asOfMs: 3_000, watermark: null });
      assert.equal(await trial.reader.watermark(...where), undefined);
      assert.equal(await trial.reader.asOf(1, 2), undefined);
    },
  );

  trialTest('ending a run twice does nothing the second time', async (trial) => {
    const lease = await trial.beginRun('first');
    await trial.writer.finishRun(lease, { baselineId: 'one', asOfMs: 0 });
    await trial.writer.finishRun(lease, { baselineId: 'one', asOfMs: 0 });
    await trial.writer.abandonRun(lease);
    assert.equal((await trial.reader.appliedRun(1, 1))?.baselineId, 'one');
    await trial.writer.abandonRun(lease);
    await assert.rejects(trial.writer.applyBatch(lease, []), { code: 'run_in_progress' });
  });
}

function ageContract(trialTest: TrialTest): void {
  trialTest(
    'a section keeps its age through later runs, until a change reaches it',
    async (trial) => {
      const tom = email('tom@hello.com');
      const aged = change('keep-age', [tom]);
      const ages = async () => {
        const contact = await readContact(trial.reader, 1, tom);
        return contact?.sections.map(({ asOfMs }) => asOfMs);
      };
      const run = async (name: string, changes: readonly ContactChange[], asOfMs: number) => {
        const lease = await trial.beginRun(name);
        const report = await trial.writer.applyBatch(lease, changes);
        assert.deepEqual([report.changed, report.rejected], [0, []]);
        await trial.writer.finishRun(lease, { baselineId: name, asOfMs });
      };
      await run('first', [aged, replace([tom], { 1: 'Tom' }), aged], 1_000);
      assert.deepEqual(await ages(), [0], 'sections that the run wrote are as fresh as the run');
      await run('second', [aged, change('keep-age', [email('ann@hello.com')])], 2_000);
      assert.deepEqual(await ages(), [-1_000]);
      const before = await readContact(trial.reader, 1, tom);
      await run('third', [aged], 3_000);
      assert.deepEqual(await readContact(trial.reader, 1, tom), before);
      await trial.reopen();
      assert.deepEqual(await ages(), [-1_000]);
      await run('fourth', [replace([tom], { 1: 'Tom' })], 4_000);
      assert.deepEqual(await ages(), [0]);
      await run('fifth', [aged], 5_000);
      assert.deepEqual(await ages(), [-4_000]);
      // The third run wrote nothing, so it cannot be rolled back.
      for (const before of [0, -1_000, 0]) {
        const [newest] = await trial.reader.listRollbackRuns(1, 1);
        assert.equal(newest?.changedNothing, true);
        const lease = await trial.beginRun(`back from ${newest?.runId}`);
        const taken = await trial.writer.rollBackBatch(lease, newest ?? assert.fail(), 10);
        assert.equal(taken.restored, 0, 'the run changed no contact');
        await trial.writer.abandonRun(lease);
        assert.deepEqual(await ages(), [before], `${newest?.runId}`);
      }
    },
  );
}
