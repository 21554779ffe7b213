/** The erasures that a thread goes on with after their callers were answered. */
import { setTimeout as delay } from 'node:timers/promises';
import { erasureAnswerMs } from './limits.ts';

export class ErasureWork {
  readonly #stop = new AbortController();
  readonly #open = new Set<Promise<unknown>>();
  readonly #onError: (error: unknown) => void;

  /** @param onError told why an erasure did not go on; another process takes it over */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Aborted when the thread closes. */
  get interrupted(): AbortSignal {
    return this.#stop.signal;
  }

  /**
   * Waits for the end of an erasure, up to `erasureAnswerMs`.
   * @returns whether it has ended; otherwise it goes on
   * @throws the error of an erasure that stopped meanwhile
   */
  async waitFor(ended: Promise<unknown>): Promise<boolean> {
    const waiting = new AbortController();
    const late = delay(erasureAnswerMs, false, { signal: waiting.signal }).catch(() => false);
    const hasEnded = await Promise.race([ended.then(() => true), late]).finally(() =>
      waiting.abort(),
    );
    if (!hasEnded) this.#keep(ended);
    return hasEnded;
  }

  /** Asks the erasures to stop after their current step, and waits for it. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#open);
  }

  #keep(ended: Promise<unknown>): void {
    const kept = ended.catch(this.#onError).finally(() => this.#open.delete(kept));
    this.#open.add(kept);
  }
}
