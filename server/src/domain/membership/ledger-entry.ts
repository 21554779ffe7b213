/**
 * The memberships of one contact as entries: what each kind has, which run reported it, and the row
 * key that it came by.
 */

export interface JourneyMembership {
  readonly journeyId: number;
  readonly journeyName: string | null;
  readonly step: string | null;
  readonly enteredAt: string | null;
  readonly stepEnteredAt: string | null;
}

export interface CampaignReceived {
  readonly campaignId: string;
  readonly campaignName: string | null;
  readonly channel: string | null;
  readonly variant: string | null;
  readonly flowId: number | null;
  readonly receivedAt: string;
}

/**
 * A run that reports memberships: its dataset and its source version, a number that is higher for
 * each later run of the dataset.
 */
export interface ReportRun {
  readonly datasetId: number;
  readonly sourceVersion: bigint;
}

/** Where a report comes from: its run, and the key that it came by. */
export interface ReportOrigin extends ReportRun, Keyed {}

interface Keyed {
  /**
   * A row key: the hexadecimal text of the identity type (u16, big endian) and the digest (16
   * bytes). `null`: the membership belongs to the founder of the contact.
   */
  readonly key: string | null;
}

interface Reported extends Keyed {
  /** `null` if the membership was set directly. */
  readonly by: ReportRun | null;
}

interface Timed extends Reported {
  /** RFC 3339; `null`: earlier than any time. */
  readonly at: string | null;
  /** Whether the source has the time. Otherwise `at` is the time of the run. */
  readonly isDated: boolean;
  /** `false`: the membership ended at `at`. An older report does not start it again. */
  readonly isMember: boolean;
}

export interface Told extends Timed {
  readonly action: string | null;
  readonly experimentId: string | null;
}

export interface FlowEntry extends Told {
  readonly flowId: number;
  readonly flowName: string | null;
  readonly variant: string | null;
  readonly segmentName: string | null;
}

export interface SegmentEntry extends Told {
  readonly segment: number | string;
}

export interface CampaignEntry extends CampaignReceived, Reported {}

export interface JourneyEntry extends JourneyMembership, Timed {}

/** A journey that was set directly. */
export function directJourney(journey: JourneyMembership, key: string | null): JourneyEntry {
  const at = journey.stepEnteredAt ?? journey.enteredAt;
  return { ...journey, at, isDated: true, isMember: true, by: null, key };
}

export type LedgerEntry = FlowEntry | SegmentEntry | CampaignEntry | JourneyEntry;

/**
 * All entries of one contact. A joined contact can have several entries of one membership, with
 * different keys.
 */
export interface MembershipLedger {
  readonly flows: readonly FlowEntry[];
  readonly segments: readonly SegmentEntry[];
  readonly campaigns: readonly CampaignEntry[];
  readonly journeys: readonly JourneyEntry[];
}

export const emptyLedger: MembershipLedger = {
  flows: [],
  segments: [],
  campaigns: [],
  journeys: [],
};

export function entriesOf(ledger: MembershipLedger): readonly LedgerEntry[] {
  return [...ledger.flows, ...ledger.segments, ...ledger.campaigns, ...ledger.journeys];
}

export function ledgerWith(entries: readonly LedgerEntry[]): MembershipLedger {
  return {
    flows: entries.filter((it) => 'flowName' in it),
    segments: entries.filter((it) => 'segment' in it),
    campaigns: entries.filter((it) => 'campaignId' in it),
    journeys: entries.filter((it) => 'journeyId' in it),
  };
}

/** A text that is the same for two entries of one membership, whatever their keys. */
export function membershipOf(entry: LedgerEntry): string {
  if ('flowName' in entry) return `flow ${entry.flowId}`;
  if ('segment' in entry) return `segment ${typeof entry.segment} ${entry.segment}`;
  if ('journeyId' in entry) return `journey ${entry.journeyId}`;
  return `campaign ${entry.receivedAt} ${entry.campaignId}`;
}

export function timeOf(entry: LedgerEntry): string | null {
  return 'at' in entry ? entry.at : entry.receivedAt;
}

/** A number below 0 if the first time is earlier. Two spellings of one moment are not equal. */
export function compareTimes(one: string | null, other: string | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  return Date.parse(one) - Date.parse(other) || compareTexts(one, other);
}

export function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
