/**
 * A problem as a value: the content of the answer when a call cannot be served. Code returns it for
 * expected problems: no token, over the limit, no such contact.
 */
import type { ProblemCode } from './errors.ts';

export interface Problem {
  readonly code: ProblemCode;
  /** Says what is wrong and what to do next. Never a secret or a personal value. */
  readonly detail: string;
  /** Members of the answer that belong to this code. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the header `Retry-After`: at least 1. */
  readonly retryAfterSeconds?: number;
  /** Replaces the status of the problem table if the organization chose another one. */
  readonly status?: number;
}
