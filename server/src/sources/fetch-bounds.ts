/** Bounds one fetch of rows in bytes and in time, and ends it when the run is interrupted. */
import { UsherError } from '../domain/errors.ts';
import { maxFetchedBytes, maxFetchMs } from './limits.ts';
import type { OpenSourceOptions } from './source.ts';
import { invalidSource } from './source-failure.ts';

export interface FetchLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

export class FetchBounds {
  readonly limits: FetchLimits;
  /** Fires when the fetch must end: the run was interrupted, or time is up. */
  readonly signal: AbortSignal;
  readonly #interrupted: AbortSignal;
  readonly #deadline: AbortController;
  readonly #timer: NodeJS.Timeout;
  readonly #onProgress: (bytes: number) => void;
  #bytes = 0;

  constructor(
    options: Pick<OpenSourceOptions, 'interrupted' | 'onProgress'>,
    limits: FetchLimits = { maxBytes: maxFetchedBytes, maxMs: maxFetchMs },
  ) {
    this.limits = limits;
    this.#interrupted = options.interrupted;
    this.#onProgress = options.onProgress;
    this.#deadline = new AbortController();
    // This timer alone must not keep the process alive.
    this.#timer = setTimeout(() => this.#deadline.abort(), limits.maxMs).unref();
    this.signal = AbortSignal.any([options.interrupted, this.#deadline.signal]);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Counts fetched bytes.
   * @throws UsherError `definition_invalid` when they are too many
   */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#onProgress(this.#bytes);
    if (this.#bytes <= this.limits.maxBytes) return;
    throw invalidSource(
      `The source sends more than ${this.limits.maxBytes} bytes, the most that is fetched. Select fewer rows or columns.`,
    );
  }

  /** Throws the reason of an interruption, or `source_unavailable` when time is up. */
  throwIfEnded(): void {
    this.#interrupted.throwIfAborted();
    if (!this.#deadline.signal.aborted) return;
    throw new UsherError(
      'source_unavailable',
      `The source took longer than ${Math.round(this.limits.maxMs / 1_000)} s, the longest time allowed. Try again, or select fewer rows.`,
    );
  }

  /**
   * Waits for `work`, but only until `signal` fires.
   * @throws the errors of `throwIfEnded`
   */
  async within<T>(work: Promise<T>): Promise<T> {
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(new Error('ended'));
    this.signal.addEventListener('abort', end);
    if (this.signal.aborted) end();
    try {
      return await Promise.race([work, ended.promise]);
    } catch (error) {
      this.throwIfEnded();
      throw error;
    } finally {
      this.signal.removeEventListener('abort', end);
      // Prevents an unhandled rejection of the promise that lost the race.
      work.catch(() => undefined);
      ended.promise.catch(() => undefined);
    }
  }

  /** Stops the timer. Call it after success and after failure. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
