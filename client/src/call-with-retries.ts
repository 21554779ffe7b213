/**
 * Makes a call that is safe to repeat, again if it may succeed the next time, within one span of
 * time for all attempts. A look-up changes nothing on the server, and a push carries a key under
 * which it is applied once: that is why repeating them is safe at all.
 */
import { UsherClientError } from './usher-client-error.ts';

export interface RetryOptions {
  /** Attempts after the first. */
  readonly retries: number;
  /** For all attempts and the waits between them. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** 0 to below 1. */
  readonly random: () => number;
}

/** The first wait is up to 100 ms, then 200, 400 ...: three of them fit into a second. */
const firstWaitMs = 100;

/**
 * @throws {UsherClientError} the last attempt's error, or `timed_out`
 * @throws the signal's own reason when the caller gives up
 */
export async function callWithRetries<Answer>(
  attempt: (signal: AbortSignal) => Promise<Answer>,
  { retries, timeoutMs, signal, random }: RetryOptions,
): Promise<Answer> {
  const deadlineMs = performance.now() + timeoutMs;
  const timeout = AbortSignal.timeout(timeoutMs);
  const ended = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  for (let made = 0; ; made += 1) {
    try {
      ended.throwIfAborted();
      return await attempt(ended);
    } catch (cause) {
      signal?.throwIfAborted();
      if (timeout.aborted) throw timedOut(timeoutMs, cause);
      const error = toClientError(cause);
      if (made >= retries || !maySucceedLater(error)) throw error;
      const waitMs = waitBefore(made, error.retryAfterMs, random);
      // Waiting longer than is left would only turn a telling error into a late "timed out".
      if (performance.now() + waitMs >= deadlineMs) throw error;
      await wait(waitMs, ended);
    }
  }
}

function maySucceedLater({ code, status }: UsherClientError): boolean {
  // 429: the request was counted and refused before anything was read. It may pass when units are
  // free again.
  if (status === 429) return true;
  // 503: the server is starting, draining or busy, and said so instead of answering; another
  // attempt may find it ready.
  if (status === 503) return true;
  // No answer: whether the request arrived is unknown, and does not matter: once more changes
  // nothing.
  return code === 'unreachable';
}

/**
 * What the server asks for comes first, as the least to wait; without it, up to twice as long each
 * time. The random part keeps callers that were refused together from coming back together.
 */
function waitBefore(made: number, retryAfterMs: number | null, random: () => number): number {
  const backoffMs = firstWaitMs * 2 ** made;
  if (retryAfterMs !== null) return retryAfterMs + random() * firstWaitMs;
  return backoffMs / 2 + (random() * backoffMs) / 2;
}

function toClientError(cause: unknown): UsherClientError {
  if (cause instanceof UsherClientError) return cause;
  return new UsherClientError('unreachable', 'The server could not be reached', { cause });
}

function timedOut(timeoutMs: number, cause: unknown): UsherClientError {
  return new UsherClientError('timed_out', `No answer within ${timeoutMs} ms`, { cause });
}

/** Resolves after the wait, or as soon as the signal aborts (the next attempt then says so). */
function wait(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    signal.addEventListener('abort', done);
  });
}
