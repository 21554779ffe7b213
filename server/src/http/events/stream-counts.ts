/**
 * How many event streams are open, in memory that all threads share. Each thread writes its own
 * row, and a replacement of a thread begins with none.
 */
import { maxEventStreams } from '../limits.ts';

/** The first number is that of all organizations; then one for each organization's id. */
const rowLength = 65_536;

/** 65,536 x 4 bytes are 256 kB for each thread. The system maps only the memory that is used. */
export function allocateStreamCounts(layout: { readonly rows: number }): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * layout.rows * rowLength);
}

export class StreamCounts {
  readonly #words: Int32Array;
  readonly #start: number;

  constructor(memory: SharedArrayBuffer, row: number) {
    this.#words = new Int32Array(memory);
    this.#start = row * rowLength;
    this.#words.fill(0, this.#start, this.#start + rowLength);
  }

  /** Counts one more stream. `false`: there are enough, and nothing was counted. */
  take(organizationId: number): boolean {
    this.#add(organizationId, 1);
    const { perOrganization, perServer } = maxEventStreams;
    const fits = this.#sum(organizationId) <= perOrganization && this.#sum(0) <= perServer;
    if (!fits) this.#add(organizationId, -1);
    return fits;
  }

  release(organizationId: number): void {
    this.#add(organizationId, -1);
  }

  #add(organizationId: number, by: number): void {
    Atomics.add(this.#words, this.#start, by);
    Atomics.add(this.#words, this.#start + organizationId, by);
  }

  #sum(place: number): number {
    let sum = 0;
    for (let at = place; at < this.#words.length; at += rowLength) {
      sum += Atomics.load(this.#words, at);
    }
    return sum;
  }
}
