/**
 * Decides whether a contact of a flow's segment is in the flow, and in which variant. The answer
 * shows every step.
 */
import type { ExclusionGroup, Experiment, Flow, GlobalHoldout } from './flow.ts';
import { slotsOfPercent } from './flow-slots.ts';
import { slotOf, slotSalt, slotUnit } from './slot-hash.ts';
import { nobody, outcomeAt, slotCount } from './slots.ts';

/** Why a contact is not in a flow although it is in its segment. */
export type LeftOut =
  /** The contact has no identity of the type that decides. */
  | 'no_unit'
  | 'global_holdout'
  /** The slot of the exclusion group belongs to another flow, or to none. */
  | 'excluded'
  | 'held_out';

export interface Placement {
  /** `null`: the contact is in the flow. */
  readonly leftOut: LeftOut | null;
  /** `null`: left out, or the rules of the branches decide. */
  readonly variant: string | null;
  /** The slot of each step that was taken. */
  readonly holdoutSlot: number | null;
  readonly groupSlot: number | null;
  readonly slot: number | null;
}

export interface PlacementContext {
  /** The group that has a share for the flow. */
  readonly group: ExclusionGroup | null;
  readonly globalHoldout: GlobalHoldout | null;
  /** The contact's id or `unitOfDigests` for an identity type; `undefined` if it has none. */
  unitOf(identityType: number): string | undefined;
}

export function placeUnit(flow: Flow, context: PlacementContext): Placement {
  const { group, globalHoldout } = context;
  const slotIn = (by: { unit: number; salt: string } | null) => {
    const unit = by === null ? undefined : context.unitOf(by.unit);
    return by === null || unit === undefined ? null : slotOf(slotUnit(unit), slotSalt(by.salt));
  };
  const holdoutSlot = slotIn(globalHoldout);
  const before = { leftOut: null, variant: null, holdoutSlot, groupSlot: null, slot: null };
  if (globalHoldout !== null && holdoutSlot !== null) {
    if (isHeldOutGlobally(holdoutSlot, globalHoldout))
      return { ...before, leftOut: 'global_holdout' };
  }
  const groupSlot = slotIn(group);
  if (group !== null) {
    if (groupSlot === null) return { ...before, leftOut: 'no_unit' };
    const owner = group.slots.names[outcomeAt(group.slots, groupSlot)];
    if (owner !== String(flow.id)) return { ...before, groupSlot, leftOut: 'excluded' };
  }
  const { slots, experiment } = flow;
  if (slots === null || experiment === null || !usesSlots(experiment))
    return { ...before, groupSlot };
  const slot = slotIn(flow);
  if (slot === null) return { ...before, groupSlot, leftOut: 'no_unit' };
  const outcome = outcomeAt(slots, slot);
  if (outcome === nobody) return { ...before, groupSlot, slot, leftOut: 'held_out' };
  const variant = experiment.split.by === 'weight' ? (slots.names[outcome] ?? null) : null;
  return { ...before, groupSlot, slot, variant };
}

/** Rules alone need no unit. */
function usesSlots({ split, holdout }: Experiment): boolean {
  return split.by === 'weight' || holdout > 0;
}

/** The last slots are held out, so a larger holdout only adds contacts. */
export function isHeldOutGlobally(slot: number, { percent }: Pick<GlobalHoldout, 'percent'>) {
  return slot >= slotCount - slotsOfPercent(percent);
}

/**
 * The unit of a contact that has several identities of one type: the digest that comes first, so
 * that the order in which they arrived does not matter. `undefined` if there are none.
 * @param digests in lower-case hexadecimal
 */
export function unitOfDigests(digests: readonly string[]): string | undefined {
  return digests.toSorted()[0];
}
