/** What a store promises of rows that callers push, without a run. Part of `store-contract.ts`. */
import assert from 'node:assert/strict';
import { maxRowsPerBatch } from '../../src/domain/limits.ts';
import {
  email,
  patch,
  readContact,
  readFields,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const tom = email('tom@hello.com');

export function pushContract(trialTest: TrialTest): void {
  rowContract(trialTest);
  besideRunsContract(trialTest);
}

function rowContract(trialTest: TrialTest): void {
  trialTest('pushed rows are applied in the order given, and none is stale', async (trial) => {
    const first = await trial.writer.push(
      1,
      1,
      [patch([tom], { 1: 'Tom', 2: 1 }), patch([userId('7'), tom], { 2: 2 })],
      { atMs: 5_000 },
    );
    assert.deepEqual([first.added, first.changed, first.rejected], [1, 1, []]);
    // Also when the clock went back meanwhile.
    trial.clock.nowMs -= 3_600_000;
    await trial.reopen();
    const second = await trial.writer.push(1, 1, [patch([tom], { 2: 3 })], { atMs: 6_000 });
    assert.ok(second.revision > first.revision);
    assert.deepEqual(await readFields(trial.reader, userId('7')), { 1: 'Tom', 2: 3 });
    assert.equal(await asOfSection(trial), 6_000);
  });

  trialTest(
    'what is pushed again stays as it is, and is as fresh as the last push',
    async (trial) => {
      await trial.writer.push(1, 1, [patch([tom], { 1: 'Tom' })], { atMs: 5_000 });
      const content = await trial.reader.digest('content');
      const again = await trial.writer.push(1, 1, [patch([tom], { 1: 'Tom' })], { atMs: 9_000 });
      assert.equal(again.unchanged, 1);
      assert.equal(await asOfSection(trial), 9_000);
      const older = await trial.writer.push(1, 1, [patch([tom], { 1: 'Tom' })], { atMs: 8_000 });
      assert.deepEqual([older.unchanged, older.revision], [1, '']);
      assert.equal(await asOfSection(trial), 9_000);
      assert.equal(await trial.reader.digest('content'), content);
      assert.equal((await trial.reader.datasetCounts(1, 1)).sections, 1);
    },
  );

  trialTest('a push over the limit of rows is refused whole', async (trial) => {
    const rows = Array.from({ length: maxRowsPerBatch + 1 }, (_, row) =>
      patch([userId(`${row}`)], { 1: row }),
    );
    const refusal = { code: 'batch_too_large' };
    await assert.rejects(trial.writer.push(1, 1, rows, { atMs: 1 }), refusal);
    assert.deepEqual(await trial.reader.counts(1), { contacts: 0, identities: 0 });
  });
}

function besideRunsContract(trialTest: TrialTest): void {
  trialTest(
    'after a push no snapshot tells what the dataset is; how fresh it is stays',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' })]);
      await trial.writer.push(1, 2, [patch([tom], { 2: 'x' })], { atMs: 1 });
      assert.notEqual(await trial.reader.appliedRun(1, 1), undefined);
      await trial.writer.push(1, 1, [patch([tom], { 1: 'Thomas' })], { atMs: 1 });
      assert.equal(await trial.reader.appliedRun(1, 1), undefined);
      assert.equal(await trial.reader.asOf(1, 1), 0);
      const report = await trial.apply([replace([tom], { 1: 'Tom' })]);
      assert.equal(report.changed, 1);
      assert.notEqual(await trial.reader.appliedRun(1, 1), undefined);
    },
  );

  trialTest(
    'a push during a run is newer than the run, whose snapshot then stays unknown',
    async (trial) => {
      const lease = await trial.beginRun('run');
      await trial.writer.push(1, 1, [patch([tom], { 1: 'pushed' })], { atMs: 1 });
      const report = await trial.writer.applyBatch(lease, [replace([tom], { 1: 'Tom' })]);
      assert.equal(report.stale, 1);
      const finished = { snapshotId: 'one', asOfMs: 7_000 };
      await trial.writer.finishRun(lease, finished);
      await trial.writer.finishRun(lease, finished);
      assert.equal(await trial.reader.appliedRun(1, 1), undefined);
      assert.equal(await trial.reader.asOf(1, 1), 7_000);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'pushed' });
    },
  );
}

async function asOfSection(trial: StoreTrial): Promise<number | undefined> {
  const contact = await readContact(trial.reader, 1, tom);
  return contact?.sections.find(({ datasetId }) => datasetId === 1)?.asOfMs;
}
