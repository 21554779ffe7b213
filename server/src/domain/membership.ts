/**
 * Recorded memberships: what other tools (or the demo) reported of a contact's flows, journeys, campaigns and segments,
 * and the form in which the built-in fields answer them. Packed as ready JSON values, so that a lookup slices and
 * never parses.
 */
import { maxCampaignsReceived } from './limits.ts';

export interface FlowMembership {
  readonly flowId: number;
  readonly flowName: string | null;
  readonly variant: string | null;
  /** RFC 3339 UTC; `null` when it follows a segment. */
  readonly since: string | null;
}

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

export interface RecordedMemberships {
  readonly flows: readonly FlowMembership[];
  readonly journeys: readonly JourneyMembership[];
  readonly campaigns: readonly CampaignReceived[];
  readonly segments: readonly number[];
}

/** The built-in fields that recorded memberships answer, in the order in which they are packed. */
export const packedMembershipFields = [
  'flow_variant_membership',
  'journey_membership',
  'campaigns_received',
  'flow_membership',
  'segment_membership',
] as const;

const packedVersion = 1;

/**
 * Packs memberships: u8 version, u8 count n, (n + 1) x u32 LE offsets from the start, then n JSON values (UTF-8) back to back,
 * in the order of `packedMembershipFields`.
 */
export function packMemberships(memberships: RecordedMemberships): Uint8Array {
  const values = answerValues(memberships).map((value) => Buffer.from(JSON.stringify(value)));
  const directoryBytes = 2 + 4 * (values.length + 1);
  const packed = Buffer.alloc(values.reduce((sum, value) => sum + value.length, directoryBytes));
  packed[0] = packedVersion;
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

/** One packed value as latin1 text of its UTF-8 bytes; `'[]'` for a place that this version does not pack. */
export function packedMembership(packed: Buffer, place: number): string {
  if (packed[0] !== packedVersion || place >= (packed[1] ?? 0)) return '[]';
  return packed.toString(
    'latin1',
    packed.readUInt32LE(2 + 4 * place),
    packed.readUInt32LE(6 + 4 * place),
  );
}

function answerValues(memberships: RecordedMemberships): readonly unknown[] {
  const flows = [...memberships.flows].sort((a, b) => a.flowId - b.flowId);
  const campaigns = [...memberships.campaigns]
    .sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1))
    .slice(0, maxCampaignsReceived);
  return [
    flows.map((flow) =>
      flow.variant === null ? `${flow.flowId}` : `${flow.flowId}-${flow.variant}`,
    ),
    memberships.journeys.map((journey) => ({
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
    flows.map((flow) => ({
      flow_id: flow.flowId,
      flow_name: flow.flowName,
      variant: flow.variant,
      since: flow.since,
    })),
    [...memberships.segments].sort((a, b) => a - b),
  ];
}
