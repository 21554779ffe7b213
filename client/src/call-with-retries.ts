/**
 * Repeats a call that may succeed later, within one deadline. This is safe: a look-up changes
 * nothing, and the server applies a push only once for each idempotency key.
 */
import { UsherClientError } from './usher-client-error.ts';

export interface RetryOptions {
  /** Attempts after the first. */
  readonly retries: number;
  /** Milliseconds for all attempts and the waits between them. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Returns a number from 0 to below 1. */
  readonly random: () => number;
}

/**
 * The first wait is at most 100 ms, the next at most 200, 400 ... ms. Three waits fit into a
 * second.
 */
const firstWaitMs = 100;

/**
 * @throws {UsherClientError} the last attempt's error, or `timed_out`
 * @throws the reason of `signal` when the caller aborts it
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
  // 429: refused before anything was read. It may succeed when units are free again.
  if (status === 429) return true;
  // 503: the server is starting, stopping or busy, and may be ready for the next attempt.
  if (status === 503) return true;
  // No answer: the server may have received the request. Sending the request again does no harm.
  return code === 'unreachable';
}

/**
 * The milliseconds to wait: at least as long as the server asks for. If it asks for nothing, the
 * longest wait is 100 ms and doubles with each attempt. The random part keeps callers that were
 * refused together from returning together.
 */
function waitBefore(made: number, retryAfterMs: number | null, random: () => number): number {
  const backoffMs = firstWaitMs * 2 ** made;
  if (retryAfterMs !== null) return retryAfterMs + random() * firstWaitMs;
  return backoffMs / 2 + (random() * backoffMs) / 2;
}

function toClientError(cause: unknown): UsherClientError {
  if (cause instanceof UsherClientError) return cause;
  return new UsherClientError(
    'unreachable',
    'The server could not be reached. Check the url; the cause says why.',
    { cause },
  );
}

function timedOut(timeoutMs: number, cause: unknown): UsherClientError {
  return new UsherClientError(
    'timed_out',
    `The call did not end within ${timeoutMs} ms (timeoutMs).`,
    { cause },
  );
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
