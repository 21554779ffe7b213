/**
 * The packed ledger of a contact's memberships: the values that look-ups return, and what only
 * reports and `explain` need (memberships that ended, their times, the run that reported each).
 *
 * Packed: u8 version, u8 count n, (n + 1) x u32 LE offsets from the start, then n JSON values
 * (UTF-8): the five of `packedMembershipFields`, then the ledger. Version 1 has only the five.
 * Version 3 is written if there is a reported journey: only its ledger has the origin and time of
 * journeys. Otherwise version 2 is written. Equal ledgers pack to equal bytes. Keys are stored only
 * where they are not `null`.
 */
import { answeredEntries, keptEntries } from './kept-entries.ts';
import {
  type CampaignEntry,
  directJourney,
  emptyLedger,
  type JourneyEntry,
  type LedgerEntry,
  type MembershipLedger,
  membershipOf,
  type Told,
} from './ledger-entry.ts';

const usualVersion = 2;
/** The version with origins of journeys. */
const originVersion = 3;
const answerCount = 5;

/**
 * Keeps the newest entries of each kind and key, up to the limits. The answers show one entry of
 * each membership, whatever the number of its keys.
 */
export function packLedger(given: MembershipLedger): Buffer {
  const ledger = keptEntries(given);
  const answered = answeredEntries(ledger);
  const values = [...answersOf(answered), storedLedger(ledger, answered)].map((value) =>
    Buffer.from(JSON.stringify(value)),
  );
  const directoryBytes = 2 + 4 * (values.length + 1);
  const packed = Buffer.alloc(values.reduce((sum, value) => sum + value.length, directoryBytes));
  packed[0] = hasReportedJourneys(ledger) ? originVersion : usualVersion;
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

/** Whether packed memberships have something that releases before version 3 do not read. */
export function hasJourneyOrigins(packed: Uint8Array): boolean {
  return packed[0] === originVersion;
}

function hasReportedJourneys({ journeys }: MembershipLedger): boolean {
  return journeys.some(({ by }) => by !== null);
}

function answersOf({ flows, segments, campaigns, journeys }: MembershipLedger): unknown[] {
  const current = flows.filter(({ isMember }) => isMember);
  return [
    current.map(({ flowId, variant }) => (variant === null ? `${flowId}` : `${flowId}-${variant}`)),
    journeys.filter(({ isMember }) => isMember).map(journeyAnswer),
    campaigns.map(campaignAnswer),
    current.map((flow) => ({
      flow_id: flow.flowId,
      flow_name: flow.flowName,
      variant: flow.variant,
      since: flow.at,
    })),
    segments.filter(({ isMember }) => isMember).map(({ segment }) => segment),
  ];
}

/** An element of an answer. */
type Answer = Readonly<Record<string, string | number | null>>;

function journeyAnswer(journey: JourneyEntry): Answer {
  return {
    journey_id: journey.journeyId,
    journey_name: journey.journeyName,
    step: journey.step,
    entered_at: journey.enteredAt,
    step_entered_at: journey.stepEnteredAt,
  };
}

function campaignAnswer(campaign: CampaignEntry): Answer {
  return {
    campaign_id: campaign.campaignId,
    campaign_name: campaign.campaignName,
    channel: campaign.channel,
    variant: campaign.variant,
    flow_id: campaign.flowId,
    received_at: campaign.receivedAt,
  };
}

type StoredOrigin =
  | readonly [datasetId: number, sourceVersion: string, key?: string]
  | readonly [datasetId: null, sourceVersion: null, key: string]
  | null;
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
type StoredJourney = readonly [
  journeyId: number,
  journeyName: string | null,
  step: string | null,
  enteredAt: string | null,
  stepEnteredAt: string | null,
  at: string | null,
  isDated: boolean,
  isMember: boolean,
  by: StoredOrigin,
];
type KeyedJourney = readonly [Answer, key: string | null];

interface StoredLedger {
  readonly flows: readonly StoredFlow[];
  readonly segments: readonly StoredSegment[];
  /** The origins of the answer's campaigns, in the same order. */
  readonly campaigns: readonly StoredOrigin[];
  /** The campaigns that are not in the answer. Missing if there are none. */
  readonly otherCampaigns?: readonly (readonly [Answer, StoredOrigin])[];
  /**
   * In version 3, all journeys. In version 2, all of them with their keys; missing if none has a
   * key: then the answer has all of them.
   */
  readonly journeys?: readonly StoredJourney[] | readonly KeyedJourney[];
}

function storedLedger(ledger: MembershipLedger, answered: MembershipLedger): StoredLedger {
  const { flows, segments, campaigns } = ledger;
  const shown = new Set(answered.campaigns);
  const others = campaigns.filter((it) => !shown.has(it));
  return {
    flows: flows.map((it) => {
      return [it.flowId, it.flowName, it.variant, it.segmentName, ...storedTold(it)];
    }),
    segments: segments.map((it) => [it.segment, ...storedTold(it)]),
    campaigns: answered.campaigns.map(storedOrigin),
    ...(others.length > 0 && {
      otherCampaigns: others.map((it) => [campaignAnswer(it), storedOrigin(it)]),
    }),
    ...storedJourneys(ledger),
  };
}

function storedJourneys(ledger: MembershipLedger): Pick<StoredLedger, 'journeys'> {
  const { journeys } = ledger;
  if (hasReportedJourneys(ledger)) {
    return {
      journeys: journeys.map((it): StoredJourney => {
        const { journeyId, journeyName, step, enteredAt, stepEnteredAt } = it;
        const own = [journeyId, journeyName, step, enteredAt, stepEnteredAt] as const;
        return [...own, it.at, it.isDated, it.isMember, storedOrigin(it)];
      }),
    };
  }
  if (!journeys.some(({ key }) => key !== null)) return {};
  return { journeys: journeys.map((it): KeyedJourney => [journeyAnswer(it), it.key]) };
}

function storedTold(told: Told): StoredTold {
  const { at, isDated, isMember, action, experimentId } = told;
  return [at, isDated, isMember, action, experimentId, storedOrigin(told)];
}

function storedOrigin({ by, key }: Origin): StoredOrigin {
  if (by === null) return key === null ? null : [null, null, key];
  const run = [by.datasetId, `${by.sourceVersion}`] as const;
  return key === null ? run : [...run, key];
}

type Origin = Pick<Told, 'by' | 'key'>;

/** The ledger of packed memberships: empty if there are none, or if their version is unknown. */
export function readLedger(packed: Buffer | undefined): MembershipLedger {
  return (packed && unpackLedger(packed)) ?? emptyLedger;
}

/** Reads packed memberships; `undefined` if their version is unknown. */
export function unpackLedger(packed: Buffer): MembershipLedger | undefined {
  const [version = 0] = packed;
  if (![1, usualVersion, originVersion].includes(version)) return undefined;
  const values = Array.from({ length: answerCount }, (_, place) => valueAt(packed, place));
  const answers = values as unknown as Answers;
  if (version === 1) return ofVersion1(answers);
  const stored = valueAt(packed, answerCount) as StoredLedger;
  const [, journeys, campaigns] = answers;
  const origins = campaigns.map((it, place) => [it, stored.campaigns[place] ?? null] as const);
  return {
    journeys: version === originVersion ? reportedJourneys(stored) : journeysOf(stored, journeys),
    campaigns: [...origins, ...(stored.otherCampaigns ?? [])].map(campaignOf),
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

function reportedJourneys({ journeys = [] }: StoredLedger): readonly JourneyEntry[] {
  return (journeys as readonly StoredJourney[]).map(
    ([journeyId, journeyName, step, enteredAt, stepEnteredAt, at, isDated, isMember, by]) => {
      const own = { journeyId, journeyName, step, enteredAt, stepEnteredAt };
      return { ...own, at, isDated, isMember, ...originOf(by) };
    },
  );
}

function journeysOf({ journeys }: StoredLedger, answer: readonly Answer[]): JourneyEntry[] {
  const keyed = (journeys as readonly KeyedJourney[] | undefined)?.map(journeyOf);
  return keyed ?? answer.map((it) => journeyOf([it, null]));
}

/** In the versions before 3, all journeys were set directly. */
function journeyOf([answer, key]: KeyedJourney): JourneyEntry {
  const journey = {
    journeyId: answer['journey_id'] as number,
    journeyName: answer['journey_name'] as string | null,
    step: answer['step'] as string | null,
    enteredAt: answer['entered_at'] as string | null,
    stepEnteredAt: answer['step_entered_at'] as string | null,
  };
  return directJourney(journey, key);
}

function campaignOf([answer, origin]: readonly [Answer, StoredOrigin]): CampaignEntry {
  return {
    campaignId: answer['campaign_id'] as string,
    campaignName: answer['campaign_name'] as string | null,
    channel: answer['channel'] as string | null,
    variant: answer['variant'] as string | null,
    flowId: answer['flow_id'] as number | null,
    receivedAt: answer['received_at'] as string,
    ...originOf(origin),
  };
}

type Answers = readonly [
  flowVariants: unknown,
  journeys: readonly Answer[],
  campaigns: readonly Answer[],
  flows: readonly Answer[],
  segments: readonly (number | string)[],
];

function ofVersion1([, journeys, campaigns, flows, segments]: Answers): MembershipLedger {
  const told = [true, true, null, null, null] as const;
  return {
    journeys: journeys.map((it) => journeyOf([it, null])),
    campaigns: campaigns.map((it) => campaignOf([it, null])),
    flows: flows.map((answer) => ({
      flowId: answer['flow_id'] as number,
      flowName: answer['flow_name'] as string | null,
      variant: answer['variant'] as string | null,
      segmentName: null,
      ...toldOf([answer['since'] as string | null, ...told]),
    })),
    segments: segments.map((segment) => ({ segment, ...toldOf([null, ...told]) })),
  };
}

function toldOf([at, isDated, isMember, action, experimentId, by]: StoredTold): Told {
  return { at, isDated, isMember, action, experimentId, ...originOf(by) };
}

function originOf(stored: StoredOrigin): Origin {
  const [datasetId, sourceVersion, key = null] = stored ?? [null, null];
  const by = datasetId === null ? null : { datasetId, sourceVersion: BigInt(sourceVersion) };
  return { by, key };
}

/**
 * Packed memberships as text to compare. It leaves out which run reported each entry, the key that
 * it came by, and the times that were taken from that run.
 */
export function membershipContent(packed: Buffer): string {
  const ledger = unpackLedger(packed);
  if (ledger === undefined) return packed.toString('hex');
  const { flows, segments, campaigns, journeys } = ledger;
  const kinds = [
    ...[flows, segments, campaigns].map((entries) => textsOf(entries, membershipOf)),
    textsOf(journeys, () => 'journeys'),
  ];
  return `[${kinds.map((texts) => `[${texts.join(',')}]`).join(',')}]`;
}

/** The entries as texts without their keys. In a group, the keys do not decide the order either. */
function textsOf<Entry extends LedgerEntry>(
  entries: readonly Entry[],
  groupOf: (entry: Entry) => string,
): readonly string[] {
  return [...Map.groupBy(entries, groupOf).values()].flatMap((group) => {
    const ofKeys = [...Map.groupBy(group, ({ key }) => key).values()];
    return ofKeys.map((all) => all.map(contentText).join(',')).sort();
  });
}

function contentText(entry: LedgerEntry): string {
  if ('journeyId' in entry) return journeyText(entry);
  const isUndated = 'isDated' in entry && !entry.isDated;
  const content = {
    ...entry,
    by: null,
    ...(isUndated && { at: null }),
    key: undefined,
  };
  return JSON.stringify(content);
}

function journeyText(entry: JourneyEntry): string {
  const { journeyId, journeyName, step, enteredAt, stepEnteredAt, isMember } = entry;
  const own = { journeyId, journeyName, step, enteredAt, stepEnteredAt };
  return JSON.stringify({ ...own, ...(!isMember && { isMember }) });
}
