/** Tells at once that a hash is not in a set: one bit for each hash, in at least 64 bits a hash. */

const leastBits = 1 << 16;
/** 64 MB, which is enough for 8 million hashes. */
const mostBits = 2 ** 29;

export class HashFilter {
  #bits = new Uint8Array(leastBits / 8);
  #mask = leastBits - 1;

  constructor(hashes: number) {
    this.reset(hashes);
  }

  /** Empties it, and makes room for so many hashes. */
  reset(hashes: number): void {
    let bits = leastBits;
    while (bits < hashes * 64 && bits < mostBits) bits *= 2;
    if (bits !== this.#mask + 1) this.#bits = new Uint8Array(bits / 8);
    else this.#bits.fill(0);
    this.#mask = bits - 1;
  }

  hasRoom(hashes: number): boolean {
    return hashes * 64 <= this.#mask + 1 || this.#mask + 1 === mostBits;
  }

  add(bytes: Uint8Array, at: number): void {
    const bit = this.#bitOf(bytes, at);
    this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] as number) | (1 << (bit & 7));
  }

  mayHave(bytes: Uint8Array, at: number): boolean {
    const bit = this.#bitOf(bytes, at);
    return ((this.#bits[bit >>> 3] as number) & (1 << (bit & 7))) !== 0;
  }

  /** Hashes are random, so any of their bits are as good as others. */
  #bitOf(bytes: Uint8Array, at: number): number {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    return word & this.#mask;
  }
}
