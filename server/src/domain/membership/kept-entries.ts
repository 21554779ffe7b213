/** Which entries of a contact's memberships are kept, and which of them the answers show. */
import { maxCampaignsReceived, maxReportedMemberships } from '../limits.ts';
import {
  type CampaignEntry,
  compareTexts,
  compareTimes,
  type FlowEntry,
  type JourneyEntry,
  type LedgerEntry,
  type MembershipLedger,
  membershipOf,
  type SegmentEntry,
  timeOf,
} from './ledger-entry.ts';
import { winningEntries } from './winning-entry.ts';

/** The newest entries of each kind and key, up to the limits, in stored order. */
export function keptEntries({
  flows,
  segments,
  campaigns,
  journeys,
}: MembershipLedger): MembershipLedger {
  return {
    flows: newestOfKeys(flows, byFlow, maxReportedMemberships).toSorted(byFlow),
    segments: newestOfKeys(segments, bySegment, maxReportedMemberships).toSorted(bySegment),
    campaigns: newestOfKeys(campaigns, byCampaign, maxCampaignsReceived),
    journeys: newestOfKeys(journeys, byJourney, maxReportedMemberships).toSorted(byJourney),
  };
}

/** The newest entries of each key, newest first. */
function newestOfKeys<Entry extends LedgerEntry>(
  entries: readonly Entry[],
  order: Order<Entry>,
  limit: number,
): readonly Entry[] {
  const counts = new Map<string | null, number>();
  return newestFirst(entries, order).filter(({ key }) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= limit;
  });
}

function newestFirst<Entry extends LedgerEntry>(
  entries: readonly Entry[],
  order: Order<Entry>,
): readonly Entry[] {
  return entries.toSorted((a, b) => compareTimes(timeOf(b), timeOf(a)) || order(a, b));
}

/** Of the kept entries, those that answers show: one of each membership, up to the limits. */
export function answeredEntries(ledger: MembershipLedger): MembershipLedger {
  const { flows, segments, campaigns, journeys } = ledger;
  return {
    flows: newestAnswered(flows, byFlow, maxReportedMemberships).toSorted(byFlow),
    segments: newestAnswered(segments, bySegment, maxReportedMemberships).toSorted(bySegment),
    campaigns: newestAnswered(campaigns, byCampaign, maxCampaignsReceived),
    journeys: newestAnswered(journeys, byJourney, maxReportedMemberships).toSorted(byJourney),
  };
}

function newestAnswered<Entry extends LedgerEntry>(
  entries: readonly Entry[],
  order: Order<Entry>,
  limit: number,
): readonly Entry[] {
  return newestFirst(oneOfEach(entries), order).slice(0, limit);
}

/** Of entries that differ by their keys, the one that counts. */
function oneOfEach<Entry extends LedgerEntry>(entries: readonly Entry[]): readonly Entry[] {
  if (entries.every(({ key }) => key === entries[0]?.key)) return entries;
  return winningEntries(
    entries.map((entry) => ({ entry, group: membershipOf(entry), source: `${entry.key}` })),
  );
}

type Order<Entry> = (one: Entry, other: Entry) => number;

function byFlow(one: FlowEntry, other: FlowEntry): number {
  return one.flowId - other.flowId || compareKeys(one, other);
}

function byJourney(one: JourneyEntry, other: JourneyEntry): number {
  return one.journeyId - other.journeyId || compareKeys(one, other);
}

function bySegment(one: SegmentEntry, other: SegmentEntry): number {
  return compareSegments(one.segment, other.segment) || compareKeys(one, other);
}

/** Newest first. */
function byCampaign(one: CampaignEntry, other: CampaignEntry): number {
  return (
    compareTimes(other.receivedAt, one.receivedAt) ||
    compareTexts(one.campaignId, other.campaignId) ||
    compareKeys(one, other)
  );
}

/** Entries without a key come first. */
function compareKeys({ key }: LedgerEntry, { key: other }: LedgerEntry): number {
  return compareTexts(key ?? '', other ?? '');
}

/** Numbers before names. */
function compareSegments(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
  return compareTexts(String(one), String(other));
}
