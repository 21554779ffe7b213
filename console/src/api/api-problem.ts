/** Why a call did not succeed: a problem of the API, or no answer at all. */
import type { ProblemCode } from '@usher/contract/problems';

/**
 * No answer arrived; or an answer that is no answer of this API, such as one of a proxy; or the
 * server serves another build of the console.
 */
export type OwnCode = 'unreachable' | 'not_understood' | 'console_updated';

export interface ProblemFacts {
  readonly code: ProblemCode | OwnCode;
  /** 0: no answer. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | undefined;
  /** The members of the problem's own. */
  readonly members: Readonly<Record<string, unknown>>;
}

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly facts: ProblemFacts;
  /** When it was met, in milliseconds since the page was opened. */
  readonly atMs = performance.now();

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.detail, options);
    this.facts = facts;
  }

  get code(): ProblemFacts['code'] {
    return this.facts.code;
  }

  /** Whether the same call may succeed in a while, with nobody doing anything. */
  get mayPass(): boolean {
    const { status } = this.facts;
    return status === 0 || status === 429 || status === 502 || status === 503 || status === 504;
  }
}

/** No answer arrived. */
export function unreachable(cause: unknown): ApiProblem {
  const title = 'The server does not answer';
  const detail = 'The node is away, or the network is. What you typed is kept.';
  const facts = { code: 'unreachable', status: 0, requestId: undefined, members: {} } as const;
  return new ApiProblem({ ...facts, title, detail }, { cause });
}

/** @param error anything that was thrown */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(
    {
      code: 'not_understood',
      status: 0,
      title: 'This page failed',
      detail: 'The console has a fault here. Load the page again.',
      requestId: undefined,
      members: {},
    },
    { cause: error },
  );
}
