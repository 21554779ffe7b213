/** Turns problems into answers (RFC 9457), and thrown errors into problems without internals. */
import { problemKinds, problemTypeBase } from '@usher/contract/problems';
import { UsherError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import { type Answer, headLine } from './answer.ts';

const retrySeconds: Readonly<Record<string, number>> = {
  rate_limited: 1,
  store_unavailable: 2,
  overloaded: 1,
  starting: 1,
};

/**
 * The problem for anything thrown. Any error that is not a `UsherError` becomes `internal`, without
 * details.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof UsherError) {
    return { code: error.code, detail: error.detail, members: error.members };
  }
  return {
    code: 'internal',
    detail:
      'The server failed to answer. Try again, and report the request id if it happens again.',
  };
}

export function problemStatus(problem: Problem): number {
  return problem.status ?? problemKinds[problem.code].status;
}

function problemBody(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    type: problemTypeBase + problem.code,
    title: problemKinds[problem.code].title,
    status: problemStatus(problem),
    detail: readableText(problem.detail),
    code: problem.code,
    request_id: requestId,
    ...problem.members,
    ...(Array.isArray(problem.members?.['problems']) && {
      problems: problem.members['problems'].map(readableProblem),
    }),
  };
}

/** One of the problems of a definition. */
function readableProblem(one: unknown): unknown {
  const isTold = typeof one === 'object' && one !== null && 'detail' in one;
  return isTold ? { ...one, detail: readableText(String(one.detail)) } : one;
}

/** Cuts a long detail and replaces control characters: it may repeat what the caller sent. */
function readableText(text: string): string {
  const cut = text.length > maxDetailLength ? `${text.slice(0, maxDetailLength - 3)}...` : text;
  return cut.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '?');
}

const maxDetailLength = 4_000;

const bearer = 'Bearer realm="usher"';
/** Every 401 has a challenge. Browsers leave one that they do not know to the page. */
const session = 'UsherSession realm="usher"';

/** `WWW-Authenticate`, by code. */
const challenges: Readonly<Record<string, string>> = {
  token_missing: bearer,
  token_invalid: `${bearer}, error="invalid_token"`,
  scope_missing: `${bearer}, error="insufficient_scope"`,
  session_required: session,
  sign_in_failed: session,
};

function problemHead({ code, retryAfterSeconds = retrySeconds[code] }: Problem): string {
  const challenge = challenges[code];
  const authenticate = challenge === undefined ? '' : headLine('WWW-Authenticate', challenge);
  if (retryAfterSeconds === undefined) return authenticate;
  return authenticate + headLine('Retry-After', String(retryAfterSeconds));
}

const contentHead =
  headLine('Content-Type', 'application/problem+json') + headLine('Cache-Control', 'no-store');

/** @param head more header lines, such as those of the limit */
export function problemAnswer(problem: Problem, requestId: string, head = ''): Answer {
  const body = JSON.stringify(problemBody(problem, requestId));
  return {
    status: problemStatus(problem),
    head: contentHead + problemHead(problem) + head,
    body: Buffer.from(body).toString('latin1'),
  };
}
