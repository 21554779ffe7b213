/**
 * The promises of a store about rows that callers push without a run. Part of `store-contract.ts`.
 */
import assert from 'node:assert/strict';
import { maxRowsPerBatch } from '../../src/domain/limits.ts';
import type { ContactChange } from '../../src/stores/store.ts';
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
  onceContract(trialTest);
}

function rowContract(trialTest: TrialTest): void {
  trialTest('pushed rows are applied in order, and none is stale', async (trial) => {
    const first = await trial.writer.push(
      1,
      1,
      [patch([tom], { 1: 'Tom', 2: 1 }), patch([userId('7'), tom], { 2: 2 })],
      { atMs: 5_000 },
    );
    assert.deepEqual([first.added, first.changed, first.rejected], [1, 1, []]);
    // The clock was set back in the meantime.
    trial.clock.nowMs -= 3_600_000;
    await trial.reopen();
    const second = await trial.writer.push(1, 1, [patch([tom], { 2: 3 })], { atMs: 6_000 });
    assert.ok(second.revision > first.revision);
    assert.deepEqual(await readFields(trial.reader, userId('7')), { 1: 'Tom', 2: 3 });
    assert.equal(await asOfSection(trial), 6_000);
  });

  trialTest('a repeated push changes no value and is as fresh as the last push', async (trial) => {
    await trial.writer.push(1, 1, [patch([tom], { 1: 'Tom' })], { atMs: 5_000 });
    const content = await trial.reader.digest('content');
    const again = await trial.writer.push(1, 1, [patch([tom], { 1: 'Tom' })], { atMs: 9_000 });
    assert.equal(again.unchanged, 1);
    assert.equal(await asOfSection(trial), 9_000);
    const older = await trial.writer.push(1, 1, [patch([tom], { 1: 'Tom' })], { atMs: 8_000 });
    assert.equal(older.unchanged, 1);
    assert.equal(await asOfSection(trial), 9_000, 'an older push does not make it less fresh');
    assert.equal(await trial.reader.digest('content'), content);
    assert.equal((await trial.reader.datasetCounts(1, 1)).sections, 1);
  });

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
    'a push invalidates the baseline and keeps the freshness of the dataset',
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
    'a push during a run is newer than the run and invalidates its baseline',
    async (trial) => {
      const lease = await trial.beginRun('run');
      await trial.writer.push(1, 1, [patch([tom], { 1: 'pushed' })], { atMs: 1 });
      const report = await trial.writer.applyBatch(lease, [replace([tom], { 1: 'Tom' })]);
      assert.equal(report.stale, 1);
      const finished = { baselineId: 'one', asOfMs: 7_000 };
      await trial.writer.finishRun(lease, finished);
      await trial.writer.finishRun(lease, finished);
      assert.equal(await trial.reader.appliedRun(1, 1), undefined);
      assert.equal(await trial.reader.asOf(1, 1), 7_000);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'pushed' });
    },
  );
}

function onceContract(trialTest: TrialTest): void {
  const key = 'a'.repeat(32);
  const once = { key, fingerprint: 'one', note: 'said first' };
  const row = [patch([tom], { 1: 'Tom' })];

  trialTest(
    'the same push with the same key gets the same answer and changes nothing',
    async (trial) => {
      const options = { atMs: 5_000, once };
      const first = await trial.writer.push(1, 1, row, options);
      assert.deepEqual([first.added, first.keptNote], [1, null]);
      await trial.writer.push(1, 1, [patch([tom], { 1: 'Tim' })], { atMs: 6_000 });
      await trial.reopen();
      const again = await trial.writer.push(1, 1, row, {
        atMs: 9_000,
        once: { ...once, note: 'said again' },
      });
      assert.deepEqual(again, { ...first, keptNote: 'said first' });
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Tim' });
      const other = await trial.writer.push(2, 1, row, options);
      assert.deepEqual([other.added, other.keptNote], [1, null]);
    },
  );

  trialTest('a push that is sent many times at once is applied once', async (trial) => {
    const pushes = Array.from({ length: 8 }, () => trial.writer.push(1, 1, row, { atMs: 1, once }));
    const reports = await Promise.all(pushes);
    assert.equal(reports.filter(({ keptNote }) => keptNote === null).length, 1);
    assert.equal(new Set(reports.map(({ revision, added }) => `${revision} ${added}`)).size, 1);
  });

  trialTest(
    'another push with the same key is refused, and pushes without it are applied',
    async (trial) => {
      await trial.writer.push(1, 1, row, { atMs: 1, once });
      const changed = [patch([tom], { 1: 'Other' })];
      const refused = trial.writer.push(1, 1, changed, {
        atMs: 1,
        once: { ...once, fingerprint: 'two' },
      });
      const beside = trial.writer.push(1, 1, [patch([tom], { 2: 2 })], { atMs: 1 });
      await assert.rejects(refused, { code: 'idempotency_conflict' });
      assert.equal((await beside).changed, 1);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Tom', 2: 2 });
    },
  );

  trialTest('a failed push stores no answer', async (trial) => {
    const rows = Array.from({ length: maxRowsPerBatch + 1 }, () => row[0] as ContactChange);
    await assert.rejects(trial.writer.push(1, 1, rows, { atMs: 1, once }));
    const report = await trial.writer.push(1, 1, row, { atMs: 1, once });
    assert.deepEqual([report.added, report.keptNote], [1, null]);
  });

  trialTest('a key is forgotten after a day, even for a push without changes', async (trial) => {
    const day = 86_400_000;
    const first = await trial.writer.push(1, 1, [], { atMs: 1, once });
    assert.match(first.revision, /^[0-9a-f]{16}$/);
    trial.clock.nowMs += day - 1;
    assert.deepEqual(await trial.writer.push(1, 1, [], { atMs: 1, once }), {
      ...first,
      keptNote: 'said first',
    });
    trial.clock.nowMs += 1;
    const changed = { ...once, fingerprint: 'two' };
    assert.equal((await trial.writer.push(1, 1, row, { atMs: 1, once: changed })).keptNote, null);
    // The later use of the key is still remembered after the day of its first use.
    for (let place = 0; place < 3; place += 1) {
      trial.clock.nowMs += 1;
      const others = { ...once, key: `${place}`.repeat(32) };
      await trial.writer.push(1, 1, [], { atMs: 1, once: others });
    }
    const again = await trial.writer.push(1, 1, row, { atMs: 1, once: changed });
    assert.deepEqual([again.added, again.keptNote], [1, 'said first']);
  });
}

async function asOfSection(trial: StoreTrial): Promise<number | undefined> {
  const contact = await readContact(trial.reader, 1, tom);
  return contact?.sections.find(({ datasetId }) => datasetId === 1)?.asOfMs;
}
