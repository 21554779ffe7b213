/** The client's only error class, with a code to branch on and details to report. */
import type { ProblemCode } from '@usher/contract/problems';

/**
 * The code of a problem, or one of the client's own codes: `unreachable` (no answer came),
 * `timed_out` (the call took longer than `timeoutMs`), `answer_malformed` (the answer is not from
 * Usher).
 */
export type UsherClientErrorCode =
  | ProblemCode
  | 'unreachable'
  | 'timed_out'
  | 'answer_malformed'
  // Codes are only ever added, so a newer server may send an unknown one.
  | (string & {});

export interface UsherClientErrorOptions {
  readonly status?: number;
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
  readonly problem?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class UsherClientError extends Error {
  override readonly name = 'UsherClientError';
  readonly code: UsherClientErrorCode;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Quote it when you ask the operator about the error; `null` when no answer came. */
  readonly requestId: string | null;
  /** Milliseconds that the server asked to wait; `null` if it asked for no wait. */
  readonly retryAfterMs: number | null;
  /** The whole problem (RFC 9457) with its code-specific members; empty when none came. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(code: UsherClientErrorCode, message: string, options: UsherClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? 0;
    this.requestId = options.requestId ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.problem = options.problem ?? {};
  }
}
