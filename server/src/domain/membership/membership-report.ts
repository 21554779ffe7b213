/** A report of a membership by another tool. `merge-reports.ts` applies it to a contact. */
import { maxReportsPerChange, maxStringLength } from '../limits.ts';
import type { CampaignEntry, FlowEntry, JourneyEntry, SegmentEntry } from './ledger-entry.ts';

/**
 * As JSON, a report has the names of the feeds' columns; `null` means missing. A flow has
 * `flow_id`, and optionally `flow_name`, `variant`, `operation` (`add`, or `remove`, which ends
 * it), `segment_name`, `action` and `experiment_id`. A segment has `segment_name` and no `flow_id`,
 * optionally `operation`, `action` and `experiment_id`. A campaign has `campaign_id` and
 * `received_at`, optionally `campaign_name`, `channel`, `variant` and `flow_id`. A journey has
 * `journey_id`, optionally `journey_name`, `step`, `entered_at`, `step_entered_at` and `operation`.
 *
 * The time of a flow or segment is `timestamp`; of a journey `step_entered_at`, or else
 * `entered_at` unless the report ends it. If the source has no such time, it is `reported_at`, the
 * time of the run. Times are RFC 3339 in UTC, or dates.
 */
export type MembershipReport =
  | ({ readonly kind: 'flow' } & Unreported<FlowEntry>)
  | ({ readonly kind: 'segment' } & Unreported<SegmentEntry>)
  | ({ readonly kind: 'campaign' } & Unreported<CampaignEntry>)
  | ({ readonly kind: 'journey' } & Unreported<JourneyEntry>);

const textMembers = [
  ...['campaign_id', 'campaign_name', 'channel', 'flow_name', 'variant', 'segment_name'],
  ...['action', 'experiment_id', 'journey_name', 'step'],
];

type Unreported<T> = Omit<T, 'by' | 'key'>;

const utcTime = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z)?$/;

/** One report, or an array of at most `maxReportsPerChange`; `undefined` if any is not valid. */
export function parseMembershipReports(bytes: Uint8Array): readonly MembershipReport[] | undefined {
  const json = parseJson(bytes);
  const all = Array.isArray(json) ? (json as unknown[]) : [json];
  if (all.length === 0 || all.length > maxReportsPerChange) return undefined;
  const reports = all.map(readReport);
  return reports.every((report) => report !== undefined) ? reports : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch {
    return undefined;
  }
}

function readReport(json: unknown): MembershipReport | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(json));
  const text = (name: string) => members.get(name) ?? null;
  if (!textMembers.map(text).every(isShortText)) return undefined;
  if (!isIdNumber(text('flow_id')) || !isIdNumber(text('journey_id'))) return undefined;
  if (text('campaign_id') !== null) return readCampaign(text);
  return text('journey_id') === null ? readMembership(text) : readJourney(text);
}

function isShortText(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && value.length <= maxStringLength);
}

function isIdNumber(value: unknown): value is number | null {
  return value === null || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && utcTime.test(value) && !Number.isNaN(Date.parse(value));
}

type Members = (name: string) => unknown;

function readCampaign(member: Members): MembershipReport | undefined {
  const receivedAt = member('received_at');
  if (!isTime(receivedAt)) return undefined;
  return {
    kind: 'campaign',
    campaignId: member('campaign_id') as string,
    campaignName: member('campaign_name') as string | null,
    channel: member('channel') as string | null,
    variant: member('variant') as string | null,
    flowId: member('flow_id') as number | null,
    receivedAt,
  };
}

function readJourney(member: Members): MembershipReport | undefined {
  const [enteredAt, stepEnteredAt] = [member('entered_at'), member('step_entered_at')];
  const operation = member('operation') ?? 'add';
  if (operation !== 'add' && operation !== 'remove') return undefined;
  if (![enteredAt, stepEnteredAt].every((time) => time === null || isTime(time))) return undefined;
  const isMember = operation === 'add';
  // A row that ends a journey often still says when the journey began.
  const own = stepEnteredAt ?? (isMember ? enteredAt : null);
  const at = own ?? member('reported_at');
  if (!isTime(at)) return undefined;
  return {
    kind: 'journey',
    journeyId: member('journey_id') as number,
    journeyName: member('journey_name') as string | null,
    step: member('step') as string | null,
    enteredAt: enteredAt as string | null,
    stepEnteredAt: stepEnteredAt as string | null,
    ...{ at, isDated: own !== null, isMember },
  };
}

function readMembership(member: Members): MembershipReport | undefined {
  const timestamp = member('timestamp');
  const at = timestamp ?? member('reported_at');
  const operation = member('operation') ?? 'add';
  if (!isTime(at) || (operation !== 'add' && operation !== 'remove')) return undefined;
  const flowId = member('flow_id') as number | null;
  const segmentName = member('segment_name') as string | null;
  const told = {
    at,
    isDated: timestamp !== null,
    isMember: operation === 'add',
    action: member('action') as string | null,
    experimentId: member('experiment_id') as string | null,
  };
  if (flowId === null) {
    return segmentName === null ? undefined : { kind: 'segment', segment: segmentName, ...told };
  }
  const flowName = member('flow_name') as string | null;
  const variant = member('variant') as string | null;
  return { kind: 'flow', flowId, flowName, variant, segmentName, ...told };
}
