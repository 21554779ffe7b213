/**
 * The error class of Usher for unexpected failures. A few rooms also have error classes of their
 * own. Expected outcomes (no such contact, over the limit, a rejected row) are return values.
 *
 *     throw new UsherError('definition_invalid', 'The source has no column sku.', { cause });
 *
 * `http/problem-response.ts` turns the error into an HTTP answer, `cli/` into an exit code.
 */
import type { ProblemCode } from '@usher/contract/problems';

export type { ProblemCode, RejectionCode } from '@usher/contract/problems';

export interface UsherErrorOptions {
  /** Members of the problem that belong to this code. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the log only. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class UsherError extends Error {
  override readonly name = 'UsherError';
  readonly code: ProblemCode;
  readonly members: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;

  /**
   * @param code a row of the contract's problem table
   * @param detail says what is wrong, where, and what to do next. No secret, no personal value
   */
  constructor(code: ProblemCode, detail: string, options: UsherErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.members = options.members ?? {};
    this.context = options.context ?? {};
  }

  /** The text that the caller may read. */
  get detail(): string {
    return this.message;
  }
}
