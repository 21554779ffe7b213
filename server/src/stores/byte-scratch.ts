/** A buffer that each change of a batch uses again. Its content is valid until the next use. */
export class ByteScratch {
  #bytes = Buffer.allocUnsafeSlow(65_536);
  #view = new DataView(this.#bytes.buffer);

  /** Returns the buffer, grown to at least `length` bytes if needed. Growing keeps the content. */
  reserve(length: number): Buffer {
    if (this.#bytes.length < length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(grown);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return this.#bytes;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** The same bytes, whose numbers are written faster: the methods of `Buffer` check more. */
  get view(): DataView {
    return this.#view;
  }
}
