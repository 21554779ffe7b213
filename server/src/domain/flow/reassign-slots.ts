/**
 * Gives the slots of a flow or an exclusion group to their owners, and moves as few as possible.
 * The same input always gives the same slots. Slots need no shuffling: which units are in a slot
 * depends on the salt, so two flows are independent even if their slots are in the same order.
 */
import { nobody, type Slots, slotCount, slotCounts } from './slots.ts';

export interface Share {
  readonly name: string;
  /** The number of its slots, at least 1. */
  readonly slots: number;
}

/**
 * The slots with these shares. Owners with the same name keep what they can. A slot that is held
 * out stays so while the holdout does not shrink, and goes back to its owner if it does.
 * @param before `undefined` if there are none yet
 * @param shares at most 10,000 slots; nobody owns the rest
 * @param heldOut how many slots to hold out. Each owner gives the same part of its slots
 */
export function reassignSlots(
  before: Slots | undefined,
  shares: readonly Share[],
  heldOut: number,
): Slots {
  const names = shares.map(({ name }) => name);
  const slots: Slots = {
    names,
    owners: new Uint8Array(slotCount).fill(nobody),
    held: new Uint8Array(slotCount),
  };
  if (before !== undefined) copyOwned(before, slots);
  moveSlots(
    slots,
    shares.map((share) => share.slots),
  );
  holdOut(slots, heldOut);
  return slots;
}

/** Copies who owns what; slots of owners that are gone belong to nobody. */
function copyOwned(before: Slots, slots: Slots): void {
  const places = before.names.map((name) => slots.names.indexOf(name));
  for (let slot = 0; slot < slotCount; slot += 1) {
    const place = places[before.owners[slot] ?? nobody] ?? -1;
    slots.owners[slot] = place === -1 ? nobody : place;
    slots.held[slot] = before.held[slot] ?? 0;
  }
}

/** Moves slots from owners that have too many to owners that have too few. */
function moveSlots(slots: Slots, wanted: readonly number[]): void {
  const counts = slotCounts(slots);
  const free = slotCount - sum(counts);
  const wantedFree = slotCount - sum(wanted);
  const surplus = [
    ...counts.map((count, owner) => ({ owner, count: count - (wanted[owner] ?? 0) })),
    { owner: nobody, count: free - wantedFree },
  ];
  const pool = new SlotPool(slots);
  for (const { owner, count } of surplus) if (count > 0) pool.take(owner, count);
  let left = sum(surplus.map(({ count }) => Math.max(0, count)));
  for (const { owner, count } of surplus) {
    if (count >= 0) continue;
    pool.give(owner, -count, left);
    left += count;
  }
}

/** Slots on their way to another owner. Those that are held out spread evenly over all owners. */
class SlotPool {
  readonly #slots: Slots;
  #open: readonly number[] = [];
  #held: readonly number[] = [];

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** Takes the owner's last slots, or the first ones of nobody. */
  take(owner: number, count: number): void {
    const { held } = this.#slots;
    const owned = slotsOf(this.#slots, owner);
    const ownedHeld = owned.filter((slot) => held[slot] === 1);
    const ownedOpen = owned.filter((slot) => held[slot] !== 1);
    const heldCount = evenPart(ownedHeld.length, count, owned.length);
    const some = owner === nobody ? first : last;
    this.#held = [...this.#held, ...some(ownedHeld, heldCount)].sort(ascending);
    this.#open = [...this.#open, ...some(ownedOpen, count - heldCount)].sort(ascending);
  }

  /** Gives the first slots to the owner. `left`: how many are in the pool. */
  give(owner: number, count: number, left: number): void {
    const heldCount = evenPart(this.#held.length, count, left);
    const openCount = count - heldCount;
    const given = [...this.#held.slice(0, heldCount), ...this.#open.slice(0, openCount)];
    for (const slot of given) this.#slots.owners[slot] = owner;
    this.#held = this.#held.slice(heldCount);
    this.#open = this.#open.slice(openCount);
  }
}

/** How many of `part` slots are among `count` of `whole`, if they are spread evenly. */
function evenPart(part: number, count: number, whole: number): number {
  return Math.round((part * count) / whole);
}

/**
 * Holds out more slots, or gives some back. The next slot comes from the owner whose part of
 * held out slots is the smallest. Slots come back in the reverse order.
 */
function holdOut(slots: Slots, wanted: number): void {
  const { names, held } = slots;
  const owners = names.map((_, owner) => {
    const owned = slotsOf(slots, owner);
    // The next slot to take or to give back is at the end.
    const open = owned.filter((slot) => held[slot] !== 1);
    const heldSlots = owned.filter((slot) => held[slot] === 1).reverse();
    return { size: owned.length, open, held: heldSlots };
  });
  for (let slot = 0; slot < slotCount; slot += 1) if (slots.owners[slot] === nobody) held[slot] = 0;
  let count = sum(owners.map((owner) => owner.held.length));
  const most = Math.min(wanted, sum(owners.map(({ size }) => size)));
  for (; count < most; count += 1) {
    const ready = owners.filter(({ open }) => open.length > 0);
    const emptiest = ready.reduce((one, other) =>
      heldPart(other, 0.5) < heldPart(one, 0.5) ? other : one,
    );
    const slot = emptiest.open.pop() as number;
    emptiest.held.push(slot);
    held[slot] = 1;
  }
  for (; count > most; count -= 1) {
    const ready = owners.filter((owner) => owner.held.length > 0);
    const fullest = ready.reduce((one, other) =>
      heldPart(other, -0.5) >= heldPart(one, -0.5) ? other : one,
    );
    const slot = fullest.held.pop() as number;
    fullest.open.push(slot);
    held[slot] = 0;
  }
}

interface HoldingOwner {
  readonly size: number;
  readonly held: readonly number[];
}

/** Half a slot more or less makes holding out and giving back the reverse of each other. */
function heldPart({ size, held }: HoldingOwner, half: number): number {
  return (held.length + half) / size;
}

/** In ascending order. */
function slotsOf({ owners }: Slots, owner: number): number[] {
  const found: number[] = [];
  for (let slot = 0; slot < slotCount; slot += 1) if (owners[slot] === owner) found.push(slot);
  return found;
}

function first(list: readonly number[], count: number): readonly number[] {
  return list.slice(0, count);
}

function last(list: readonly number[], count: number): readonly number[] {
  return count === 0 ? [] : list.slice(-count);
}

function ascending(one: number, other: number): number {
  return one - other;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
