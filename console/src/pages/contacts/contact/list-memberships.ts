/** The flows and segments of a contact, in the order in which they are shown. */
import type { MembershipState } from '../../../parts/membership-badge.tsx';
import type { Clause } from './clause-words.ts';
import type { Explanation } from './use-contact.ts';

export type ExplainedFlow = Explanation['flows'][number];

export interface Membership {
  readonly key: string;
  readonly name: string;
  /** What stands beside the name. */
  readonly note: string;
  readonly state: MembershipState;
  readonly clauses: readonly Clause[];
  /** For a flow. */
  readonly flow: ExplainedFlow | undefined;
}

/** Flows first, and within each kind those that the contact is in. */
export function listMemberships({ flows, segments }: Explanation): Membership[] {
  const flowed = flows.map((flow) => {
    const segment = segments.find(({ name }) => name === flow.segment);
    return {
      key: `flow ${flow.id}`,
      name: flow.name,
      note: `flow ${flow.id}${flow.status === 'live' ? '' : `, ${flow.status}`}`,
      state: flowState(flow),
      clauses: segment?.clauses ?? [],
      flow,
    };
  });
  const named = segments.map(({ id, name, is_member, clauses }) => ({
    key: `segment ${id}`,
    name,
    note: `segment ${id}`,
    state: { kind: is_member ? 'in' : 'not_in' } as const,
    clauses,
    flow: undefined,
  }));
  return [...sorted(flowed), ...sorted(named)];
}

export function isIn({ state }: Membership): boolean {
  return state.kind !== 'not_in';
}

function sorted(memberships: readonly Membership[]): Membership[] {
  return memberships.toSorted((one, other) => Number(isIn(other)) - Number(isIn(one)));
}

function flowState(flow: ExplainedFlow): MembershipState {
  const { is_member, variant, left_out, variants, branches } = flow;
  if (left_out === 'held_out' || left_out === 'global_holdout') return { kind: 'held_out' };
  if (!is_member) return { kind: 'not_in' };
  if (variant === null) return { kind: 'in' };
  const names = [
    ...(variants ?? []).map(({ name }) => name),
    ...(branches ?? []).map((branch) => branch.variant),
  ];
  return { kind: 'variant', name: variant, place: Math.max(0, names.indexOf(variant)) };
}

/** Why a contact that is in the segment is not in the flow, as a sentence. */
export function leftOutWords({ left_out, status, unit, is_in_segment }: ExplainedFlow): string {
  if (status !== 'live') return `The flow is ${status}, so it answers nobody.`;
  if (!is_in_segment) return '';
  if (left_out === 'no_unit') return `There is no ${unit} to draw by.`;
  if (left_out === 'global_holdout')
    return 'The global holdout keeps the contact out of every flow.';
  if (left_out === 'excluded') return 'Another flow of the exclusion group has this slot.';
  return '';
}
