/** Membership reports: which of several reports counts, and what is stored. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxCampaignsReceived, maxReportedMemberships } from '../../src/domain/limits.ts';
import { emptyLedger, entriesOf } from '../../src/domain/membership/ledger-entry.ts';
import { packMemberships } from '../../src/domain/membership/membership.ts';
import { unpackLedger } from '../../src/domain/membership/membership-ledger.ts';
import {
  type MembershipReport,
  parseMembershipReports,
} from '../../src/domain/membership/membership-report.ts';
import {
  forgetReports,
  mergeReports,
  rollBackReports,
} from '../../src/domain/membership/merge-reports.ts';
import { answers, packVersion1, parse, reports } from './membership-samples.ts';

const run = (sourceVersion: bigint, datasetId = 1) => ({ datasetId, sourceVersion, key: null });

test("the order and repetition of a run's reports do not change the result", () => {
  fc.assert(
    fc.property(reports, fc.array(fc.nat(20)), (all, shuffle) => {
      const ordered = mergeEach(undefined, all, 1n);
      const again = all.flatMap((it, place) => [it, all[(shuffle[place] ?? 0) % all.length] ?? it]);
      assert.deepEqual(mergeEach(undefined, again.reverse(), 1n), ordered);
      assert.equal(mergeReports(ordered, all, run(1n)), undefined);
    }),
  );
});

test('a rollback of reports restores what was there before', () => {
  fc.assert(
    fc.property(reports, reports, reports, (first, second, others) => {
      const before = mergeReports(undefined, first, run(1n));
      const after = mergeEach(before, second, 2n);
      assert.deepEqual(rollBackReports(after, before, run(2n)), before);
      const fresh = mergeReports(undefined, second, run(2n));
      assert.equal(rollBackReports(fresh, undefined, run(2n)), undefined);
      // Reports of another dataset, made in the meantime, are kept.
      const beside = mergeReports(after, others, run(1n, 9)) ?? after;
      const left = rollBackReports(beside, before, run(2n));
      for (const entry of entriesBy(beside, 9)) assert.ok(entriesBy(left, 9).includes(entry));
      assert.deepEqual(
        entriesBy(left, 1).filter((it) => it.includes('"sourceVersion":"2"')),
        [],
      );
    }),
  );
});

test("removing a dataset's reports keeps the reports of others", () => {
  fc.assert(
    fc.property(reports, reports, reports, (first, second, others) => {
      const ours = mergeEach(mergeEach(undefined, first, 1n), second, 3n);
      const both = mergeReports(ours, others, run(2n, 9)) ?? ours;
      assert.ok(both !== undefined);
      const left = forgetReports(both, 1);
      assert.deepEqual(entriesBy(left, 1), []);
      assert.deepEqual(entriesBy(left, 9), entriesBy(both, 9));
      assert.equal(left === undefined, entriesBy(both, 9).length === 0);
      if (left !== undefined) assert.equal(forgetReports(left, 1), left);
      // Rolling back a run of another dataset does not bring it back either.
      const taken = rollBackReports(left, ours, run(2n, 9), ({ datasetId }) => datasetId === 1);
      assert.equal(taken, undefined);
    }),
  );
});

test('a repeated report without a time changes nothing', () => {
  const first = mergeReports(
    undefined,
    parse([{ flow_id: 1, reported_at: '2026-11-01' }]),
    run(1n),
  );
  const again = parse([{ flow_id: 1, reported_at: '2026-11-02' }]);
  assert.equal(mergeReports(first, again, run(2n)), undefined);
  const other = parse([{ flow_id: 1, reported_at: '2026-11-02', variant: 'B' }]);
  assert.deepEqual(answers(mergeReports(first, other, run(2n)))['flow_variant_membership'], [
    '1-B',
  ]);
});

test('the newest campaigns and flows are kept, and an older one changes nothing', () => {
  const date = (place: number) => new Date(Date.UTC(2026, 0, 1 + place)).toISOString();
  const campaigns = Array.from({ length: maxCampaignsReceived + 20 }, (_, place) => ({
    campaign_id: `${place}`,
    received_at: date(place),
  }));
  const flows = Array.from({ length: maxReportedMemberships + 20 }, (_, place) => ({
    flow_id: place,
    timestamp: date(place),
    operation: place % 2 === 0 ? 'add' : 'remove',
  }));
  const packed = mergeReports(undefined, parse([...campaigns, ...flows]), run(1n));
  const { campaigns_received: received, flow_membership: member } = answers(packed);
  assert.equal(received?.length, maxCampaignsReceived);
  assert.deepEqual(received?.[0], { ...(received?.[0] as object), campaign_id: '119' });
  assert.equal(member?.length, maxReportedMemberships / 2);
  const old = parse([
    { campaign_id: '3', received_at: date(3) },
    { flow_id: 3, timestamp: date(3) },
  ]);
  assert.equal(mergeReports(packed, old, run(2n)), undefined);
});

test('memberships in the first encoding are answered, and accept reports', () => {
  const json = ['["7"]', '[]', '[]', '[{"flow_id":7,"flow_name":"F","variant":null,"since":null}]'];
  const version1 = packVersion1([...json, '[3]']);
  assert.deepEqual(answers(version1)['segment_membership'], [3]);
  const merged = mergeReports(
    version1,
    parse([{ segment_name: 'vip', timestamp: '2026-11-01' }]),
    run(1n),
  );
  assert.deepEqual(answers(merged)['segment_membership'], [3, 'vip']);
  assert.deepEqual(answers(merged)['flow_variant_membership'], ['7']);
  assert.deepEqual(rollBackReports(merged, version1, run(1n)), version1);
});

test('the newest report of a journey counts, and an ended journey is not answered', () => {
  const journey = (members: object) => parse([{ journey_id: 7, ...members }]);
  const day = (number: number) => `2026-11-0${number}`;
  const begun = journey({ journey_name: 'J', step: 'a', entered_at: day(1) });
  const further = journey({
    journey_name: 'J',
    step: 'b',
    entered_at: day(1),
    step_entered_at: day(3),
  });
  const ended = journey({ step_entered_at: day(4), operation: 'remove' });
  const again = journey({ step: 'a', entered_at: day(5) });
  const members = { journey_id: 7, journey_name: 'J', entered_at: day(1) };
  for (const all of [
    [begun, further],
    [further, begun],
  ]) {
    const packed = mergeEach(undefined, all.flat(), 1n);
    const expected = [{ ...members, step: 'b', step_entered_at: day(3) }];
    assert.deepEqual(answers(packed)['journey_membership'], expected);
    const over = mergeReports(packed, ended, run(2n));
    assert.deepEqual(answers(over)['journey_membership'], []);
    assert.equal(mergeReports(over, further, run(3n)), undefined, 'an older step changes nothing');
    const back = answers(mergeReports(over, again, run(3n)))['journey_membership'] ?? [];
    assert.deepEqual(
      back.map((it) => (it as { entered_at: string }).entered_at),
      [day(5)],
    );
  }
});

test('a journey ends at the time of the run if its row says only when it began', () => {
  const [begun, ended] = ['add', 'remove'].map((operation, at) =>
    parse([{ journey_id: 7, entered_at: '2026-11-01', operation, reported_at: `2026-11-1${at}` }]),
  );
  const steps = parse([{ journey_id: 7, step_entered_at: '2026-11-05' }]);
  const packed = mergeReports(mergeReports(undefined, begun ?? [], run(1n)), steps, run(1n));
  assert.equal(answers(packed)['journey_membership']?.length, 1);
  const over = mergeReports(packed, ended ?? [], run(2n));
  assert.deepEqual(answers(over)['journey_membership'], []);
  const [journey] = unpackLedger(over ?? Buffer.alloc(0))?.journeys ?? [];
  assert.deepEqual([journey?.at, journey?.isDated], ['2026-11-11', false]);
  const later = parse([
    { journey_id: 7, entered_at: '2026-11-01', operation: 'remove', reported_at: '2026-11-20' },
  ]);
  assert.equal(mergeReports(over, later, run(3n)), undefined, 'the row repeats what is recorded');
});

test('a report that is no journey is refused', () => {
  const isRead = (members: object) =>
    parseMembershipReports(Buffer.from(JSON.stringify({ journey_id: 7, ...members }))) !==
    undefined;
  const reported_at = '2026-11-01T00:00:00Z';
  assert.ok(isRead({ reported_at }));
  assert.ok(isRead({ entered_at: '2026-11-01' }));
  assert.ok(!isRead({}));
  assert.ok(!isRead({ entered_at: '2026-11-01', operation: 'remove' }), 'it has no time');
  for (const members of [
    { journey_id: '7' },
    { journey_id: -1 },
    { journey_id: 1.5 },
    { entered_at: 'yesterday' },
    { step_entered_at: 5 },
    { operation: 'end' },
    { step: 'x'.repeat(255) },
    { journey_name: 1 },
  ]) {
    assert.ok(!isRead({ reported_at, ...members }), JSON.stringify(members));
  }
});

test('journeys that were set directly keep their bytes until one is reported', () => {
  const journey = { journeyId: 4, journeyName: 'J', step: 's', enteredAt: '2026-11-01' };
  const none = { flows: [], campaigns: [], segments: [] };
  const journeys = [{ ...journey, stepEnteredAt: null }];
  const direct = Buffer.from(packMemberships({ ...none, journeys }));
  assert.equal(direct[0], 2);
  const flow = mergeReports(direct, parse([{ flow_id: 1, timestamp: '2026-11-01' }]), run(1n));
  assert.deepEqual([flow?.[0], answers(flow)['journey_membership']?.length], [2, 1]);
  const news = parse([{ journey_id: 4, step: 't', entered_at: '2026-11-02' }]);
  const reported = mergeReports(direct, news, run(1n));
  assert.equal(reported?.[0], 3);
  const [entry] = unpackLedger(reported ?? direct)?.journeys ?? [];
  assert.deepEqual(entry?.by, { datasetId: 1, sourceVersion: 1n });
  assert.deepEqual(rollBackReports(reported, direct, run(1n)), direct);
  const older = parse([{ journey_id: 4, step: 'r', entered_at: '2026-10-01' }]);
  assert.equal(mergeReports(direct, older, run(1n)), undefined);
});

test('the newest journeys are kept', () => {
  const date = (place: number) => new Date(Date.UTC(2026, 0, 1 + place)).toISOString();
  const all = Array.from({ length: maxReportedMemberships + 20 }, (_, place) => {
    return { journey_id: place, entered_at: date(place) };
  });
  const { journey_membership: journeys = [] } = answers(
    mergeReports(undefined, parse(all), run(1n)),
  );
  assert.equal(journeys.length, maxReportedMemberships);
  assert.deepEqual((journeys[0] as { journey_id: number }).journey_id, 20);
});

test('memberships that are set directly are answered as they are', () => {
  const flows = [{ flowId: 9, flowName: null, variant: 'B', since: null }];
  const packed = packMemberships({
    flows,
    journeys: [],
    campaigns: [],
    segments: ['b', 12, 'a', 3],
  });
  assert.deepEqual(answers(Buffer.from(packed))['segment_membership'], [3, 12, 'a', 'b']);
});

function mergeEach(
  packed: Buffer | undefined,
  all: readonly MembershipReport[],
  sourceVersion: bigint,
): Buffer | undefined {
  return all.reduce((now, one) => mergeReports(now, [one], run(sourceVersion)) ?? now, packed);
}

function entriesBy(packed: Buffer | undefined, datasetId: number): string[] {
  const ledger = packed === undefined ? undefined : unpackLedger(packed);
  return entriesOf(ledger ?? emptyLedger)
    .filter(({ by }) => by?.datasetId === datasetId)
    .map((entry) => JSON.stringify(entry, (_, it) => (typeof it === 'bigint' ? `${it}` : it)));
}
