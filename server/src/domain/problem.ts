/**
 * A problem as a value: what an answer will say when a call cannot be served. Expected problems (no
 * token, over the limit, no such contact) are returned as these; thrown `UsherError`s become one in
 * `http/problem-response.ts`.
 */
import type { ProblemCode } from './errors.ts';

export interface Problem {
  readonly code: ProblemCode;
  /** Helpful, says what to do next; holds no secret and no personal value. */
  readonly detail: string;
  /** Code-specific members of the answer. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Seconds, at least 1, for `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Where an organization chose another status than the table's. */
  readonly status?: number;
}
