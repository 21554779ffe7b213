/** Finds the JSON string at a place of a record among the constants of a rule. */
import { isBytes } from './read-values.ts';

/** Up to here, comparing with each constant takes less time than a hash of the text. */
const fewConstants = 6;

export class TextConstants {
  readonly #constants: readonly Uint8Array[];
  /** By hash: places in the list, from 1. Empty for few constants. */
  readonly #table: Int32Array;
  readonly #longest: number;

  constructor(texts: readonly string[]) {
    this.#constants = [...new Set(texts)].map(jsonBytes);
    this.#longest = Math.max(0, ...this.#constants.map(({ length }) => length));
    const isHashed = this.#constants.length > fewConstants;
    this.#table = new Int32Array(isHashed ? 2 ** Math.ceil(Math.log2(texts.length * 2)) : 0);
    if (!isHashed) return;
    for (const [place, bytes] of this.#constants.entries()) {
      let at = hashOf(bytes, 0, bytes.length) & (this.#table.length - 1);
      while (this.#table[at] !== 0) at = (at + 1) & (this.#table.length - 1);
      this.#table[at] = place + 1;
    }
  }

  has(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.#longest) return false;
    const constants = this.#constants;
    const table = this.#table;
    if (table.length === 0) {
      for (let place = 0; place < constants.length; place += 1) {
        const constant = constants[place] as Uint8Array;
        if (constant.length === length && isBytes(bytes, start, constant)) return true;
      }
      return false;
    }
    let at = hashOf(bytes, start, end) & (table.length - 1);
    while (table[at] !== 0) {
      const constant = constants[(table[at] as number) - 1] as Uint8Array;
      if (constant.length === length && isBytes(bytes, start, constant)) return true;
      at = (at + 1) & (table.length - 1);
    }
    return false;
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
