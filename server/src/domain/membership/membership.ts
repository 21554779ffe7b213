/**
 * Memberships that other tools recorded (flows, journeys, campaigns, segments), packed as the JSON
 * values of the built-in fields: look-ups copy the values and never parse them.
 */
import {
  type CampaignReceived,
  directJourney,
  type JourneyMembership,
  type MembershipLedger,
} from './ledger-entry.ts';
import { packLedger } from './membership-ledger.ts';

export interface FlowMembership {
  readonly flowId: number;
  readonly flowName: string | null;
  readonly variant: string | null;
  /** RFC 3339 in UTC; `null` if it follows a segment. */
  readonly since: string | null;
}

export interface RecordedMemberships {
  readonly flows: readonly FlowMembership[];
  readonly journeys: readonly JourneyMembership[];
  readonly campaigns: readonly CampaignReceived[];
  /** The id of a segment that Usher defines, or the name of one that another tool reported. */
  readonly segments: readonly (number | string)[];
}

/** The built-in fields with recorded memberships, in packed order. */
export const packedMembershipFields = [
  'flow_variant_membership',
  'journey_membership',
  'campaigns_received',
  'flow_membership',
  'segment_membership',
] as const;

/** Packs memberships that are set directly, without reports. */
export function packMemberships(memberships: RecordedMemberships): Uint8Array {
  const direct = { by: null, key: null };
  const told = { isMember: true, isDated: true, action: null, experimentId: null, ...direct };
  const ledger: MembershipLedger = {
    flows: memberships.flows.map(({ flowId, flowName, variant, since }) => {
      return { ...told, flowId, flowName, variant, segmentName: null, at: since };
    }),
    segments: memberships.segments.map((segment) => ({ ...told, segment, at: null })),
    campaigns: memberships.campaigns.map((campaign) => ({ ...campaign, ...direct })),
    journeys: memberships.journeys.map((journey) => directJourney(journey, null)),
  };
  return packLedger(ledger);
}

/** One packed value: its UTF-8 bytes as latin1 text. `'[]'` for an unknown place or version. */
export function packedMembership(packed: Buffer, place: number): string {
  const end = packedStart(packed, place + 1);
  return end === 0 ? '[]' : packed.toString('latin1', packedStart(packed, place), end);
}

/**
 * Where a packed value begins, in its place of `packedMembershipFields`; it ends where the next one
 * begins. 0 for an unknown place or version.
 */
export function packedStart(packed: Buffer, place: number): number {
  const version = packed[0];
  const isKnown = version === 1 || version === 2 || version === 3;
  if (!isKnown || place > Math.min(packed[1] ?? 0, packedMembershipFields.length)) return 0;
  return packed.readUInt32LE(2 + 4 * place);
}
