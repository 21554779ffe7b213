/**
 * Recorded memberships: what other tools (or the demo) reported of a contact's flows, journeys,
 * campaigns and segments, and the form in which the built-in fields answer them. Packed as ready
 * JSON values, so that a lookup slices and never parses. What reports do to them is
 * `merge-reports.ts`.
 */
import {
  type CampaignReceived,
  type JourneyMembership,
  type MembershipLedger,
  packLedger,
} from './membership-ledger.ts';

export interface FlowMembership {
  readonly flowId: number;
  readonly flowName: string | null;
  readonly variant: string | null;
  /** RFC 3339 UTC; `null` when it follows a segment. */
  readonly since: string | null;
}

export interface RecordedMemberships {
  readonly flows: readonly FlowMembership[];
  readonly journeys: readonly JourneyMembership[];
  readonly campaigns: readonly CampaignReceived[];
  /** A segment defined here by its id, one that another tool reported by its name. */
  readonly segments: readonly (number | string)[];
}

/** The built-in fields that recorded memberships answer, in the order in which they are packed. */
export const packedMembershipFields = [
  'flow_variant_membership',
  'journey_membership',
  'campaigns_received',
  'flow_membership',
  'segment_membership',
] as const;

/** Packs memberships that nobody reported, but that are given whole. */
export function packMemberships(memberships: RecordedMemberships): Uint8Array {
  const told = { isMember: true, isDated: true, action: null, experimentId: null, by: null };
  const ledger: MembershipLedger = {
    flows: memberships.flows.map(({ flowId, flowName, variant, since }) => {
      return { ...told, flowId, flowName, variant, segmentName: null, at: since };
    }),
    segments: memberships.segments.map((segment) => ({ ...told, segment, at: null })),
    campaigns: memberships.campaigns.map((campaign) => ({ ...campaign, by: null })),
    journeys: memberships.journeys,
  };
  return packLedger(ledger);
}

/**
 * One packed value as latin1 text of its UTF-8 bytes; `'[]'` for a place or a version that is not
 * known.
 */
export function packedMembership(packed: Buffer, place: number): string {
  const version = packed[0];
  const isKnown = version === 1 || version === 2;
  if (!isKnown || place >= Math.min(packed[1] ?? 0, packedMembershipFields.length)) return '[]';
  return packed.toString(
    'latin1',
    packed.readUInt32LE(2 + 4 * place),
    packed.readUInt32LE(6 + 4 * place),
  );
}
