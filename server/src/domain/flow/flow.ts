/** Flows, their experiments, and the exclusion groups that they share slots in. */
import { hash } from 'node:crypto';
import type { RuleText } from '../rule/rule-text.ts';
import { isSalt } from './slot-hash.ts';
import type { Slots } from './slots.ts';

/** Only live flows answer. A paused flow keeps its slots. */
export const flowStatuses = ['draft', 'live', 'paused', 'ended'] as const;

export type FlowStatus = (typeof flowStatuses)[number];

/** `reported`: its members come from feeds. `stream`: they are the members of its segment. */
export const flowKinds = ['reported', 'stream'] as const;

export type FlowKind = (typeof flowKinds)[number];

export interface Flow {
  /** Chosen by people or by Usher; unique among the organization's flows. */
  readonly id: number;
  readonly name: string;
  /** `null`: the members are not those of a segment. Only of the kind `reported`. */
  readonly segmentId: number | null;
  readonly status: FlowStatus;
  readonly kind: FlowKind;
  /** The identity type whose digest decides the slot; 0: the contact's id. */
  readonly unit: number;
  /** `usualSalt` unless people chose another one. */
  readonly salt: string;
  readonly experiment: Experiment | null;
  /** `null` without an experiment. */
  readonly slots: Slots | null;
}

export interface Experiment {
  /** Percent of the units that are held out, with up to two decimals: they are not in the flow. */
  readonly holdout: number;
  readonly split: WeightedSplit | RuledSplit;
}

/** A unit's slot decides its variant. */
export interface WeightedSplit {
  readonly by: 'weight';
  readonly variants: readonly Variant[];
}

export interface Variant {
  readonly name: string;
  /** Percent, with up to two decimals. The weights of a split sum to 100. */
  readonly weight: number;
}

/** The first rule that holds decides the variant. */
export interface RuledSplit {
  readonly by: 'rule';
  readonly branches: readonly Branch[];
  /** The variant where no rule holds; `null`: none. */
  readonly otherwise: string | null;
}

export interface Branch {
  readonly rule: RuleText;
  readonly variant: string;
}

/** Flows of which a unit is in at most one: each owns a share of the group's slots. */
export interface ExclusionGroup {
  readonly name: string;
  readonly unit: number;
  readonly salt: string;
  readonly shares: readonly GroupShare[];
  /** The names of its owners are the ids of the flows. */
  readonly slots: Slots;
}

export interface GroupShare {
  readonly flowId: number;
  /** Percent, with up to two decimals. The shares of a group sum to at most 100. */
  readonly share: number;
}

/** Units that are in no flow of the organization. */
export interface GlobalHoldout {
  /** Percent, with up to two decimals. */
  readonly percent: number;
  readonly unit: number;
  readonly salt: string;
}

/** The salt of a flow for which people chose none. It is the same on every server. */
export function usualSalt(flow: Pick<Flow, 'id'>): string {
  return String(flow.id);
}

/** The salt of a group for which people chose none: the same on every server. */
export function usualGroupSalt(name: string): string {
  return isSalt(name) ? name : `group-${hash('sha256', name).slice(0, 16)}`;
}

/**
 * The variants that rules can ask for. `undefined`: variants with any name, because other tools
 * report the flow.
 */
export function knownVariants(flow: Pick<Flow, 'kind' | 'experiment'> | undefined) {
  if (flow === undefined || flow.kind === 'reported') return undefined;
  return flow.experiment === null ? [] : variantNames(flow.experiment);
}

/** Whether a variant can be shown, by name. Several branches may lead to one variant. */
export function variantNames({ split }: Experiment): readonly string[] {
  if (split.by === 'weight') return split.variants.map(({ name }) => name);
  const named = [...split.branches.map(({ variant }) => variant), split.otherwise];
  return [...new Set(named.filter((name) => name !== null))];
}
