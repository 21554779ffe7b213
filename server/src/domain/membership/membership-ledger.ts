/**
 * The ledger of a contact's memberships: the values that look-ups return, and what only reports and
 * `explain` need (memberships that ended, their times, the run that reported each).
 *
 * Packed: u8 version 2, u8 count n, (n + 1) x u32 LE offsets from the start, then n JSON values
 * (UTF-8): the five of `packedMembershipFields`, then the ledger. Version 1 has only the five.
 * Equal ledgers pack to equal bytes.
 */
import { maxCampaignsReceived, maxReportedMemberships } from '../limits.ts';

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
 * The run that reported an entry: its dataset and its source version, a number that is higher for
 * each later run of the dataset. `null` for memberships that were set directly.
 */
export interface ReportOrigin {
  readonly datasetId: number;
  readonly sourceVersion: bigint;
}

interface Told {
  /** RFC 3339; `null`: earlier than any time. */
  readonly at: string | null;
  /** Whether the source has the time. Otherwise `at` is the time of the run. */
  readonly isDated: boolean;
  /** `false`: the membership ended at `at`. An older report does not start it again. */
  readonly isMember: boolean;
  readonly action: string | null;
  readonly experimentId: string | null;
  readonly by: ReportOrigin | null;
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

export interface CampaignEntry extends CampaignReceived {
  readonly by: ReportOrigin | null;
}

export interface MembershipLedger {
  readonly flows: readonly FlowEntry[];
  readonly segments: readonly SegmentEntry[];
  readonly campaigns: readonly CampaignEntry[];
  readonly journeys: readonly JourneyMembership[];
}

export const emptyLedger: MembershipLedger = {
  flows: [],
  segments: [],
  campaigns: [],
  journeys: [],
};

const version = 2;
const answerCount = 5;

/** Keeps the newest entries of each kind, up to the limits. */
export function packLedger(given: MembershipLedger): Buffer {
  const ledger = inOrder(given);
  const values = [...answersOf(ledger), storedLedger(ledger)].map((value) =>
    Buffer.from(JSON.stringify(value)),
  );
  const directoryBytes = 2 + 4 * (values.length + 1);
  const packed = Buffer.alloc(values.reduce((sum, value) => sum + value.length, directoryBytes));
  packed[0] = version;
  packed[1] = values.length;
  let offset = directoryBytes;
  for (const [index, value] of values.entries()) {
    packed.writeUInt32LE(offset, 2 + 4 * index);
    value.copy(packed, offset);
    offset += value.length;
  }
  packed.writeUInt32LE(offset, 2 + 4 * values.length);
  return packed;
}

function inOrder({ flows, segments, campaigns, journeys }: MembershipLedger): MembershipLedger {
  const keptCampaigns = campaigns.toSorted(
    (a, b) => compareTimes(b.receivedAt, a.receivedAt) || compareTexts(a.campaignId, b.campaignId),
  );
  return {
    flows: newest(flows, (a, b) => a.flowId - b.flowId),
    segments: newest(segments, (a, b) => bySegment(a.segment, b.segment)),
    campaigns: keptCampaigns.slice(0, maxCampaignsReceived),
    journeys,
  };
}

/** The newest memberships, in the given order. */
function newest<Entry extends Told>(
  all: readonly Entry[],
  order: (one: Entry, other: Entry) => number,
): readonly Entry[] {
  const newestFirst = all.toSorted((a, b) => compareTimes(b.at, a.at) || order(a, b));
  return newestFirst.slice(0, maxReportedMemberships).sort(order);
}

/** Numbers before names. */
function bySegment(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
  return compareTexts(String(one), String(other));
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A number below 0 if the first time is earlier. Two spellings of one moment are not equal. */
export function compareTimes(one: string | null, other: string | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  return Date.parse(one) - Date.parse(other) || compareTexts(one, other);
}

function answersOf({ flows, segments, campaigns, journeys }: MembershipLedger): unknown[] {
  const current = flows.filter(({ isMember }) => isMember);
  return [
    current.map(({ flowId, variant }) => (variant === null ? `${flowId}` : `${flowId}-${variant}`)),
    journeys.map((journey) => ({
      journey_id: journey.journeyId,
      journey_name: journey.journeyName,
      step: journey.step,
      entered_at: journey.enteredAt,
      step_entered_at: journey.stepEnteredAt,
    })),
    campaigns.map((campaign) => ({
      campaign_id: campaign.campaignId,
      campaign_name: campaign.campaignName,
      channel: campaign.channel,
      variant: campaign.variant,
      flow_id: campaign.flowId,
      received_at: campaign.receivedAt,
    })),
    current.map((flow) => ({
      flow_id: flow.flowId,
      flow_name: flow.flowName,
      variant: flow.variant,
      since: flow.at,
    })),
    segments.filter(({ isMember }) => isMember).map(({ segment }) => segment),
  ];
}

type StoredOrigin = readonly [datasetId: number, sourceVersion: string] | null;
type StoredTold = readonly [
  at: string | null,
  isDated: boolean,
  isMember: boolean,
  action: string | null,
  experimentId: string | null,
  by: StoredOrigin,
];
type StoredFlow = readonly [number, string | null, string | null, string | null, ...StoredTold];
type StoredSegment = readonly [number | string, ...StoredTold];

interface StoredLedger {
  readonly flows: readonly StoredFlow[];
  readonly segments: readonly StoredSegment[];
  /** The origins of the answer's campaigns, in the same order. */
  readonly campaigns: readonly StoredOrigin[];
}

function storedLedger({ flows, segments, campaigns }: MembershipLedger): StoredLedger {
  return {
    flows: flows.map((it) => {
      return [it.flowId, it.flowName, it.variant, it.segmentName, ...storedTold(it)];
    }),
    segments: segments.map((it) => [it.segment, ...storedTold(it)]),
    campaigns: campaigns.map(({ by }) => storedOrigin(by)),
  };
}

function storedTold(told: Told): StoredTold {
  const { at, isDated, isMember, action, experimentId, by } = told;
  return [at, isDated, isMember, action, experimentId, storedOrigin(by)];
}

function storedOrigin(by: ReportOrigin | null): StoredOrigin {
  return by === null ? null : [by.datasetId, `${by.sourceVersion}`];
}

/** Reads packed memberships; `undefined` if their version is unknown. */
export function unpackLedger(packed: Buffer): MembershipLedger | undefined {
  if (packed[0] !== 1 && packed[0] !== version) return undefined;
  const answers = Array.from({ length: answerCount }, (_, place) => valueAt(packed, place));
  const [, journeys, campaigns, flows, segments] = answers as [
    unknown,
    readonly Answer[],
    readonly Answer[],
    readonly Answer[],
    readonly (number | string)[],
  ];
  const read = { journeys: journeys.map(journeyOf), campaigns: campaigns.map(campaignOf) };
  if (packed[0] === 1) return { ...read, ...ofVersion1(flows, segments) };
  const stored = valueAt(packed, answerCount) as StoredLedger;
  return {
    journeys: read.journeys,
    campaigns: read.campaigns.map((it, place) => {
      return { ...it, by: originOf(stored.campaigns[place] ?? null) };
    }),
    flows: stored.flows.map(([flowId, flowName, variant, segmentName, ...told]) => {
      return { flowId, flowName, variant, segmentName, ...toldOf(told) };
    }),
    segments: stored.segments.map(([segment, ...told]) => ({ segment, ...toldOf(told) })),
  };
}

function valueAt(packed: Buffer, place: number): unknown {
  const [start, end] = [packed.readUInt32LE(2 + 4 * place), packed.readUInt32LE(6 + 4 * place)];
  return JSON.parse(packed.toString('utf8', start, end));
}

/** An element of an answer, as `answersOf` writes it. */
type Answer = Readonly<Record<string, string | number | null>>;

function journeyOf(answer: Answer): JourneyMembership {
  return {
    journeyId: answer['journey_id'] as number,
    journeyName: answer['journey_name'] as string | null,
    step: answer['step'] as string | null,
    enteredAt: answer['entered_at'] as string | null,
    stepEnteredAt: answer['step_entered_at'] as string | null,
  };
}

function campaignOf(answer: Answer): CampaignEntry {
  return {
    campaignId: answer['campaign_id'] as string,
    campaignName: answer['campaign_name'] as string | null,
    channel: answer['channel'] as string | null,
    variant: answer['variant'] as string | null,
    flowId: answer['flow_id'] as number | null,
    receivedAt: answer['received_at'] as string,
    by: null,
  };
}

function ofVersion1(
  flows: readonly Answer[],
  segments: readonly (number | string)[],
): Pick<MembershipLedger, 'flows' | 'segments'> {
  const told = { isMember: true, isDated: true, action: null, experimentId: null, by: null };
  return {
    flows: flows.map((answer) => ({
      ...told,
      flowId: answer['flow_id'] as number,
      flowName: answer['flow_name'] as string | null,
      variant: answer['variant'] as string | null,
      segmentName: null,
      at: answer['since'] as string | null,
    })),
    segments: segments.map((segment) => ({ ...told, segment, at: null })),
  };
}

function toldOf([at, isDated, isMember, action, experimentId, by]: StoredTold): Told {
  return { at, isDated, isMember, action, experimentId, by: originOf(by) };
}

function originOf(stored: StoredOrigin): ReportOrigin | null {
  return stored === null ? null : { datasetId: stored[0], sourceVersion: BigInt(stored[1]) };
}

/**
 * Packed memberships as text to compare. It leaves out which run reported each entry, and the times
 * that were taken from that run.
 */
export function membershipContent(packed: Buffer): string {
  const ledger = unpackLedger(packed);
  if (ledger === undefined) return packed.toString('hex');
  const undated = <T extends Told>(told: T) => {
    return { ...told, by: null, at: told.isDated ? told.at : null };
  };
  return JSON.stringify([
    ledger.flows.map(undated),
    ledger.segments.map(undated),
    ledger.campaigns.map((it) => ({ ...it, by: null })),
    ledger.journeys,
  ]);
}
