/** Membership reports: which of several reports counts, and what is stored. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxCampaignsReceived, maxReportedMemberships } from '../../src/domain/limits.ts';
import { packMemberships } from '../../src/domain/membership/membership.ts';
import { unpackLedger } from '../../src/domain/membership/membership-ledger.ts';
import type { MembershipReport } from '../../src/domain/membership/membership-report.ts';
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
  const { flows = [], segments = [], campaigns = [] } = ledger ?? {};
  return [...flows, ...segments, ...campaigns]
    .filter(({ by }) => by?.datasetId === datasetId)
    .map((entry) => JSON.stringify(entry, (_, it) => (typeof it === 'bigint' ? `${it}` : it)));
}
