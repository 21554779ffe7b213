/**
 * A thread's memory for answers that wait for the end of the turn. Answers stand one after the
 * other, so that neither their bytes nor their sending needs memory of its own.
 */

/** Where bytes of an answer are. Valid until the end of the turn, or as long as `isKept`. */
export interface ArenaPlace {
  readonly block: Buffer;
  /** A view of the whole block. */
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

/** Room for 64 answers of 2 kB. More take further blocks. */
const blockBytes = 131_072;

export class AnswerArena {
  #block = Buffer.alloc(0);
  #view = new DataView(this.#block.buffer);
  #at = 0;
  #isKept = false;

  get block(): Buffer {
    return this.#block;
  }

  /** A view of the whole block. */
  get view(): DataView {
    return this.#view;
  }

  /**
   * Makes sure that `length` bytes are free.
   * @returns the offset in the block where they begin
   */
  reserve(length: number): number {
    if (this.#at + length > this.#block.length) this.#renew(Math.max(length, blockBytes));
    return this.#at;
  }

  /** Takes what is before `end`. */
  take(end: number): void {
    this.#at = end;
  }

  /** Some bytes are needed after the end of the turn, because a client reads slowly. */
  keep(): void {
    this.#isKept = true;
  }

  /** All answers were sent, or copied, or noted with `keep`. */
  endTurn(): void {
    if (this.#isKept || this.#block.length > blockBytes) this.#renew(blockBytes);
    this.#isKept = false;
    this.#at = 0;
  }

  #renew(length: number): void {
    this.#block = Buffer.allocUnsafeSlow(length);
    this.#view = new DataView(this.#block.buffer);
    this.#at = 0;
  }
}
