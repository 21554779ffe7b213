/**
 * The one error of Usher. Its `code` is a row of the contract's problem table; `detail` may be
 * shown to any caller (so it names the place and the next step, and never holds a secret or a
 * personal value); `members` are the code-specific members of the problem; `context` is for the log
 * only. The mapping to an HTTP answer is in `http/problem-response.ts`, the mapping to an exit code
 * in `cli/`. What a caller expects to happen (no such contact, over the limit, a bad row) is a
 * value, not an error.
 */
import type { ProblemCode } from '@usher/contract/problems';

export type { ProblemCode, RejectionCode } from '@usher/contract/problems';

export interface UsherErrorOptions {
  readonly members?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class UsherError extends Error {
  override readonly name = 'UsherError';
  readonly code: ProblemCode;
  readonly members: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, options: UsherErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.members = options.members ?? {};
    this.context = options.context ?? {};
  }

  /** What the caller may read. */
  get detail(): string {
    return this.message;
  }
}
