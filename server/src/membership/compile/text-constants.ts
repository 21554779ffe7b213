/** Finds which of the constants of all rules the JSON string at a place of a record is. */
import { isBytes } from './read-values.ts';

/** Up to here, comparing with each constant takes less time than a hash of the text. */
const fewConstants = 6;

export class TextConstants {
  readonly #numbers = new Map<string, number>();
  readonly #constants: Uint8Array[] = [];
  /** By hash: numbers of constants, from 1. Empty for few constants, and until it is needed. */
  #table = new Int32Array(0);
  #longest = 0;

  /** @returns the number of the constant, from 0 */
  add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const bytes = jsonBytes(text);
    const number = this.#constants.push(bytes) - 1;
    this.#numbers.set(text, number);
    this.#longest = Math.max(this.#longest, bytes.length);
    this.#table = new Int32Array(0);
    return number;
  }

  /** -1: no constant equals the text. */
  numberOf(text: string): number {
    return this.#numbers.get(text) ?? -1;
  }

  /** The number of the constant at this place; -1: there is none. */
  find(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (length > this.#longest) return -1;
    const constants = this.#constants;
    if (constants.length <= fewConstants) {
      for (let number = 0; number < constants.length; number += 1) {
        const constant = constants[number] as Uint8Array;
        if (constant.length === length && isBytes(bytes, start, constant)) return number;
      }
      return -1;
    }
    if (this.#table.length === 0) this.#fillTable();
    const table = this.#table;
    let at = hashOf(bytes, start, end) & (table.length - 1);
    while (table[at] !== 0) {
      const number = (table[at] as number) - 1;
      const constant = constants[number] as Uint8Array;
      if (constant.length === length && isBytes(bytes, start, constant)) return number;
      at = (at + 1) & (table.length - 1);
    }
    return -1;
  }

  #fillTable(): void {
    const table = new Int32Array(2 ** Math.ceil(Math.log2(this.#constants.length * 2)));
    for (const [number, bytes] of this.#constants.entries()) {
      let at = hashOf(bytes, 0, bytes.length) & (table.length - 1);
      while (table[at] !== 0) at = (at + 1) & (table.length - 1);
      table[at] = number + 1;
    }
    this.#table = table;
  }
}

/** A text as records keep it. */
export function jsonBytes(text: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(text));
}

/** FNV-1a */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
