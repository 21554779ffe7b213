/** The slots that an experiment and an exclusion group need. */
import type { Experiment, GroupShare } from './flow.ts';
import { reassignSlots, type Share } from './reassign-slots.ts';
import { isSlotFault, parseSlots, type SlotFault, type SlotTexts } from './slot-text.ts';
import { type Slots, slotCounts } from './slots.ts';

/** The owner of all slots of a split by rules. */
const everyone = '';

/**
 * The slots of a flow with this experiment: as many as possible stay where they are.
 * @param before the slots so far, if there are any
 */
export function experimentSlots(before: Slots | null, experiment: Experiment): Slots {
  const heldOut = slotsOfPercent(experiment.holdout);
  return reassignSlots(before ?? undefined, sharesOf(experiment), heldOut);
}

/** Reads the slots of an experiment, and compares their number with its weights and holdout. */
export function readExperimentSlots(experiment: Experiment, texts: SlotTexts): Slots | SlotFault {
  return readSlots(sharesOf(experiment), slotsOfPercent(experiment.holdout), texts);
}

/** The slots of a group with these shares: as many as possible stay where they are. */
export function groupSlots(before: Slots | null, shares: readonly GroupShare[]): Slots {
  return reassignSlots(before ?? undefined, ownersOf(shares), 0);
}

/** Reads the slots of a group, and compares their number with its shares. */
export function readGroupSlots(
  shares: readonly GroupShare[],
  texts: SlotTexts['owners'],
): Slots | SlotFault {
  return readSlots(ownersOf(shares), 0, { owners: texts, heldOut: '' });
}

/** The number of slots of a percentage with up to two decimals. */
export function slotsOfPercent(percent: number): number {
  return Math.round(percent * 100);
}

function sharesOf({ split }: Experiment): readonly Share[] {
  if (split.by === 'rule') return [{ name: everyone, slots: slotsOfPercent(100) }];
  return split.variants.map(({ name, weight }) => ({ name, slots: slotsOfPercent(weight) }));
}

function ownersOf(shares: readonly GroupShare[]): readonly Share[] {
  return shares.map(({ flowId, share }) => {
    return { name: String(flowId), slots: slotsOfPercent(share) };
  });
}

function readSlots(shares: readonly Share[], heldOut: number, texts: SlotTexts): Slots | SlotFault {
  const names = shares.map(({ name }) => name);
  const slots = parseSlots(names, texts);
  if (isSlotFault(slots)) return slots;
  for (const [place, count] of slotCounts(slots).entries()) {
    const wanted = shares[place]?.slots ?? 0;
    if (count !== wanted) return { place, detail: countDetail(count, wanted) };
  }
  const held = slots.held.filter((one) => one === 1).length;
  if (held !== heldOut) return { place: 'heldOut', detail: countDetail(held, heldOut) };
  return slots;
}

function countDetail(count: number, wanted: number): string {
  return `These are ${count} slots, but the percentage needs ${wanted}. Correct one of them, or leave out all slots.`;
}
