/** A buffer that each change of a batch uses again. Its content is valid until the next use. */
export class ByteScratch {
  #bytes = Buffer.allocUnsafeSlow(65_536);

  /** Returns the buffer, grown to at least `length` bytes if needed. Growing keeps the content. */
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
