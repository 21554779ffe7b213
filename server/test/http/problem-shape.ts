/** Checks answers against the contract's definition of problems. */
import assert from 'node:assert/strict';
import { problemSchema } from '@usher/contract/problem-schema';
import { type ProblemCode, problemKinds, problemTypeBase } from '@usher/contract/problems';
import { Compile } from 'typebox/compile';
import type { RawAnswer } from './raw-connection.ts';

const validator = Compile(problemSchema);

export interface ProblemBody {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** The problem in an answer. Fails if it is not a valid problem, or contradicts its headers. */
export function readProblem(answer: RawAnswer): ProblemBody {
  const { status, headers, body } = answer;
  assert.equal(headers.get('content-type'), 'application/problem+json', body);
  const problem: unknown = JSON.parse(body);
  assert.ok(validator.Check(problem), JSON.stringify(validator.Errors(problem)));
  const { code } = problem as ProblemBody;
  const kind = problemKinds[code];
  assert.equal(problem.type, problemTypeBase + code);
  assert.equal(problem.title, kind.title);
  assert.equal(problem.status, status);
  assert.ok(kind.status === status || code === 'contact_not_found');
  assert.equal(problem.request_id, headers.get('x-request-id'));
  if (status === 401)
    assert.match(headers.get('www-authenticate') ?? '', /^(?:Bearer|UsherSession) /);
  if (status === 429 || status === 503)
    assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  if (status === 405) assert.ok(headers.get('allow'));
  return problem as ProblemBody;
}
