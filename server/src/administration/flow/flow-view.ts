/** Flows and exclusion groups as the API and catalog files show them. */
import type { ExclusionGroup, Flow, GlobalHoldout } from '../../domain/flow/flow.ts';
import { usualGroupSalt, usualSalt } from '../../domain/flow/flow.ts';
import { textsOfSlots } from '../../domain/flow/slot-text.ts';
import { ruleTextOf } from '../../domain/rule/rule-text.ts';
import type { Document } from '../dataset/dataset-view.ts';
import type { RuleBook } from '../rule/rule-book.ts';

/** The unit of a contact's own id, in words. */
export const contactUnit = 'contact';

/** What flows and groups are shown with. */
export type FlowBook = Pick<RuleBook, 'segments' | 'flows' | 'groups' | 'identityTypes'> & {
  readonly names: Pick<RuleBook['names'], 'nameOf'>;
};

export interface FlowView {
  readonly id: number;
  readonly name: string;
  /** The name of the segment; `null`: only reports say who is in it. */
  readonly segment: string | null;
  readonly status: Flow['status'];
  readonly kind: Flow['kind'];
  /** `contact`, or an identity type. */
  readonly unit: string;
  readonly salt: string;
  /** Without weights, the branches decide; `null` without an experiment. */
  readonly variants: readonly VariantView[] | null;
  readonly branches: readonly BranchView[] | null;
  /** The variant where no branch holds. */
  readonly otherwise: string | null;
  /** Percent. */
  readonly holdout: number;
  /** Ranges of slots. */
  readonly held_out: string;
  /** The exclusion group that has a share for the flow. */
  readonly exclusion_group: string | null;
}

export interface VariantView {
  readonly name: string;
  readonly weight: number;
  /** Ranges of slots. */
  readonly slots: string;
}

export interface BranchView {
  readonly rule: string;
  readonly variant: string;
}

export function viewFlow(flow: Flow, book: FlowBook): FlowView {
  const { id, name, segmentId, status, kind, unit, salt, experiment, slots } = flow;
  const texts = slots === null ? undefined : textsOfSlots(slots);
  const split = experiment?.split;
  const group = [...book.groups.values()].find(({ shares }) =>
    shares.some(({ flowId }) => flowId === id),
  );
  return {
    id,
    name,
    segment: segmentId === null ? null : (book.segments.get(segmentId)?.name ?? null),
    status,
    kind,
    unit: unitName(unit, book),
    salt,
    variants:
      split?.by === 'weight'
        ? split.variants.map((variant, place) => ({
            ...{ name: variant.name, weight: variant.weight },
            slots: texts?.owners[place] ?? '',
          }))
        : null,
    branches:
      split?.by === 'rule'
        ? split.branches.map(({ rule, variant }) => ({
            rule: ruleTextOf(rule, book.names),
            variant,
          }))
        : null,
    otherwise: split?.by === 'rule' ? split.otherwise : null,
    holdout: experiment?.holdout ?? 0,
    held_out: texts?.heldOut ?? '',
    exclusion_group: group?.name ?? null,
  };
}

/** Without defaults, for a catalog file, where the name is the key. */
export function viewFlowDocument(flow: Flow, book: FlowBook): Document {
  const { name: _, exclusion_group: __, ...view } = viewFlow(flow, book);
  const { id, segment, status, kind, unit, salt, holdout, variants, branches, otherwise } = view;
  return {
    id,
    ...(segment !== null && { segment }),
    status,
    kind,
    ...(unit !== contactUnit && { unit }),
    ...(salt !== usualSalt(flow) && { salt }),
    ...(variants !== null && { variants }),
    ...(branches !== null && { branches }),
    ...(otherwise !== null && { otherwise }),
    ...(holdout > 0 && { holdout, held_out: view.held_out }),
  };
}

export interface GroupView {
  readonly name: string;
  readonly unit: string;
  readonly salt: string;
  readonly flows: readonly GroupShareView[];
}

export interface GroupShareView {
  /** The name of the flow. */
  readonly flow: string;
  /** Percent. */
  readonly share: number;
  /** Ranges of slots. */
  readonly slots: string;
}

export function viewGroup(group: ExclusionGroup, book: FlowBook): GroupView {
  const { owners } = textsOfSlots(group.slots);
  return {
    name: group.name,
    unit: unitName(group.unit, book),
    salt: group.salt,
    flows: group.shares.map(({ flowId, share }, place) => ({
      flow: book.flows.get(flowId)?.name ?? String(flowId),
      share,
      slots: owners[place] ?? '',
    })),
  };
}

/** Without defaults, for a catalog file, where the name is the key. */
export function viewGroupDocument(group: ExclusionGroup, book: FlowBook): Document {
  const { name, unit, salt, flows } = viewGroup(group, book);
  return {
    ...(unit !== contactUnit && { unit }),
    ...(salt !== usualGroupSalt(name) && { salt }),
    flows,
  };
}

export interface HoldoutView {
  readonly percent: number;
  readonly unit: string;
  readonly salt: string;
}

export function viewHoldout({ percent, unit, salt }: GlobalHoldout, book: FlowBook): HoldoutView {
  return { percent, unit: unitName(unit, book), salt };
}

function unitName(unit: number, { identityTypes }: FlowBook): string {
  if (unit === 0) return contactUnit;
  return identityTypes.find(({ id }) => id === unit)?.name ?? String(unit);
}
