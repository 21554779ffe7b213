/**
 * Groups of contacts: a disjoint-set forest, united by size (Tarjan and van Leeuwen, "Worst-case
 * analysis of set union algorithms", 1984). All is in typed arrays: as objects, a million contacts
 * took a quarter of the time in which a run was measured, and four times the memory.
 */
/** Contacts that rows of a run bring together. */
export interface ContactGroup {
  readonly contacts: number;
  readonly rows: number;
  /** Identity type ids, in ascending order. */
  readonly typeIds: readonly number[];
}

const firstRoom = 1_024;
const wordsOfId = 4;

export class ContactGroups {
  #size = 0;
  /** Open addressing by the end of the id, which is random. 0: free; else the place + 1. */
  #places = new Uint32Array(2 * firstRoom);
  #ids = new Uint32Array(wordsOfId * firstRoom);
  /** The contact that stands for the group: directly, or over others. */
  #into = new Uint32Array(firstRoom);
  #contacts = new Uint32Array(firstRoom);
  #rows = new Uint32Array(firstRoom);
  /** Index in `#typeLists`. */
  #types = new Uint32Array(firstRoom);
  readonly #typeLists: (readonly number[])[] = [[]];
  readonly #typeListAt = new Map<string, number>([['', 0]]);

  /** How many contacts are in groups. */
  get size(): number {
    return this.#size;
  }

  /**
   * The group of a contact; a new contact is a group of its own.
   * @param mayAdd whether a new contact is added
   * @returns -1: it is new, and was not added
   */
  groupOf(contactId: Uint8Array, mayAdd: boolean): number {
    const [w0, w1, w2, w3] = wordsOf(contactId);
    const ids = this.#ids;
    const last = this.#places.length - 1;
    let slot = w3 & last;
    for (let found = this.#places[slot] as number; found !== 0; ) {
      const at = (found - 1) * wordsOfId;
      const isSame =
        ids[at + 3] === w3 && ids[at + 2] === w2 && ids[at + 1] === w1 && ids[at] === w0;
      if (isSame) return this.wholeOf(found - 1);
      slot = (slot + 1) & last;
      found = this.#places[slot] as number;
    }
    if (!mayAdd) return -1;
    const place = this.#size;
    this.#size += 1;
    ids.set([w0, w1, w2, w3], place * wordsOfId);
    this.#places[slot] = place + 1;
    this.#into[place] = place;
    this.#contacts[place] = 1;
    if (this.#size === this.#into.length) this.#grow();
    return place;
  }

  /** @returns the group of both */
  unite(one: number, other: number): number {
    if (one === other) return one;
    const contacts = this.#contacts;
    const isLarger = (contacts[one] as number) >= (contacts[other] as number);
    const [large, small] = isLarger ? [one, other] : [other, one];
    this.#into[small] = large;
    contacts[large] = (contacts[large] as number) + (contacts[small] as number);
    this.#rows[large] = (this.#rows[large] as number) + (this.#rows[small] as number);
    this.#addTypes(large, this.#typeLists[this.#types[small] as number] as readonly number[]);
    return large;
  }

  /** A row brings contacts of the group together, by identities of these types. */
  addRow(group: number, typeIds: readonly number[]): void {
    this.#rows[group] = (this.#rows[group] as number) + 1;
    this.#addTypes(group, typeIds);
  }

  /** The groups of the most contacts, and of these those of the most rows; only of two or more. */
  largest(count: number): readonly ContactGroup[] {
    let largest: number[] = [];
    const contacts = this.#contacts;
    const rows = this.#rows;
    const byContacts = (one: number, other: number) =>
      (contacts[other] as number) - (contacts[one] as number) ||
      (rows[other] as number) - (rows[one] as number);
    for (let place = 0; place < this.#size; place += 1) {
      if (this.#into[place] !== place || (contacts[place] as number) < 2) continue;
      largest.push(place);
      if (largest.length >= count * 2) largest = largest.sort(byContacts).slice(0, count);
    }
    return largest
      .sort(byContacts)
      .slice(0, count)
      .map((place) => ({
        contacts: contacts[place] as number,
        rows: rows[place] as number,
        typeIds: this.#typeLists[this.#types[place] as number] as readonly number[],
      }));
  }

  #addTypes(group: number, typeIds: readonly number[]): void {
    const known = this.#typeLists[this.#types[group] as number] as readonly number[];
    if (typeIds.every((typeId) => known.includes(typeId))) return;
    const list = [...new Set([...known, ...typeIds])].sort((one, other) => one - other);
    const name = list.join();
    let at = this.#typeListAt.get(name);
    if (at === undefined) {
      at = this.#typeLists.push(list) - 1;
      this.#typeListAt.set(name, at);
    }
    this.#types[group] = at;
  }

  /** The group of a contact that was added. */
  wholeOf(place: number): number {
    const into = this.#into;
    let at = place;
    while (into[at] !== at) {
      // Halves the way of the next look-up.
      into[at] = into[into[at] as number] as number;
      at = into[at] as number;
    }
    return at;
  }

  #grow(): void {
    const room = this.#size * 2;
    this.#ids = withRoom(this.#ids, room * wordsOfId);
    this.#into = withRoom(this.#into, room);
    this.#contacts = withRoom(this.#contacts, room);
    this.#rows = withRoom(this.#rows, room);
    this.#types = withRoom(this.#types, room);
    this.#places = new Uint32Array(2 * room);
    const last = this.#places.length - 1;
    for (let place = 0; place < this.#size; place += 1) {
      let slot = (this.#ids[place * wordsOfId + 3] as number) & last;
      while (this.#places[slot] !== 0) slot = (slot + 1) & last;
      this.#places[slot] = place + 1;
    }
  }
}

function withRoom(words: Uint32Array<ArrayBuffer>, room: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(room);
  larger.set(words);
  return larger;
}

function wordsOf(id: Uint8Array): [number, number, number, number] {
  return [wordAt(id, 0), wordAt(id, 4), wordAt(id, 8), wordAt(id, 12)];
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [one, two, three, four] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return (
    (((one as number) << 24) |
      ((two as number) << 16) |
      ((three as number) << 8) |
      (four as number)) >>>
    0
  );
}
