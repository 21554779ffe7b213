/** The promises of a store about lists and reported memberships. Part of `store-contract.ts`. */
import assert from 'node:assert/strict';
import {
  packedMembership,
  packedMembershipFields,
  packMemberships,
} from '../../src/domain/membership/membership.ts';
import type { ContactChange, IdentityKey } from '../../src/stores/store.ts';
import {
  clear,
  email,
  forget,
  list,
  patch,
  readContact,
  readFields,
  readMemberships,
  replace,
  report,
  userId,
} from '../stores/sample-changes.ts';
import type { StoreTrial, TrialTest } from './store-trial.ts';

const tom = email('tom@hello.com');
const ann = email('ann@hello.com');
const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

export function membershipContract(trialTest: TrialTest): void {
  listContract(trialTest);
  passingMarkContract(trialTest);
  reportContract(trialTest);
  refusedReportContract(trialTest);
  rolledBackContract(trialTest);
  forgottenContract(trialTest);
  journeyContract(trialTest);
}

function listContract(trialTest: TrialTest): void {
  trialTest('a list marks known contacts, and never adds contacts or identities', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' }), replace([ann, userId('7')], { 1: 'Ann' })]);
    const where = { datasetId: 2 };
    const rows = [
      list([tom, userId('9')]),
      list([email('no@hello.com')]),
      list([tom]),
      list([ann]),
      list([tom, ann]),
    ];
    const first = await trial.apply(rows, where);
    assert.deepEqual(
      [first.changed, first.unchanged, first.added, first.unmatched],
      [2, 2, 0, [1]],
    );
    assert.deepEqual(first.rejected, [], 'the first identity that leads to a contact decides');
    assert.deepEqual(await readFields(trial.reader, tom, where), {});
    assert.equal(await readContact(trial.reader, 1, userId('9')), undefined);
    assert.equal((await trial.reader.datasetCounts(1, 2)).sections, 2);
    const again = await trial.apply(rows, where);
    assert.deepEqual([again.changed, again.unchanged, again.unmatched], [0, 4, [1]]);
    const cleared = await trial.apply([clear([tom])], where);
    assert.equal(cleared.cleared, 1);
    assert.equal((await trial.reader.datasetCounts(1, 2)).sections, 1);
    assert.deepEqual(await readFields(trial.reader, tom), { 1: 'Tom' });
    assert.deepEqual(await trial.reader.verify(), sound);
  });
}

function passingMarkContract(trialTest: TrialTest): void {
  const [first, second] = [userId('1'), userId('2')];
  const isMarked = (trial: StoreTrial, key: IdentityKey) =>
    readFields(trial.reader, key, { datasetId: 2 });

  trialTest('a mark goes with its identity, also if a run takes and gives it', async (trial) => {
    await trial.apply([replace([first, tom], { 1: 'One' }), replace([second], { 1: 'Two' })]);
    await trial.apply([list([tom])], { datasetId: 2 });
    const lease = await trial.beginRun('moves');
    await trial.writer.applyBatch(lease, [replace([first], { 1: 'One' })]);
    assert.equal(await isMarked(trial, tom), undefined);
    await trial.writer.applyBatch(lease, [replace([second, tom], { 1: 'Two' })]);
    await trial.writer.finishRun(lease, { baselineId: 'moves', asOfMs: 1 });
    assert.deepEqual(await isMarked(trial, second), {});
    assert.equal(await isMarked(trial, first), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('a mark goes with its identity, also within a push', async (trial) => {
    const push = (rows: readonly ContactChange[]) => trial.writer.push(1, 1, rows, { atMs: 1 });
    await push([patch([first, tom], { 1: 'One' }), patch([second], { 1: 'Two' })]);
    await trial.apply([list([tom])], { datasetId: 2 });
    await push([
      { ...patch([first], { 1: 'One' }), cleared: [tom.typeId] },
      patch([second, tom], { 1: 'Two' }),
    ]);
    assert.deepEqual(await isMarked(trial, second), {});
    assert.equal(await isMarked(trial, first), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });
}

const added = { flow_id: 7, variant: 'A', timestamp: '2026-11-01T00:00:00Z' };
const removed = { flow_id: 7, operation: 'remove', timestamp: '2026-11-03T00:00:00Z' };

function reportContract(trialTest: TrialTest): void {
  trialTest(
    'reports are answered, add contacts, and change nothing the second time',
    async (trial) => {
      const rows = [
        report([tom], added),
        report([tom, userId('7')], { segment_name: 'vip', reported_at: '2026-11-02T00:00:00Z' }),
        report([ann], { campaign_id: 'c1', received_at: '2026-11-01', channel: 'mail' }),
        report([userId('7')], {
          flow_id: 3,
          timestamp: '2026-11-01T00:00:00Z',
          flow_name: 'Three',
        }),
      ];
      const first = await trial.apply(rows);
      assert.deepEqual([first.added, first.changed, first.rejected], [2, 2, []]);
      const told = await answersOf(trial, tom);
      assert.deepEqual(told['flow_variant_membership'], ['3', '7-A']);
      assert.deepEqual(told['segment_membership'], ['vip']);
      assert.deepEqual(told['flow_membership'], [
        { flow_id: 3, flow_name: 'Three', variant: null, since: '2026-11-01T00:00:00Z' },
        { flow_id: 7, flow_name: null, variant: 'A', since: '2026-11-01T00:00:00Z' },
      ]);
      const [campaign] = (await answersOf(trial, ann))['campaigns_received'] as [object];
      assert.deepEqual(Object.values(campaign), ['c1', null, 'mail', null, null, '2026-11-01']);
      const digest = await trial.reader.digest('full');
      const again = await trial.apply(rows);
      assert.deepEqual([again.unchanged, again.revision], [4, '']);
      assert.equal(await trial.reader.digest('full'), digest);
      assert.deepEqual(await trial.reader.counts(1), { contacts: 2, identities: 3 });
      assert.equal((await trial.reader.datasetCounts(1, 1)).sections, 0);
      assert.deepEqual(await trial.reader.verify(), sound);
    },
  );

  trialTest('the newest report of a flow counts, whatever the order of arrival', async (trial) => {
    const later = { ...added, variant: 'B', timestamp: '2026-11-05T00:00:00Z' };
    await trial.apply([report([tom], removed)]);
    await trial.apply([report([tom], added)]);
    assert.deepEqual((await answersOf(trial, tom))['flow_variant_membership'], []);
    await trial.apply([report([tom], later), report([tom], removed)]);
    assert.deepEqual((await answersOf(trial, tom))['flow_variant_membership'], ['7-B']);
    // A later run corrects an earlier report with the same time.
    await trial.apply([report([tom], { ...later, variant: 'A' })]);
    assert.deepEqual((await answersOf(trial, tom))['flow_variant_membership'], ['7-A']);
  });

  trialTest('reports are merged into memberships that were set directly', async (trial) => {
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    const flows = [{ flowId: 1, flowName: 'One', variant: null, since: null }];
    const packed = packMemberships({ flows, journeys: [], campaigns: [], segments: [31] });
    await trial.writer.putMemberships(1, tom, packed);
    await trial.apply([report([tom], added), report([tom], { ...removed, flow_id: 1 })]);
    const told = await answersOf(trial, tom);
    assert.deepEqual(told['segment_membership'], [31]);
    assert.deepEqual(told['flow_variant_membership'], ['7-A']);
  });
}

function refusedReportContract(trialTest: TrialTest): void {
  trialTest('an invalid report is refused, and the rest is applied', async (trial) => {
    const bad: object[] = [
      {},
      [],
      { flow_id: 7 },
      { flow_id: 7, timestamp: 'yesterday' },
      { flow_id: -1, timestamp: '2026-11-01' },
      { flow_id: 7, timestamp: '2026-11-01', operation: 'end' },
      { campaign_id: 'c1' },
      { campaign_id: 'x'.repeat(300), received_at: '2026-11-01' },
    ];
    const report_ = await trial.apply([
      ...bad.map((told) => report([tom], told)),
      report([tom], added),
    ]);
    assert.deepEqual(
      report_.rejected,
      bad.map((_, index) => ({ index, code: 'value_invalid' })),
    );
    assert.equal(report_.added, 1);
  });
}

function rolledBackContract(trialTest: TrialTest): void {
  trialTest('a run of reports, or of a list, can be rolled back', async (trial) => {
    await trial.apply([report([tom], added), replace([ann], { 1: 'Ann' })]);
    const campaigns = Array.from({ length: 100 }, (_, day) =>
      report([tom], { campaign_id: `${day}`, received_at: '2026-10-01T00:00:00Z' }),
    );
    await trial.apply(campaigns);
    const before = await trial.reader.digest('content');
    const lease = await trial.beginRun('bad');
    await trial.writer.applyBatch(lease, [
      report([tom, userId('7')], removed),
      report([tom], { campaign_id: 'new', received_at: '2026-11-01T00:00:00Z' }),
      report([ann], added),
      report([userId('8')], added),
    ]);
    await trial.writer.finishRun(lease, { baselineId: 'bad', asOfMs: 1 });
    const other = await trial.beginRun('list', { datasetId: 2 });
    await trial.writer.applyBatch(other, [list([tom]), list([ann])]);
    await trial.writer.finishRun(other, { baselineId: 'list', asOfMs: 1 });
    assert.notEqual(await trial.reader.digest('content'), before);
    for (const rolledBack of [other, lease]) {
      const { datasetId } = rolledBack;
      const rollback = await trial.beginRun(`rollback-${datasetId}`, { datasetId });
      const { isDone } = await trial.writer.rollBackBatch(rollback, rolledBack, 100);
      assert.ok(isDone || (await trial.writer.rollBackBatch(rollback, rolledBack, 100)).isDone);
      await trial.writer.abandonRun(rollback);
    }
    assert.equal(await trial.reader.digest('content'), before);
    assert.equal(await readContact(trial.reader, 1, userId('8')), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest(
    'a rollback of a run of reports keeps what other datasets reported since',
    async (trial) => {
      await trial.apply([report([tom], added)]);
      const lease = await trial.beginRun('bad');
      const five = { flow_id: 5, timestamp: '2026-11-01' };
      await trial.writer.applyBatch(lease, [report([tom], removed), report([tom], five)]);
      await trial.writer.finishRun(lease, { baselineId: 'bad', asOfMs: 1 });
      await trial.apply([report([tom], { ...five, timestamp: '2026-11-02' })], { datasetId: 2 });
      await trial.apply([report([tom], { flow_id: 6, timestamp: '2026-11-02' })], { datasetId: 2 });
      const rollback = await trial.beginRun('rollback');
      assert.ok((await trial.writer.rollBackBatch(rollback, lease, 100)).isDone);
      const told = await answersOf(trial, tom);
      assert.deepEqual(told['flow_variant_membership'], ['5', '6', '7-A']);
    },
  );
}

function forgottenContract(trialTest: TrialTest): void {
  const three = { flow_id: 3, timestamp: '2026-11-01' };
  const other = { datasetId: 2 };

  trialTest(
    'the reports of a dataset are removed, and with them what their rows claimed',
    async (trial) => {
      await trial.apply([replace([tom], { 1: 'Tom' })], { datasetId: 3 });
      const flows = [{ flowId: 1, flowName: 'One', variant: null, since: null }];
      await trial.writer.putMemberships(
        1,
        tom,
        packMemberships({ flows, journeys: [], campaigns: [], segments: [] }),
      );
      await trial.apply([report([tom], three)], other);
      const before = await trial.reader.digest('content');
      await trial.apply([
        report([tom, userId('7')], added),
        report([tom], { campaign_id: 'c', received_at: '2026-11-01' }),
        report([ann], added),
      ]);
      await trial.apply([report([tom], { segment_name: 'vip', timestamp: '2026-11-01' })]);
      const rows = [
        forget([tom]),
        forget([ann]),
        forget([userId('7')]),
        forget([email('x@y.org')]),
      ];
      const done = await trial.apply(rows);
      assert.deepEqual([done.cleared, done.unchanged, done.rejected], [2, 2, []]);
      assert.deepEqual((await answersOf(trial, tom))['flow_variant_membership'], ['1', '3']);
      assert.deepEqual(await readFields(trial.reader, tom, { datasetId: 3 }), { 1: 'Tom' });
      assert.equal(await readContact(trial.reader, 1, ann), undefined, 'nothing is left to answer');
      assert.deepEqual(await trial.reader.verify(), sound);
      const again = await trial.apply(rows);
      assert.deepEqual([again.cleared, again.unchanged, again.revision], [0, 4, '']);
      assert.equal(
        await trial.reader.digest('content'),
        before,
        'what the reports claimed is gone',
      );
    },
  );

  trialTest('a rollback of another run does not bring removed reports back', async (trial) => {
    await trial.apply([report([tom], added), report([tom], { ...three, variant: 'old' })]);
    const lease = await trial.beginRun('over', other);
    await trial.writer.applyBatch(lease, [
      report([tom], { ...three, timestamp: '2026-11-02' }),
      report([tom], { flow_id: 4, timestamp: '2026-11-02' }),
    ]);
    await trial.writer.finishRun(lease, { baselineId: 'over', asOfMs: 1 });
    await trial.apply([forget([tom])]);
    assert.deepEqual((await answersOf(trial, tom))['flow_variant_membership'], ['3', '4']);
    const rollback = await trial.beginRun('rollback', other);
    assert.ok((await trial.writer.rollBackBatch(rollback, lease, 100)).isDone);
    assert.equal(await readContact(trial.reader, 1, tom), undefined);
  });

  trialTest('a run that removes reports is rolled back like any other', async (trial) => {
    await trial.apply([report([tom], added), report([ann], three)]);
    const before = await trial.reader.digest('content');
    const lease = await trial.beginRun('forget');
    await trial.writer.applyBatch(lease, [forget([tom]), forget([ann])]);
    assert.notEqual(await trial.reader.digest('content'), before);
    await trial.writer.abandonRun(lease);
    const rollback = await trial.beginRun('rollback');
    const taken = await trial.writer.rollBackBatch(rollback, lease, 100);
    assert.deepEqual([taken.restored, taken.removed, taken.isDone], [2, 0, true]);
    assert.equal(await trial.reader.digest('content'), before);
  });
}

const step = { journey_id: 7, step: 'a', entered_at: '2026-11-01' };
const left = { journey_id: 7, step_entered_at: '2026-11-05', operation: 'remove' };

function journeyContract(trialTest: TrialTest): void {
  const journeysOf = async (trial: StoreTrial, identity: IdentityKey) => {
    const journeys = (await answersOf(trial, identity))['journey_membership'] as object[];
    return journeys.map((it) => Object.values(it).slice(0, 3));
  };

  trialTest('a run of journeys is rolled back, also one that ended them', async (trial) => {
    const journey = { journeyId: 3, journeyName: null, step: 's', enteredAt: '2026-10-01' };
    const none = { flows: [], campaigns: [], segments: [] };
    const direct = packMemberships({ ...none, journeys: [{ ...journey, stepEnteredAt: null }] });
    await trial.apply([replace([tom], { 1: 'Tom' })]);
    await trial.writer.putMemberships(1, tom, direct);
    await trial.apply([report([tom], step)], { datasetId: 2 });
    const before = await trial.reader.digest('content');
    const lease = await trial.beginRun('bad', { datasetId: 2 });
    await trial.writer.applyBatch(lease, [
      report([tom], left),
      report([tom], { ...step, journey_id: 3 }),
      report([ann], step),
    ]);
    await trial.writer.finishRun(lease, { baselineId: 'bad', asOfMs: 1 });
    assert.deepEqual(await journeysOf(trial, tom), [[3, null, 'a']]);
    assert.deepEqual(await journeysOf(trial, ann), [[7, null, 'a']]);
    const rollback = await trial.beginRun('rollback', { datasetId: 2 });
    assert.ok((await trial.writer.rollBackBatch(rollback, lease, 100)).isDone);
    assert.deepEqual(await journeysOf(trial, tom), [
      [3, null, 's'],
      [7, null, 'a'],
    ]);
    assert.equal(await trial.reader.digest('content'), before);
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
  });

  trialTest('journeys go with the removal of the dataset that reported them', async (trial) => {
    await trial.apply([report([tom], step)], { datasetId: 2 });
    await trial.apply([report([tom], { ...step, journey_id: 8 }), report([ann], step)]);
    await trial.apply([forget([tom]), forget([ann])]);
    assert.deepEqual(await journeysOf(trial, tom), [[7, null, 'a']]);
    assert.equal(await readContact(trial.reader, 1, ann), undefined);
    assert.deepEqual(await trial.reader.verify(), sound);
  });

  trialTest('journeys go with their rows when contacts join and part', async (trial) => {
    const one = userId('1');
    await trial.apply([replace([one], { 1: 'A' })]);
    await trial.apply([report([one], step)], { datasetId: 2 });
    await trial.apply([replace([tom], { 1: 'B' })], { datasetId: 3 });
    const later = { ...step, step: 'b', entered_at: '2026-11-03' };
    await trial.apply([report([tom], later)], { datasetId: 4 });
    const lease = await trial.beginRun('join');
    await trial.writer.applyBatch(lease, [replace([one, tom], { 1: 'A' })]);
    await trial.writer.finishRun(lease, { baselineId: 'join', asOfMs: 1 });
    for (const identity of [one, tom]) {
      assert.deepEqual(await journeysOf(trial, identity), [[7, null, 'b']]);
    }
    await trial.apply([report([one], { ...step, step: 'c', entered_at: '2026-11-04' })], {
      datasetId: 2,
    });
    assert.deepEqual(await journeysOf(trial, tom), [[7, null, 'c']]);
    await trial.apply([report([one], { ...left, step_entered_at: '2026-11-05' })], {
      datasetId: 2,
    });
    assert.deepEqual(await journeysOf(trial, tom), []);
    const rollback = await trial.beginRun('rollback');
    assert.ok((await trial.writer.rollBackBatch(rollback, lease, 100)).isDone);
    assert.deepEqual(await journeysOf(trial, one), []);
    assert.deepEqual(await journeysOf(trial, tom), [[7, null, 'b']]);
    assert.deepEqual(await trial.reader.verify(), sound);
  });
}

async function answersOf(
  { reader }: StoreTrial,
  identity: IdentityKey,
): Promise<Record<string, unknown>> {
  const bytes = await readMemberships(reader, 1, identity);
  assert.ok(bytes !== undefined);
  return Object.fromEntries(
    packedMembershipFields.map((field, place) => [
      field,
      JSON.parse(Buffer.from(packedMembership(bytes, place), 'latin1').toString()),
    ]),
  );
}
