/** The 10,000 slots of a flow or an exclusion group: who owns each, and which are held out. */

/** A share in percent with two decimals is a whole number of slots. */
export const slotCount = 10_000;

/** In `owners`: nobody owns the slot. */
export const nobody = 255;

export interface Slots {
  /** A variant, or a flow of an exclusion group: fewer than `nobody`, without repetition. */
  readonly names: readonly string[];
  /** For each slot, the place of its owner in `names`, or `nobody`. */
  readonly owners: Uint8Array;
  /** For each slot, 1 if it is held out. It keeps its owner, who gets it back later. */
  readonly held: Uint8Array;
}

/** The slots of each owner of `names`, those that are held out included. */
export function slotCounts({ names, owners }: Slots): readonly number[] {
  const counts = names.map(() => 0);
  for (const owner of owners) if (owner !== nobody) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

/**
 * What a slot means for the units in it: the owner's place in `names`, or `nobody` if the slot is
 * held out or has no owner.
 */
export function outcomeAt({ owners, held }: Slots, slot: number): number {
  return held[slot] === 1 ? nobody : (owners[slot] ?? nobody);
}

/** The slots whose units get another outcome: another owner, or held out and not held out. */
export function movedSlots(before: Slots, after: Slots): number {
  let moved = 0;
  for (let slot = 0; slot < slotCount; slot += 1) {
    if (outcomeName(before, slot) !== outcomeName(after, slot)) moved += 1;
  }
  return moved;
}

function outcomeName(slots: Slots, slot: number): string | undefined {
  return slots.names[outcomeAt(slots, slot)];
}
