/** How many contacts a change of definitions moves, and when that needs approval. Pure. */
import { maxMovedContacts, maxMovedShare, planTolerance } from '../limits.ts';

/** Contacts of one flow that a change moves. Counts of a sample are scaled to all contacts. */
export interface FlowMoves {
  readonly id: number;
  readonly name: string;
  /** Contacts in the flow before the change. */
  readonly members: number;
  /** `joined`, `left` and `changed` together. */
  readonly moved: number;
  /** Not in the flow before, and in it afterwards. */
  readonly joined: number;
  readonly left: number;
  /** In another variant. */
  readonly changed: number;
  /** `moved` is right within this many contacts in 19 of 20 samples; 0: it was counted exactly. */
  readonly margin: number;
}

/** Which contacts were read: the same sample of the same contacts has the same counts. */
export interface ContactSample {
  readonly seed: number;
  /** The share of all contacts that was drawn; 1: all of them. */
  readonly share: number;
  /** How many windows were read, the last one perhaps in part. */
  readonly windows: number;
  /** How many contacts were read. Missing: the windows say it. */
  readonly contacts?: number;
}

/** What a change does to one definition, as the audit log tells it. */
export interface PlannedChange {
  /** An object and a verb: `segment.edit`. */
  readonly action: string;
  /** Its name. */
  readonly target: string;
  /** `null`: it did not exist. */
  readonly before: unknown;
  /** `null`: it would no longer exist. */
  readonly after: unknown;
}

/** What waits for approval. It has no data of contacts. */
export interface PlannedMoves {
  /** A digest of the definitions that decide who is a member, before and after the change. */
  readonly digest: string;
  readonly sample: ContactSample;
  /** All contacts of the organization. */
  readonly contacts: number;
  /** The flows that need approval. */
  readonly flows: readonly FlowMoves[];
  /** The first definitions that change. Plans of earlier releases have none. */
  readonly changes?: readonly PlannedChange[];
}

/**
 * Between which counts `moved` lies in 19 of 20 samples. It cannot be none: some were found.
 * `undefined`: it was counted exactly.
 */
export function rangeOf({
  moved,
  margin,
}: Pick<FlowMoves, 'moved' | 'margin'>):
  | { readonly from: number; readonly to: number }
  | undefined {
  if (margin === 0) return undefined;
  return { from: Math.max(Math.min(1, moved), moved - margin), to: moved + margin };
}

export function needsApproval({ members, moved }: Pick<FlowMoves, 'members' | 'moved'>): boolean {
  return moved > maxMovedContacts || (members > 0 && moved > members * maxMovedShare);
}

/** Whether the counts are those of the plan, up to 1 % of the members. */
export function isAsPlanned(planned: PlannedMoves, now: PlannedMoves): boolean {
  const known = new Map(planned.flows.map((flow) => [flow.id, flow]));
  return (
    isClose(planned.contacts, now.contacts, planned.contacts) &&
    now.flows.every((flow) => {
      const then = known.get(flow.id);
      if (then === undefined) return false;
      const base = Math.max(then.members, then.moved);
      return isClose(then.members, flow.members, base) && isClose(then.moved, flow.moved, base);
    })
  );
}

function isClose(one: number, other: number, base: number): boolean {
  return Math.abs(one - other) <= base * planTolerance;
}
