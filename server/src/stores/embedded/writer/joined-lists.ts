/**
 * The contacts that the steps of a run made parts of others, in lists: an entry for each contact
 * would change a page of the file for each, a tenth of the time of a run that joins many. Key: that
 * of `ceased` (`run-effects.ts`), and in place of a contact id u8 255, big endian u64 step, u16
 * number of the list: no id begins with 255, so lists come last. Value: u8 flags as of `ceased`,
 * then contact ids of 16 bytes.
 */
import { IdMap } from '../contacts/id-map.ts';
import { type KeyedDatabase, rangeUnder } from '../keyed-database.ts';

const idLength = 16;
const tailLength = 10;
const tailMark = 0xff;
/** They fit into a page with another list. */
const contactsPerList = 120;

export class JoinedLists {
  readonly #effects: KeyedDatabase;
  readonly #head: Uint8Array;
  #added: Uint8Array[] = [];
  #isEmpty: boolean | undefined;

  /** @param head what the keys of contacts that ceased to answer begin with */
  constructor(effects: KeyedDatabase, head: Uint8Array) {
    this.#effects = effects;
    this.#head = Uint8Array.of(...head, tailMark);
  }

  /** Whether the run has no list, besides what is added and not saved. */
  get isEmpty(): boolean {
    if (this.#isEmpty === undefined) {
      this.#isEmpty = true;
      for (const _ of this.#values()) {
        this.#isEmpty = false;
        break;
      }
    }
    return this.#isEmpty;
  }

  add(contactId: Uint8Array): void {
    this.#added.push(contactId);
  }

  /**
   * Writes what was added.
   * @param step higher than that of any list before
   */
  save(step: bigint, flags: number): void {
    for (let from = 0; from < this.#added.length; from += contactsPerList) {
      const contactIds = this.#added.slice(from, from + contactsPerList);
      const key = Buffer.alloc(this.#head.length + tailLength);
      key.set(this.#head);
      key.writeBigUInt64BE(step, this.#head.length);
      key.writeUInt16BE(from / contactsPerList, this.#head.length + 8);
      this.#effects.put(key, Buffer.concat([Uint8Array.of(flags), ...contactIds]));
      this.#isEmpty = false;
    }
    this.#added = [];
  }

  /** Which of the contacts are in saved lists, with the flags of the last one that has them. */
  among(contactIds: readonly Uint8Array[]): IdMap<number> {
    const found = new IdMap<number>();
    if (contactIds.length === 0 || this.isEmpty) return found;
    const wanted = new IdMap<true>();
    for (const contactId of contactIds) wanted.set(contactId, true);
    for (const value of this.#values()) {
      for (const contactId of listedIn(value)) {
        if (wanted.has(contactId)) found.set(Uint8Array.from(contactId), value[0] ?? 0);
      }
    }
    return found;
  }

  *#values(): Generator<Uint8Array> {
    const all = { ...rangeUnder(this.#head), limit: Number.MAX_SAFE_INTEGER };
    for (const { value } of this.#effects.getRange(all)) yield value;
  }
}

/** Whether what comes behind the head of a key belongs to a list, and is no contact id. */
export function isListTail(tail: Uint8Array): boolean {
  return tail[0] === tailMark;
}

/** The contact ids of a list, not copied. */
export function listedIn(value: Uint8Array): Uint8Array[] {
  const count = Math.floor((value.length - 1) / idLength);
  return Array.from({ length: count }, (_, place) =>
    value.subarray(1 + place * idLength, 1 + (place + 1) * idLength),
  );
}
