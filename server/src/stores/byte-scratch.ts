/**
 * Bytes to write into again and again, so that a batch of a thousand changes does not allocate a
 * thousand records. What is in it is valid until its next use.
 */
export class ByteScratch {
  #bytes = Buffer.allocUnsafeSlow(65_536);

  /** The bytes, at least `length` of them; what was written before a growth is kept. */
  reserve(length: number): Buffer {
    if (this.#bytes.length < length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(grown);
      this.#bytes = grown;
    }
    return this.#bytes;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }
}
