/** The promises of a store about rolling back runs. Part of `store-contract.ts`. */
import assert from 'node:assert/strict';
import { usualTypeRules } from '../../src/domain/contact/identity-rules.ts';
import { maxSilentRuns } from '../../src/stores/limits.ts';
import type { RolledBackBatch, RunLease } from '../../src/stores/run-lease.ts';
import type { ContactChange, IdentityKey } from '../../src/stores/store.ts';
import {
  change,
  clear,
  email,
  hashOnly,
  patch,
  readContact,
  readFields,
  replace,
  userId,
} from '../stores/sample-changes.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const tom = email('tom@hello.com');
const ann = email('ann@hello.com');
const bob = email('bob@hello.com');
const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

export function rollbackContract(trialTest: TrialTest): void {
  restoringContract(trialTest);
  firstRunContract(trialTest);
  othersContract(trialTest);
  waitingContract(trialTest);
  orderContract(trialTest);
  keepingContract(trialTest);
  placesContract(trialTest);
}

function restoringContract(trialTest: TrialTest): void {
  trialTest('a run that is rolled back leaves the store as it was before', async (trial) => {
    await trial.apply([
      replace([tom], { 1: 'Tom', 2: 5 }),
      replace([hashOnly(ann)], { 1: 'Ann' }),
      replace([userId('8')], { 1: 'Eight' }),
    ]);
    await trial.apply([replace([tom], { 9: 'kept' })], { datasetId: 2 });
    const before = await pictureOf(trial);
    const lease = await trial.beginRun('bad');
    await trial.writer.applyBatch(lease, [
      replace([tom, userId('7')], { 1: 'Thomas', 3: true }),
      patch([ann], { 4: 'new' }),
      clear([userId('8')]),
      replace([bob, userId('9')], { 1: 'Bob' }),
    ]);
    // The run may write a contact again that it has cleared, with more identities.
    await trial.writer.applyBatch(lease, [replace([userId('8'), userId('88')], { 1: 'Again' })]);
    await trial.writer.finishRun(lease, { baselineId: 'bad', asOfMs: 9_000, watermark: 'far' });
    const [newest, first] = await trial.reader.listRollbackRuns(1, 1);
    assert.deepEqual(
      [newest?.runId, newest?.contacts, newest?.atMs, first?.contacts],
      ['bad', 4, trial.clock.nowMs, 3],
    );

    const rolledBack = await rollBack(trial, lease);
    assert.deepEqual(rolledBack, { restored: 3, removed: 1, isDone: true });
    assert.deepEqual(await pictureOf(trial), before);
    assert.equal(await trial.reader.appliedRun(1, 1), undefined);
    assert.deepEqual(await rollBack(trial, lease), { restored: 0, removed: 0, isDone: true });
    assert.equal(await readContact(trial.reader, 1, userId('7')), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('runs are rolled back one after another, a few contacts at a time', async (trial) => {
    const pictures: unknown[] = [];
    const leases: RunLease[] = [];
    for (let run = 0; run < 3; run += 1) {
      pictures.push(await pictureOf(trial));
      const lease = await trial.beginRun(`run-${run}`);
      const rows = Array.from({ length: 7 }, (_, row) =>
        patch([userId(`${run * 3 + row}`)], { [1 + run]: run, 9: `${run} ${row}` }),
      );
      await trial.writer.applyBatch(lease, rows.slice(0, 4));
      await trial.writer.applyBatch(lease, rows.slice(4));
      await trial.writer.finishRun(lease, { baselineId: `${run}`, asOfMs: run });
      leases.push(lease);
      trial.clock.nowMs += 1_000;
    }
    while (leases.length > 0) {
      const lease = leases.pop() as RunLease;
      await rollBack(trial, lease, 2);
      assert.deepEqual(await pictureOf(trial), pictures.pop());
      await trial.reopen();
    }
    assert.deepEqual(await trial.reader.listRollbackRuns(1, 1), []);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('attempts that are left by a rollback have the id of their run', async (trial) => {
    const leases: RunLease[] = [];
    for (const [at, id] of ['killed', 'killed again', 'whole'].entries()) {
      const lease = await trial.beginRun(id);
      await trial.writer.applyBatch(lease, [patch([userId(`${at}`)], { 1: at })]);
      if (id === 'whole') await trial.writer.finishRun(lease, { baselineId: id, asOfMs: 1 });
      else await trial.writer.abandonRun(lease);
      leases.push(lease);
    }
    for (const left of [['killed', 'whole'], ['whole'], []]) {
      const [newest] = await trial.reader.listRollbackRuns(1, 1);
      const { sourceVersion } = leases.pop() as RunLease;
      assert.deepEqual([newest?.runId, newest?.sourceVersion], ['whole', sourceVersion]);
      await rollBack(trial, { sourceVersion });
      const runs = await trial.reader.listRollbackRuns(1, 1);
      assert.deepEqual(
        runs.map(({ runId }) => runId),
        left.toReversed(),
      );
    }
  });
}

function firstRunContract(trialTest: TrialTest): void {
  trialTest(
    'rolling back a first run empties its dataset, and keeps what existed before',
    async (trial) => {
      await trial.apply([replace([tom], { 9: 'kept' }), replace([hashOnly(bob)], { 9: 'b' })], {
        datasetId: 2,
      });
      // Nothing is left of Bob, and the run brings him back.
      await trial.apply([clear([hashOnly(bob)])], { datasetId: 2 });
      const before = await pictureOf(trial);
      const lease = await trial.beginRun('first');
      const rows = Array.from({ length: 12 }, (_, row) => replace([userId(`${row}`)], { 1: row }));
      await trial.writer.applyBatch(lease, [replace([tom, userId('7')], { 1: 'Tom' }), ...rows]);
      await trial.writer.applyBatch(lease, [replace([bob], { 1: 'Bob' })]);
      await trial.writer.finishRun(lease, { baselineId: 'one', asOfMs: 9_000 });
      const rolledBack = await rollBack(trial, lease, 3);
      // The row of user 7 was part of Tom's contact.
      assert.deepEqual(rolledBack, { restored: 1, removed: 12, isDone: true });
      assert.deepEqual(await pictureOf(trial), before);
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );
}

function othersContract(trialTest: TrialTest): void {
  trialTest('a rollback keeps what others wrote since the run', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    const lease = await trial.beginRun('bad');
    await trial.writer.applyBatch(lease, [
      replace([tom, userId('7')], { 1: 'Thomas' }),
      replace([bob], { 1: 'Bob' }),
      replace([ann], { 1: 'Ann' }),
    ]);
    await trial.writer.finishRun(lease, { baselineId: 'bad', asOfMs: 1 });
    await trial.apply([replace([userId('7')], { 9: 'theirs' }), replace([bob], { 9: 'theirs' })], {
      datasetId: 2,
    });
    await trial.writer.push(1, 1, [patch([ann], { 1: 'pushed' })], { atMs: 1 });
    assert.deepEqual(await rollBack(trial, lease), { restored: 2, removed: 0, isDone: true });
    assert.deepEqual(await readFields(trial.reader, userId('7')), { 1: 'Tom' });
    assert.equal(await readFields(trial.reader, bob), undefined);
    assert.deepEqual(await readFields(trial.reader, bob, { datasetId: 2 }), { 9: 'theirs' });
    assert.deepEqual(await readFields(trial.reader, ann), { 1: 'pushed' });
    assert.deepEqual(await trial.reader.verify(), sound);
  });
}

function waitingContract(trialTest: TrialTest): void {
  for (const isFirst of [true, false]) {
    for (const isOlder of [true, false]) {
      const run = isFirst ? 'a run that finds its dataset empty' : 'a run';
      const age = isOlder ? 'older' : 'younger';
      trialTest(
        `the ${age} id that came back with ${run} waits again after its rollback`,
        async (trial) => {
          const key = userId('2');
          const theirs = () => trial.apply([replace([ann], { 9: 'Ann' })], { datasetId: 2 });
          const own = () => trial.apply([replace([key], { 1: 'Bob' })]);
          if (!isFirst) await trial.apply([replace([tom], { 1: 'Tom' })]);
          for (const write of isOlder ? [own, theirs] : [theirs, own]) await write();
          const [bobs, anns] = [await idOf(trial, key), await idOf(trial, ann)];
          await trial.apply([clear([key])]);
          const before = await pictureOf(trial);

          const joining = await runOf(trial, 'joining', [replace([key, ann], { 1: 'Bob' })]);
          assert.equal(await idOf(trial, ann), isOlder ? bobs : anns);
          await rollBack(trial, joining);
          assert.deepEqual(await pictureOf(trial), before);
          const byId = { typeId: 0, digest: Buffer.from(bobs, 'hex') };
          assert.equal(await readContact(trial.reader, 1, byId), undefined);
          assert.equal(await idOf(trial, ann), anns);
          await own();
          assert.equal(await idOf(trial, key), bobs);
          assert.deepEqual(await trial.reader.verify(), sound);
        },
      );
    }
  }
}

async function idOf(trial: StoreTrial, identity: IdentityKey): Promise<string> {
  const { contactId } = (await readContact(trial.reader, 1, identity)) ?? assert.fail();
  return Buffer.from(contactId).toString('hex');
}

function orderContract(trialTest: TrialTest): void {
  trialTest(
    'only the newest run can be rolled back, and only by a run that holds the dataset',
    async (trial) => {
      const older = await runOf(trial, 'older', [replace([tom], { 1: 'Tom' })]);
      const newer = await runOf(trial, 'newer', [replace([tom], { 1: 'Thomas' })]);
      await assert.rejects(rollBack(trial, older), { code: 'revision_conflict' });
      await assert.rejects(trial.writer.rollBackBatch(newer, newer, 10), {
        code: 'run_in_progress',
      });
      await rollBack(trial, newer);
      await rollBack(trial, older);
      assert.equal(await readContact(trial.reader, 1, tom), undefined);
      assert.deepEqual(await rollBack(trial, { ...older, sourceVersion: 99n }), {
        restored: 0,
        removed: 0,
        isDone: true,
      });
    },
  );

  trialTest(
    'a run that wrote nothing, or keeps no rollback data, cannot be rolled back',
    async (trial) => {
      const first = await runOf(trial, 'first', [replace([tom], { 1: 'Tom' })]);
      const empty = await trial.beginRun('empty');
      await trial.writer.abandonRun(empty);
      assert.deepEqual(
        (await trial.reader.listRollbackRuns(1, 1)).map(({ runId }) => runId),
        ['first'],
      );
      const request = { runId: 'unkept', organizationId: 1, datasetId: 1, canRollBack: false };
      const unkept = await trial.writer.beginRun(request);
      await trial.writer.applyBatch(unkept, [replace([tom], { 1: 'Thomas' })]);
      await trial.writer.abandonRun(unkept);
      assert.deepEqual(await trial.reader.listRollbackRuns(1, 1), []);
      await rollBack(trial, first);
      assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Thomas' });
      await dropAll(trial, { runs: 3, sinceMs: 0 });
    },
  );
}

function keepingContract(trialTest: TrialTest): void {
  trialTest(
    'rollback data beyond the retention is dropped, the oldest runs first',
    async (trial) => {
      const leases: RunLease[] = [];
      for (let run = 0; run < 5; run += 1) {
        const rows = Array.from({ length: 9 }, (_, row) => replace([userId(`${row}`)], { 1: run }));
        leases.push(await runOf(trial, `${run}`, rows));
        trial.clock.nowMs += 1_000;
      }
      await runOf(trial, 'other', [replace([userId('1')], { 2: 1 })], 2);
      const names = async () =>
        (await trial.reader.listRollbackRuns(1, 1)).map(({ runId }) => runId);
      await dropAll(trial, { runs: 3, sinceMs: 0 });
      assert.deepEqual(await names(), ['4', '3', '2']);
      const live = await trial.beginRun('live');
      await trial.writer.applyBatch(live, [replace([userId('1')], { 1: 'live' })]);
      await dropAll(trial, { runs: 0, sinceMs: trial.clock.nowMs - 1_500 });
      assert.deepEqual(await names(), ['live']);
      await trial.writer.abandonRun(live);
      await rollBack(trial, live);
      assert.deepEqual(await readFields(trial.reader, userId('1')), { 1: 4 });
      assert.equal((await trial.reader.listRollbackRuns(1, 2)).length, 1);
    },
  );
}

function placesContract(trialTest: TrialTest): void {
  const kept = { runs: 3, sinceMs: 0 };
  const named = async ({ reader }: StoreTrial) =>
    (await reader.listRollbackRuns(1, 1)).map(({ runId }) => runId);

  trialTest('a run takes one place, however many attempts it took', async (trial) => {
    for (const name of ['first', 'second', 'third']) {
      const killed = await trial.beginRun(`${name}, killed`);
      await trial.writer.applyBatch(killed, [replace([tom], { 1: `${name} a` })]);
      await trial.writer.abandonRun(killed);
      // The next attempt finds that everything was applied.
      await runOf(trial, name, [replace([tom], { 1: `${name} a` })]);
      await dropAll(trial, kept);
    }
    const all = ['third', 'second', 'first'].flatMap((name) => [name, `${name}, killed`]);
    assert.deepEqual(await named(trial), all);
    await runOf(trial, 'fourth', [replace([tom], { 1: 'fourth' })]);
    await dropAll(trial, kept);
    assert.deepEqual(await named(trial), ['fourth', ...all.slice(0, 4)]);
  });

  trialTest('a run that changed nothing but ages takes no place', async (trial) => {
    const aging = (name: string) => runOf(trial, name, [change('keep-age', [tom])]);
    const healing = (name: string) => runOf(trial, name, [replace([tom], { 1: 'Tom' })]);
    await runOf(trial, 'lost', [replace([tom], { 1: 'T' })]);
    await healing('real');
    const before = await pictureOf(trial);
    for (let day = 0; day < maxSilentRuns / 2; day += 1) {
      await aging(`bad ${day}`);
      await healing(`good ${day}`);
      await runOf(trial, 'same', [replace([tom], { 1: 'Tom' })]);
      await dropAll(trial, { ...kept, runs: 1 });
    }
    const runs = await trial.reader.listRollbackRuns(1, 1);
    assert.equal(runs.length, maxSilentRuns + 1);
    assert.deepEqual(
      runs.filter(({ changedNothing }) => !changedNothing).map(({ runId }) => runId),
      ['real'],
    );
    for (const run of runs.slice(0, -1)) await rollBack(trial, run);
    assert.deepEqual(await pictureOf(trial), before);
    for (let day = 0; day <= maxSilentRuns / 2; day += 1) {
      await aging(`bad ${day}`);
      await healing(`good ${day}`);
    }
    await dropAll(trial, kept);
    assert.deepEqual(await named(trial), []);
  });

  trialTest('a run that joins contacts takes a place, even if no row changed', async (trial) => {
    await trial.apply([replace([ann, tom], { 1: 'Ann' })], { datasetId: 2 });
    for (const joins of [false, true, true]) {
      const types = [tom.typeId, userId('1').typeId].map((id) => ({
        ...usualTypeRules,
        id,
        joins,
      }));
      const rules = { types, trust: [] };
      const request = { runId: `${joins}`, organizationId: 1, datasetId: 1, rules };
      const lease = await trial.writer.beginRun(request);
      await trial.writer.applyBatch(lease, [replace([userId('1'), tom], { 1: 'One' })]);
      await trial.writer.finishRun(lease, { baselineId: 'one', asOfMs: 1 });
    }
    const runs = await trial.reader.listRollbackRuns(1, 1);
    assert.deepEqual(
      runs.map(({ runId, changedNothing }) => [runId, changedNothing]),
      [
        ['true', false],
        ['false', false],
      ],
    );
  });
}

async function dropAll(trial: StoreTrial, keep: { runs: number; sinceMs: number }): Promise<void> {
  for (let call = 0; call < 50; call += 1) {
    if ((await trial.writer.dropRollbackData(1, 1, keep, 4)).isDone) return;
  }
  assert.fail('Dropping rollback data did not end.');
}

async function runOf(
  trial: StoreTrial,
  runId: string,
  changes: readonly ContactChange[],
  datasetId = 1,
): Promise<RunLease> {
  const lease = await trial.beginRun(runId, { datasetId });
  await trial.writer.applyBatch(lease, changes);
  await trial.writer.finishRun(lease, { baselineId: runId, asOfMs: trial.clock.nowMs });
  return lease;
}

let rollbacks = 0;

async function rollBack(
  trial: StoreTrial,
  rolledBack: { readonly sourceVersion: bigint },
  limit = 1_000,
): Promise<RolledBackBatch> {
  rollbacks += 1;
  const request = { organizationId: 1, datasetId: 1, canRollBack: false };
  const lease = await trial.writer.beginRun({ ...request, runId: `rollback-${rollbacks}` });
  let [restored, removed] = [0, 0];
  try {
    for (let call = 0; call < 50; call += 1) {
      const some = await trial.writer.rollBackBatch(lease, rolledBack, limit);
      restored += some.restored;
      removed += some.removed;
      if (some.isDone) return { restored, removed, isDone: true };
    }
    assert.fail('The rollback did not end.');
  } finally {
    await trial.writer.abandonRun(lease);
  }
}

async function pictureOf({ reader }: StoreTrial): Promise<unknown> {
  return {
    digest: await reader.digest('content'),
    counts: await reader.counts(1),
    dataset: await reader.datasetCounts(1, 1),
    asOf: await reader.asOf(1, 1),
    watermark: await reader.watermark(1, 1),
  };
}
