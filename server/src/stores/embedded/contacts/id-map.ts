/**
 * A map by identity or by contact id. Texts would do as keys of a usual map, but the engine interns
 * each text that it looks up, which took 5 % of a run that joins contacts.
 */

interface Entry<Value> {
  readonly typeId: number;
  readonly bytes: Uint8Array;
  value: Value;
  /** Another entry whose bytes have the same end. */
  next: Entry<Value> | undefined;
}

/** Keys have 16 bytes: a digest, or a contact id, whose type is 0. */
export class IdMap<Value> {
  /** By the end of the bytes, which is random in digests and in contact ids. */
  readonly #entries = new Map<number, Entry<Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(bytes: Uint8Array, typeId = 0): Value | undefined {
    return this.#find(bytes, typeId)?.value;
  }

  has(bytes: Uint8Array, typeId = 0): boolean {
    return this.#find(bytes, typeId) !== undefined;
  }

  /** Keeps `bytes`, which must not change. */
  set(bytes: Uint8Array, value: Value, typeId = 0): void {
    const known = this.#find(bytes, typeId);
    if (known !== undefined) {
      known.value = value;
      return;
    }
    const end = endOf(bytes);
    this.#entries.set(end, { typeId, bytes, value, next: this.#entries.get(end) });
    this.#size += 1;
  }

  delete(bytes: Uint8Array, typeId = 0): void {
    const entry = this.#find(bytes, typeId);
    if (entry === undefined) return;
    const end = endOf(bytes);
    this.#size -= 1;
    let before = this.#entries.get(end);
    if (before !== entry) {
      while (before?.next !== entry) before = before?.next;
      before.next = entry.next;
    } else if (entry.next === undefined) this.#entries.delete(end);
    else this.#entries.set(end, entry.next);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }

  /** In no order. */
  values(): Value[] {
    const values: Value[] = [];
    for (const first of this.#entries.values()) {
      for (let entry: Entry<Value> | undefined = first; entry; entry = entry.next) {
        values.push(entry.value);
      }
    }
    return values;
  }

  copy(): IdMap<Value> {
    const copy = new IdMap<Value>();
    for (const [end, first] of this.#entries) copy.#entries.set(end, copyOfChain(first));
    copy.#size = this.#size;
    return copy;
  }

  #find(bytes: Uint8Array, typeId: number): Entry<Value> | undefined {
    let entry = this.#entries.get(endOf(bytes));
    while (entry !== undefined && !isOf(entry, bytes, typeId)) entry = entry.next;
    return entry;
  }
}

function isOf(
  entry: { readonly typeId: number; readonly bytes: Uint8Array },
  bytes: Uint8Array,
  typeId: number,
): boolean {
  if (entry.typeId !== typeId) return false;
  for (let place = 0; place < 16; place += 1) if (entry.bytes[place] !== bytes[place]) return false;
  return true;
}

function copyOfChain<Value>({ next, ...entry }: Entry<Value>): Entry<Value> {
  return { ...entry, next: next && copyOfChain(next) };
}

function endOf(bytes: Uint8Array): number {
  return (
    ((bytes[12] as number) << 24) |
    ((bytes[13] as number) << 16) |
    ((bytes[14] as number) << 8) |
    (bytes[15] as number)
  );
}
