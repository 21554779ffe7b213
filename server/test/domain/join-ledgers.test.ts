/** Memberships of contacts that are joined and parted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxCampaignsReceived, maxReportedMemberships } from '../../src/domain/limits.ts';
import { joinLedgers, partLedger, withoutKeys } from '../../src/domain/membership/join-ledgers.ts';
import {
  entriesOf,
  type LedgerEntry,
  membershipOf,
  timeOf,
} from '../../src/domain/membership/ledger-entry.ts';
import {
  packMemberships,
  type RecordedMemberships,
} from '../../src/domain/membership/membership.ts';
import { membershipContent, readLedger } from '../../src/domain/membership/membership-ledger.ts';
import {
  forgetReports,
  mergeReports,
  rollBackReports,
} from '../../src/domain/membership/merge-reports.ts';
import { answers, packVersion1, parse, reports } from './membership-samples.ts';

const keys = ['0001', '0002', '0003'].map((type) => type + '5a'.repeat(16));
const [keyA = '', keyB = '', keyC = ''] = keys;

interface Run {
  readonly sourceVersion?: bigint;
  readonly datasetId?: number;
  readonly key?: string | null;
}

const run = ({ sourceVersion = 1n, datasetId = 1, key = null }: Run = {}) => {
  return { datasetId, sourceVersion, key };
};

const time = fc.constantFrom(null, '2026-11-01', '2026-11-02T10:00:00Z', '2026-11-03');
const name = fc.constantFrom(null, 'N', 'M');
const repeatedly = fc.record({
  flows: fc.array(
    fc.record({
      flowId: fc.integer({ min: 1, max: 3 }),
      flowName: name,
      variant: name,
      since: time,
    }),
    { maxLength: 4 },
  ),
  journeys: fc.array(
    fc.record({
      journeyId: fc.integer({ min: 1, max: 3 }),
      journeyName: name,
      step: name,
      enteredAt: time,
      stepEnteredAt: time,
    }),
    { maxLength: 4 },
  ),
  campaigns: fc.constant([]),
  segments: fc.uniqueArray(fc.constantFrom(3, 12, 'vip'), { maxLength: 2 }),
});
const directly = repeatedly.map(({ flows, journeys, ...rest }) => ({
  ...rest,
  flows: [...new Map(flows.map((it) => [it.flowId, it])).values()],
  journeys: [...new Map(journeys.map((it) => [it.journeyId, it])).values()],
}));
const reportedAt = fc.constantFrom('2026-11-01', '2026-11-02', '2026-11-03');
const undated = fc
  .oneof(
    fc.record({
      flow_id: fc.integer({ min: 1, max: 2 }),
      reported_at: reportedAt,
      variant: fc.constantFrom('A', null),
    }),
    fc.record({
      journey_id: fc.integer({ min: 1, max: 2 }),
      reported_at: reportedAt,
      operation: fc.constantFrom('add', 'remove'),
      step: fc.constantFrom('A', null),
    }),
  )
  .map((it) => parse([it]));
const runs = fc.array(
  fc.record({ told: fc.oneof(reports, undated), datasetId: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 1, maxLength: 4 },
);
/** Packed memberships of one contact, without keys. */
const ledgers = fc.tuple(fc.option(directly), runs).map(([direct, all]) => {
  let packed = direct === null ? undefined : pack(direct);
  for (const [place, { told, datasetId }] of all.entries()) {
    packed =
      mergeReports(packed, told, run({ sourceVersion: BigInt(place + 1), datasetId })) ?? packed;
  }
  assert.ok(packed !== undefined);
  return packed;
});
const several = fc.array(fc.oneof(ledgers, repeatedly.map(pack).filter(isUsed)), {
  minLength: 2,
  maxLength: 3,
});

test('parting gives each contact the bytes from before it was joined', () => {
  fc.assert(
    fc.property(several, (before) => {
      const parted = partLedger(join(before), homeOf, before.length);
      assert.deepEqual(parted.map(withoutKey), before);
    }),
  );
});

test('a contact that was joined before is joined and parted as a whole', () => {
  fc.assert(
    fc.property(ledgers, ledgers, ledgers, (a, b, c) => {
      const pair = join([a, b]);
      const all = joinLedgers([
        { packed: c, key: keyC },
        { packed: pair, key: keyB },
      ]);
      assert.deepEqual(all, join([a, b, c]));
      const [left, right] = partLedger(all, (key) => (key === keyC ? 1 : 0), 2);
      assert.deepEqual(left, pair);
      assert.deepEqual(right && withoutKeys(right, keyC), c);
    }),
  );
});

test('the answers do not depend on the keys, nor on the order of the parts', () => {
  fc.assert(
    fc.property(
      fc.array(ledgers, { minLength: 2, maxLength: 3 }),
      fc.shuffledSubarray(keys, { minLength: 3 }),
      (before, others) => {
        const joined = join(before);
        const parts = before.map((packed, place) => ({ packed, key: keys[place] ?? '' }));
        assert.deepEqual(joinLedgers(parts.toReversed()), joined);
        const renamed = join(before, others);
        assert.deepEqual(answers(renamed), answers(joined));
        assert.equal(membershipContent(renamed), membershipContent(joined));
      },
    ),
  );
});

test('each answer shows the newest entry of all parts, and the others are kept', () => {
  const a = direct('2026-11-02', 'A');
  const b = direct('2026-11-04', 'B');
  const first = mergeReports(a, told('2026-11-02', 'A', 'add'), run());
  const second = mergeReports(b, told('2026-11-04', 'B', 'remove'), run({ datasetId: 2 }));
  const joined = join([first, second]);
  assert.deepEqual(answers(joined), {
    flow_variant_membership: [],
    journey_membership: answers(b)['journey_membership'],
    campaigns_received: [...received('2026-11-04', 'B'), ...received('2026-11-02', 'A')],
    flow_membership: [],
    segment_membership: [],
  });
  const kept = entriesOf(readLedger(joined)).map(
    (it) => `${kindOf(it)} ${keys.indexOf(it.key ?? '')}`,
  );
  assert.deepEqual(kept.sort(), [
    ...['campaign 0', 'campaign 1', 'flow 0', 'flow 1', 'journey 0', 'journey 1'],
    ...['segment 0', 'segment 1'],
  ]);
  const [alone] = partLedger(joined, homeOf, 2);
  assert.deepEqual(answers(alone)['flow_variant_membership'], ['1-A']);
});

test('a campaign that two parts received at one time is answered once', () => {
  const one = mergeReports(undefined, parse([campaign('2026-11-01', 'A')]), run());
  const other = mergeReports(
    undefined,
    parse([campaign('2026-11-01', 'B')]),
    run({ datasetId: 2 }),
  );
  const joined = join([one, other]);
  assert.deepEqual(answers(joined)['campaigns_received'], received('2026-11-01', 'B'));
  assert.deepEqual(partLedger(joined, homeOf, 2).map(withoutKey), [one, other]);
});

/**
 * Of several reports of one membership and time, the last one. If a run contradicts itself and also
 * repeats what is recorded, repeating the run may change the outcome.
 */
const agreeing = reports.map((all) => {
  const entries = all.map(({ kind: _, ...it }) => ({ ...it, by: null, key: null }) as LedgerEntry);
  const places = entries.map((it) => `${membershipOf(it)} ${timeOf(it)}`);
  return all.filter((_, at) => places.lastIndexOf(places[at] ?? '') === at);
});

test('a report of a joined contact goes with the key that it came by', () => {
  fc.assert(
    fc.property(ledgers, ledgers, agreeing, (a, b, news) => {
      const [keyed, others] = [joinLedgers([{ packed: a, key: keyA }]), join([a, b])];
      const by = run({ sourceVersion: 9n, key: keyA });
      const after = mergeReports(others, news, by) ?? others;
      const [left, right] = partLedger(after, homeOf, 2);
      assert.deepEqual(left, mergeReports(keyed, news, by) ?? keyed);
      assert.deepEqual(withoutKey(right, 1), b);
      assert.equal(mergeReports(after, news, by), undefined);
    }),
  );
});

test('a report competes with the entries of all keys for the answer', () => {
  const flow = (timestamp: string, variant: string) => parse([{ flow_id: 1, timestamp, variant }]);
  const a = mergeReports(undefined, flow('2026-11-02', 'A'), run());
  const joined = join([a]);
  const older = mergeReports(joined, flow('2026-11-01', 'B'), run({ key: keyB }));
  assert.deepEqual(answers(older)['flow_variant_membership'], ['1-A']);
  const newer = mergeReports(older, flow('2026-11-03', 'C'), run({ key: keyB }));
  assert.deepEqual(answers(newer)['flow_variant_membership'], ['1-C']);
  const [left, right] = partLedger(newer ?? joined, homeOf, 2);
  assert.deepEqual(withoutKey(left, 0), a);
  assert.deepEqual(answers(right)['flow_variant_membership'], ['1-C']);
});

test('the correction of a later run counts, whatever its key', () => {
  const flow = (variant: string) => parse([{ flow_id: 1, timestamp: '2026-11-02', variant }]);
  const report = mergeReports(undefined, flow('Z'), run());
  const correction = run({ sourceVersion: 2n });
  for (const key of [keyB, keyC]) {
    const corrected = mergeReports(join([report]), flow('A'), { ...correction, key });
    assert.deepEqual(answers(corrected)['flow_variant_membership'], ['1-A']);
  }
  const joined = join([mergeReports(undefined, flow('A'), correction), report]);
  assert.deepEqual(answers(joined)['flow_variant_membership'], ['1-A']);
});

test('answers of a joined contact keep the limits, and each part keeps as many as before', () => {
  const full = (from: number) => {
    const days = Array.from({ length: maxReportedMemberships }, (_, day) => {
      return {
        id: from + 2 * day,
        at: new Date(Date.UTC(2026, 0, 1 + from + 2 * day)).toISOString(),
      };
    });
    const flows = days.map(({ id, at }) => ({ flow_id: id, timestamp: at }));
    const campaigns = days
      .slice(-maxCampaignsReceived)
      .map(({ id, at }) => ({ campaign_id: `${id}`, received_at: at }));
    return mergeReports(undefined, parse([...flows, ...campaigns].slice(0, 1_000)), run());
  };
  const [even, odd] = [full(0), full(1)];
  const joined = join([even, odd]);
  const { flow_membership: flows = [], campaigns_received: campaigns = [] } = answers(joined);
  const ids = flows.map((it) => (it as { flow_id: number }).flow_id);
  assert.deepEqual(
    ids,
    Array.from({ length: maxReportedMemberships }, (_, at) => 500 + at),
  );
  assert.equal(campaigns.length, maxCampaignsReceived);
  assert.deepEqual(partLedger(joined, homeOf, 2).map(withoutKey), [even, odd]);
  const more = parse([
    { flow_id: 5_000, timestamp: '2030-01-01' },
    { campaign_id: 'new', received_at: '2030-01-01' },
  ]);
  const after = readLedger(mergeReports(joined, more, run({ key: keyB })));
  for (const key of [keyA, keyB]) {
    const isOfKey = (it: LedgerEntry) => it.key === key;
    assert.equal(after.flows.filter(isOfKey).length, maxReportedMemberships);
    assert.equal(after.campaigns.filter(isOfKey).length, maxCampaignsReceived);
  }
});

test('a rollback removes the reports of the run from all keys, and restores those from before', () => {
  fc.assert(
    fc.property(ledgers, ledgers, reports, reports, (a, b, news, others) => {
      const before = join([a, b]);
      const place = run({ sourceVersion: 9n, datasetId: 7 });
      const first = mergeReports(before, news, { ...place, key: keyA }) ?? before;
      const after = mergeReports(first, news, { ...place, key: keyB }) ?? first;
      assert.deepEqual(rollBackReports(after, before, place), before);
      const later = mergeReports(after, others, run({ datasetId: 8, key: keyB })) ?? after;
      const [left] = partLedger(rollBackReports(later, before, place) ?? later, homeOf, 2);
      assert.deepEqual(withoutKey(left, 0), a);
    }),
  );
});

test("removing a dataset's reports removes them from all keys", () => {
  fc.assert(
    fc.property(ledgers, ledgers, fc.integer({ min: 1, max: 3 }), (a, b, datasetId) => {
      const alone = [a, b].map((packed) => forgetReports(packed, datasetId));
      const left = forgetReports(join([a, b]), datasetId);
      const parted = left === undefined ? [undefined, undefined] : partLedger(left, homeOf, 2);
      assert.deepEqual(parted.map(withoutKey), alone);
    }),
  );
});

test('noted keys change neither the answers nor the content of one contact', () => {
  fc.assert(
    fc.property(ledgers, (packed) => {
      const keyed = join([packed]);
      assert.ok(entriesOf(readLedger(keyed)).every(({ key }) => key === keyA));
      assert.deepEqual(answers(keyed), answers(packed));
      assert.equal(membershipContent(keyed), membershipContent(packed));
      assert.equal(withoutKeys(keyed, keyB), keyed);
    }),
  );
});

test('entries that lose their key compete with those of the founder', () => {
  const flow = (timestamp: string) => parse([{ flow_id: 1, timestamp }]);
  const own = mergeReports(undefined, flow('2026-11-02'), run());
  const newer = mergeReports(own, flow('2026-11-03'), run({ key: keyA }));
  const expected = mergeReports(undefined, flow('2026-11-03'), run());
  assert.ok(newer !== undefined);
  assert.deepEqual(withoutKeys(newer, keyA), expected);
  const older = mergeReports(own, flow('2026-11-01'), run({ key: keyA }));
  assert.deepEqual(withoutKey(older, 0), own);
});

test('entries without a key go to the home of the founder, and others stay without memberships', () => {
  const packed = mergeReports(undefined, parse([{ flow_id: 1, timestamp: '2026-11-02' }]), run());
  assert.ok(packed !== undefined);
  assert.deepEqual(
    partLedger(packed, (key) => (key === null ? 1 : 0), 3),
    [undefined, packed, undefined],
  );
  assert.throws(() => partLedger(packed, () => 3, 3), /belongs to no contact/);
});

test('memberships in the first encoding are joined and parted without a loss', () => {
  const json = ['["7"]', '[]', '[]', '[{"flow_id":7,"flow_name":"F","variant":null,"since":null}]'];
  const version1 = packVersion1([...json, '[3]']);
  const [parted] = partLedger(join([version1]), homeOf, 1);
  const left = withoutKey(parted, 0);
  assert.deepEqual(answers(left), answers(version1));
  assert.ok(left !== undefined);
  assert.equal(membershipContent(left), membershipContent(version1));
});

test('memberships without keys are stored as before there were keys', () => {
  const packed = mergeReports(direct('2026-11-02', 'A'), told('2026-11-02', 'A', 'add'), run());
  assert.ok(packed !== undefined);
  const ledger = packed.toString('utf8', packed.readUInt32LE(22), packed.readUInt32LE(26));
  assert.equal(
    ledger,
    '{"flows":[[1,null,"A",null,"2026-11-02",true,true,null,null,[1,"1"]]],' +
      '"segments":[["vip","2026-11-02",true,true,null,null,[1,"1"]]],"campaigns":[[1,"1"]]}',
  );
});

function isUsed(packed: Buffer): boolean {
  return entriesOf(readLedger(packed)).length > 0;
}

function join(packed: readonly (Buffer | undefined)[], names = keys): Buffer {
  const parts = packed.map((it, place) => ({
    packed: it ?? Buffer.alloc(0),
    key: names[place] ?? '',
  }));
  return joinLedgers(parts);
}

function homeOf(key: string | null): number {
  return keys.indexOf(key ?? '');
}

function withoutKey(packed: Buffer | undefined, place: number): Buffer | undefined {
  return packed && withoutKeys(packed, keys[place] ?? '');
}

function pack(memberships: RecordedMemberships): Buffer {
  return Buffer.from(packMemberships(memberships));
}

function direct(stepEnteredAt: string, step: string): Buffer {
  const journey = { journeyId: 4, journeyName: null, step, enteredAt: null, stepEnteredAt };
  const none = { flows: [], campaigns: [], segments: [] };
  return pack({ ...none, journeys: [journey] });
}

function told(timestamp: string, variant: string, operation: 'add' | 'remove') {
  return parse([
    { flow_id: 1, timestamp, variant, operation },
    { segment_name: 'vip', timestamp, operation },
    campaign(timestamp, variant),
  ]);
}

function campaign(receivedAt: string, channel: string): object {
  return { campaign_id: 'c', received_at: receivedAt, channel };
}

function received(receivedAt: string, channel: string): object[] {
  const rest = { campaign_name: null, variant: null, flow_id: null };
  return [{ campaign_id: 'c', channel, received_at: receivedAt, ...rest }];
}

function kindOf(entry: LedgerEntry): string {
  if ('flowName' in entry) return 'flow';
  if ('segment' in entry) return 'segment';
  return 'campaignId' in entry ? 'campaign' : 'journey';
}
