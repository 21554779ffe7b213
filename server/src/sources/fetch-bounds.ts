/**
 * The bounds of one fetching, in bytes and in time, and its interruption; whoever fetches asks at
 * each piece.
 */
import { UsherError } from '../domain/errors.ts';
import { maxFetchedBytes, maxFetchMs } from './limits.ts';
import type { OpenSourceOptions } from './source.ts';
import { diskFull, invalidSource } from './source-failure.ts';

export interface FetchLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

const usualFetchLimits: FetchLimits = { maxBytes: maxFetchedBytes, maxMs: maxFetchMs };

export class FetchBounds {
  readonly limits: FetchLimits;
  /** Fires when the fetching is to end at once, for either reason. */
  readonly signal: AbortSignal;
  readonly #interrupted: AbortSignal;
  readonly #deadline: AbortController;
  readonly #timer: NodeJS.Timeout;
  readonly #onProgress: (bytes: number) => void;
  #bytes = 0;

  constructor(
    options: Pick<OpenSourceOptions, 'interrupted' | 'onProgress'>,
    limits: FetchLimits = usualFetchLimits,
  ) {
    this.limits = limits;
    this.#interrupted = options.interrupted;
    this.#onProgress = options.onProgress;
    this.#deadline = new AbortController();
    // What is fetched keeps the process alive; a bound on it need not.
    this.#timer = setTimeout(() => this.#deadline.abort(), limits.maxMs).unref();
    this.signal = AbortSignal.any([options.interrupted, this.#deadline.signal]);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws UsherError `definition_invalid` when they are too many */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#onProgress(this.#bytes);
    if (this.#bytes <= this.limits.maxBytes) return;
    throw invalidSource(
      `The source gives more than ${this.limits.maxBytes} bytes, which is as much as is fetched: ask it for less.`,
    );
  }

  /**
   * Throws what ended the fetching, where it was ended from here; otherwise nothing happens.
   * @throws UsherError `source_unavailable`; the reason of an interruption
   */
  throwIfEnded(): void {
    this.#interrupted.throwIfAborted();
    if (!this.#deadline.signal.aborted) return;
    throw new UsherError(
      'source_unavailable',
      `The source took longer than ${Math.round(this.limits.maxMs / 1_000)} s.`,
    );
  }

  /** The same as `work`, but no later than the signal. @throws as `throwIfEnded` */
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
      // Whichever comes second is nobody's concern.
      work.catch(() => undefined);
      ended.promise.catch(() => undefined);
    }
  }

  /** To be called when done, however it went. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

/** What a failed writing of fetched rows means; `undefined`: it was not the writing that failed. */
export function writingFailure(error: unknown): UsherError | undefined {
  if (error instanceof UsherError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EFBIG') return undefined;
  return diskFull();
}
