/** Slots as text that people read: ranges in ascending order, such as `0-4499, 5000, 7000-7099`. */
import { nobody, type Slots, slotCount } from './slots.ts';

/** Characters of ranges: 10,000 single slots of up to 4 digits, each with a comma and a space. */
export const maxRangesLength = 6 * slotCount;

export interface SlotTexts {
  /** The ranges of each owner, in the order of `names`. */
  readonly owners: readonly string[];
  /** The ranges that are held out; empty if there are none. */
  readonly heldOut: string;
}

export function textsOfSlots({ names, owners, held }: Slots): SlotTexts {
  return {
    owners: names.map((_, place) => rangesOf((slot) => owners[slot] === place)),
    heldOut: rangesOf((slot) => held[slot] === 1),
  };
}

function rangesOf(isIn: (slot: number) => boolean): string {
  const ranges: string[] = [];
  let first = -1;
  for (let slot = 0; slot <= slotCount; slot += 1) {
    const isMember = slot < slotCount && isIn(slot);
    if (isMember && first === -1) first = slot;
    if (isMember || first === -1) continue;
    ranges.push(first === slot - 1 ? `${first}` : `${first}-${slot - 1}`);
    first = -1;
  }
  return ranges.join(', ');
}

/** Why texts are not slots. */
export interface SlotFault {
  /** The place of the owner in `names`, or `heldOut`. */
  readonly place: number | 'heldOut';
  /** Says what is wrong and what to do. */
  readonly detail: string;
}

/**
 * Reads the slots of these owners.
 * @param names fewer than 255, without repetition
 */
export function parseSlots(names: readonly string[], texts: SlotTexts): Slots | SlotFault {
  const owners = new Uint8Array(slotCount).fill(nobody);
  const held = new Uint8Array(slotCount);
  for (const [place, text] of texts.owners.entries()) {
    const detail = readRanges(text, (slot) => {
      const owner = owners[slot] ?? nobody;
      if (owner !== nobody) return `also belongs to "${names[owner]}". Give each slot one owner.`;
      owners[slot] = place;
      return undefined;
    });
    if (detail !== undefined) return { place, detail };
  }
  const detail = readRanges(texts.heldOut, (slot) => {
    if (owners[slot] === nobody) return 'belongs to nobody, so it cannot be held out. Remove it.';
    held[slot] = 1;
    return undefined;
  });
  return detail === undefined ? { names, owners, held } : { place: 'heldOut', detail };
}

export function isSlotFault(parsed: Slots | SlotFault): parsed is SlotFault {
  return 'detail' in parsed;
}

const range = /^ ?([0-9]{1,4})(?:-([0-9]{1,4}))?$/;

/**
 * Calls `add` with each slot, in order.
 * @param add returns what is wrong with the slot, as the rest of a sentence
 * @returns what is wrong with the text
 */
function readRanges(text: string, add: (slot: number) => string | undefined): string | undefined {
  if (text === '') return undefined;
  if (text.length > maxRangesLength) return `Give at most ${maxRangesLength} characters.`;
  let next = 0;
  for (const [index, part] of text.split(',').entries()) {
    const [, first, end = first] = range.exec(part) ?? [];
    if (first === undefined) {
      return `Range ${index + 1} is not a range of slots. Write ranges such as "0-4499, 5000".`;
    }
    if (Number(first) < next || Number(end) < Number(first)) {
      return `Range ${index + 1} is not in ascending order. Write the ranges from 0 to 9999, each slot once.`;
    }
    for (let slot = Number(first); slot <= Number(end); slot += 1) {
      const fault = add(slot);
      if (fault !== undefined) return `Slot ${slot} ${fault}`;
    }
    next = Number(end) + 1;
  }
  return undefined;
}
