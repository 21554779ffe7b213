/** Flows as the page of flows describes them, for another system that knows only an export. */
import { createHash } from 'node:crypto';
import type { NaiveContact } from './naive-contact.ts';
import { isTrue, type NaiveCondition, type NaiveMemberships } from './naive-source.ts';

/** `contact`, or an identity type. */
export type NaiveUnit = 'contact' | 'email' | 'user_id';

export interface NaiveFlow {
  readonly id: number;
  readonly name: string;
  readonly status: 'draft' | 'live' | 'paused' | 'ended';
  /** The name of its segment, and what that means; `null`: the flow is reported. */
  readonly segment: (NaiveCondition & { readonly name: string }) | null;
  readonly unit: NaiveUnit;
  readonly salt: string;
  readonly variants: readonly { readonly name: string; readonly weight: number }[] | null;
  readonly branches: readonly { readonly rule: NaiveCondition; readonly variant: string }[] | null;
  readonly otherwise: string | null;
  readonly holdout: number;
}

export interface NaiveGroup {
  readonly name: string;
  readonly unit: NaiveUnit;
  readonly flows: readonly { readonly flow: string; readonly share: number }[];
}

export interface NaivePlacement {
  readonly isInSegment: boolean;
  readonly isMember: boolean;
  readonly variant: string | null;
  readonly leftOut: 'no_unit' | 'global_holdout' | 'excluded' | 'held_out' | null;
}

/** What is read of an exported catalog: the slots. */
interface Exported {
  readonly flows?: Readonly<
    Record<string, { readonly variants?: readonly Slotted[]; readonly held_out?: string }>
  >;
  readonly exclusion_groups?: Readonly<
    Record<string, { readonly flows: readonly (Slotted & { readonly flow: string })[] }>
  >;
}

interface Slotted {
  readonly name?: string;
  readonly slots: string;
}

export class NaiveFlows implements NaiveMemberships {
  /** Defined flows, by id. */
  readonly flows = new Map<number, NaiveFlow>();
  readonly groups: NaiveGroup[] = [];
  holdout: { readonly percent: number; readonly unit: NaiveUnit } = { percent: 0, unit: 'contact' };
  readonly askedIds: number[] = [5, 50, 142_309];
  readonly #placed = new WeakMap<NaiveContact, Map<number, NaivePlacement>>();
  #exported: Exported = {};

  /** Takes over the slots of an exported catalog. */
  learn(exported: unknown): void {
    this.#exported = exported as Exported;
  }

  variantsOf(flowId: number): readonly string[] | undefined {
    const flow = this.flows.get(flowId);
    if (!flow?.segment) return undefined;
    const otherwise = flow.otherwise === null ? [] : [flow.otherwise];
    const branches = flow.branches?.map(({ variant }) => variant) ?? [];
    return [...(flow.variants?.map(({ name }) => name) ?? []), ...branches, ...otherwise];
  }

  variantsIn(contact: NaiveContact, flowId: number): readonly (string | null)[] {
    const flow = this.flows.get(flowId);
    if (flow !== undefined && flow.status !== 'live') return [];
    if (flow?.segment) {
      const { isMember, variant } = this.place(contact, flow);
      return isMember ? [variant] : [];
    }
    const reported = contact.memberships?.flows ?? [];
    return reported.filter((it) => it.flowId === flowId).map(({ variant }) => variant);
  }

  /** Of a flow with a segment. */
  place(contact: NaiveContact, flow: NaiveFlow): NaivePlacement {
    const known = this.#placed.get(contact) ?? new Map<number, NaivePlacement>();
    this.#placed.set(contact, known);
    const placed = known.get(flow.id) ?? this.#place(contact, flow);
    known.set(flow.id, placed);
    return placed;
  }

  #place(contact: NaiveContact, flow: NaiveFlow): NaivePlacement {
    const isInSegment = flow.segment !== null && isTrue(contact, flow.segment);
    const leftOut = this.#leftOut(contact, flow);
    const isMember = flow.status === 'live' && isInSegment && leftOut === null;
    return {
      isInSegment,
      isMember,
      variant: isMember ? this.#variant(contact, flow) : null,
      leftOut,
    };
  }

  #leftOut(contact: NaiveContact, flow: NaiveFlow): NaivePlacement['leftOut'] {
    const held = slotOf(contact, this.holdout.unit, 'global-holdout');
    if (held !== null && held >= 10_000 - this.holdout.percent * 100) return 'global_holdout';
    const group = this.groups.find(({ flows }) => flows.some((share) => share.flow === flow.name));
    if (group !== undefined) {
      const slot = slotOf(contact, group.unit, group.name);
      if (slot === null) return 'no_unit';
      const shares = this.#exported.exclusion_groups?.[group.name]?.flows ?? [];
      const own = shares.find((share) => share.flow === flow.name);
      if (!hasSlot(own?.slots ?? '', slot)) return 'excluded';
    }
    if (flow.variants === null && flow.holdout === 0) return null;
    const slot = slotOf(contact, flow.unit, flow.salt);
    if (slot === null) return 'no_unit';
    const isHeldOut = hasSlot(this.#exported.flows?.[flow.name]?.held_out ?? '', slot);
    return isHeldOut ? 'held_out' : null;
  }

  #variant(contact: NaiveContact, flow: NaiveFlow): string | null {
    const { branches, otherwise, variants } = flow;
    if (branches !== null) {
      return branches.find(({ rule }) => isTrue(contact, rule))?.variant ?? otherwise;
    }
    if (variants === null) return null;
    const slot = slotOf(contact, flow.unit, flow.salt) ?? -1;
    const exported = this.#exported.flows?.[flow.name]?.variants ?? [];
    return exported.find(({ slots }) => hasSlot(slots, slot))?.name ?? null;
  }
}

/** `null`: the contact has no such identity. */
function slotOf(contact: NaiveContact, unit: NaiveUnit, salt: string): number | null {
  const text = contact.units?.[unit];
  if (text === undefined) return null;
  const digits = createHash('md5').update(`${text}:${salt}`).digest('hex').slice(0, 8);
  return Number.parseInt(digits, 16) % 10_000;
}

/** Whether ranges such as `0-4499, 9999` contain the slot. */
function hasSlot(ranges: string, slot: number): boolean {
  if (ranges === '') return false;
  return ranges.split(', ').some((range) => {
    const [from = '', to = from] = range.split('-');
    return slot >= Number(from) && slot <= Number(to);
  });
}
