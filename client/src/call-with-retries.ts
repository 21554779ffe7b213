/**
 * Repeats a call that may succeed later, within one deadline. This is safe because a look-up
 * changes nothing and a push has a key under which it is applied once.
 */
import { UsherClientError } from './usher-client-error.ts';

export interface RetryOptions {
  /** Attempts after the first. */
  readonly retries: number;
  /** Milliseconds for all attempts and the waits between them. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** From 0 to below 1. */
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
      // Waiting past the deadline would turn a useful error into a late "timed out".
      if (performance.now() + waitMs >= deadlineMs) throw error;
      await wait(waitMs, ended);
    }
  }
}

function maySucceedLater({ code, status }: UsherClientError): boolean {
  // 429: refused before anything was read. It may pass when units are free again.
  if (status === 429) return true;
  // 503: the server is starting, stopping or busy, and may be ready for the next attempt.
  if (status === 503) return true;
  // No answer: the request may have arrived, but repeating it changes nothing.
  return code === 'unreachable';
}

/**
 * At least what the server asks for, else up to twice as long each time. The random part keeps
 * callers that were refused together from returning together.
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

/** Resolves after the wait or when the signal aborts; the next attempt then throws. */
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
