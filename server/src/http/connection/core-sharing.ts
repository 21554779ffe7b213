/**
 * Lets look-up threads that share a core take turns. The system gives the core to each for 3 to
 * 4 ms, and the requests of the others wait as long; a turn of a busy thread is far shorter. So a
 * thread rests for a moment after a turn, and the system gives the core to the next one.
 */
import { coreRestMs, coreSharedForMs, coreWorkMs } from '../limits.ts';

/** Memory for threads that share cores; `null` if each has a core of its own. */
export function allocateCoreSharing(threads: number, cores: number): SharedArrayBuffer | null {
  return threads > cores ? new SharedArrayBuffer(8) : null;
}

/** The turns of all threads; beside it a number that never changes, to wait for. */
const places = { turns: 0, never: 1 } as const;

export class CoreSharing {
  readonly #shared: Int32Array;
  readonly #clock: () => number;
  #ownTurns = 0;
  #othersTurns = 0;
  #othersSeenMs = Number.NEGATIVE_INFINITY;
  #restedMs = 0;

  /** @param clock monotonic, in milliseconds */
  constructor(memory: SharedArrayBuffer, clock: () => number) {
    this.#shared = new Int32Array(memory);
    this.#clock = clock;
  }

  /** Rests if the thread has worked for a while, and others answer requests, too. */
  endTurn(): void {
    this.#ownTurns = (this.#ownTurns + 1) | 0;
    const turns = Atomics.add(this.#shared, places.turns, 1) + 1;
    const others = (turns - this.#ownTurns) | 0;
    const nowMs = this.#clock();
    if (others !== this.#othersTurns) {
      this.#othersTurns = others;
      this.#othersSeenMs = nowMs;
    }
    const isShared = nowMs - this.#othersSeenMs < coreSharedForMs;
    if (!isShared || nowMs - this.#restedMs < coreWorkMs) return;
    Atomics.wait(this.#shared, places.never, 0, coreRestMs);
    this.#restedMs = this.#clock();
  }
}
