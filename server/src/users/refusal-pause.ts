/**
 * Lets attempts that were refused without work wait for their answer. Whoever asks again at once
 * then takes little time from look-ups.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { maxPausedRefusals } from './limits.ts';

export class RefusalPause {
  readonly #pauseMs: number;
  #waiting = 0;

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** At once if too many refusals wait already. */
  async wait(): Promise<void> {
    if (this.#waiting >= maxPausedRefusals) return;
    this.#waiting += 1;
    try {
      await delay(this.#pauseMs, undefined, { ref: false });
    } finally {
      this.#waiting -= 1;
    }
  }
}
