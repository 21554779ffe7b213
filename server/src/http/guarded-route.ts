/**
 * Routes that need a token, read top-down: who calls, units of the limit, the scope, the parts of
 * the call, the answer. Whatever a call turns out to be after its token was good, its units are
 * taken once.
 */
import type { Operation, ScopeName } from '@usher/contract/operation';
import { UsherError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import type { Awaitable } from '../stores/store.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { authenticate, type Caller, isProblem, missingScope } from './authenticate.ts';
import { type CallParts, checkCall } from './call/check-call.ts';
import { type CallBody, readCallBody } from './call/read-call-body.ts';
import { limitRate } from './limit-rate.ts';
import { problemAnswer, problemOf } from './problem-response.ts';
import type { RequestFacts, Route } from './route.ts';

/** A call whose caller is known and whose parts have the shapes of the operation. */
export interface Call<Op extends Operation> extends CallParts<Op> {
  readonly headers: RequestFacts['headers'];
  /** The `Prefer` header. */
  readonly prefer: string | undefined;
  readonly caller: Caller;
  readonly requestId: string;
  /** Header lines of the limit, for the answer. */
  readonly limitHead: string;
}

type Guarded = Operation & { readonly access: ScopeName };

export interface GuardedRoute<Op extends Guarded> {
  readonly operation: Op;
  /**
   * Units that the call costs, judged by its body before the rest of it is checked; 1 when missing.
   */
  readonly units?: (body: unknown, caller: Caller) => number | Problem;
  readonly handle: (call: Call<Op>, context: ApiContext) => Awaitable<Answer | Problem>;
}

export function guardedRoute<Op extends Guarded>(route: GuardedRoute<Op>): Route {
  return {
    operation: route.operation,
    answer: (context, request) => {
      const { authorization } = request.headers;
      const caller = authenticate(context, { authorization, address: request.address });
      if (isProblem(caller)) return problemAnswer(caller, request.requestId);
      return answerCaller(route, context, { ...request, caller });
    },
  };
}

type CallerRequest = RequestFacts & { readonly caller: Caller };

async function answerCaller<Op extends Guarded>(
  route: GuardedRoute<Op>,
  context: ApiContext,
  request: CallerRequest,
): Promise<Answer> {
  const { operation } = route;
  const { caller, requestId } = request;
  // Where the body says how many units a call costs it is read first; elsewhere a caller over the
  // limit costs us no reading.
  const early = route.units === undefined ? undefined : await readCallBody(operation, request);
  const cost = early === undefined ? 1 : costOf(route, early, caller);
  const kind = operation.limit === 'none' ? 'administration' : operation.limit;
  const units = typeof cost === 'number' ? cost : 1;
  const limit = limitRate(context.limiter, caller, { kind, units });
  const fail = (problem: Problem) => problemAnswer(problem, requestId, limit.head);
  const refusal = limit.problem ?? missingScope(caller, operation.access);
  if (refusal !== undefined) return fail(refusal);
  if (typeof cost !== 'number') return fail(cost);

  const body = early ?? (await readCallBody(operation, request));
  if ('problem' in body) return fail(body.problem);
  const parts = checkCall(operation, request, body.value);
  if (isProblem(parts)) return fail(parts);
  const { headers } = request;
  const prefer = headers['prefer']?.toString();
  const call: Call<Op> = { ...parts, headers, prefer, caller, requestId, limitHead: limit.head };
  const answer = await handle(route, call, context);
  return isProblem(answer) ? fail(answer) : answer;
}

function costOf<Op extends Guarded>(
  route: GuardedRoute<Op>,
  body: CallBody,
  caller: Caller,
): number | Problem {
  return 'problem' in body ? body.problem : (route.units?.(body.value, caller) ?? 1);
}

/** What is thrown as a problem is answered as one here, with the headers of the limit. */
async function handle<Op extends Guarded>(
  route: GuardedRoute<Op>,
  call: Call<Op>,
  context: ApiContext,
): Promise<Answer | Problem> {
  try {
    return await route.handle(call, context);
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    if (error.cause !== undefined) {
      // Causes that callers are not told of are the operator's to see.
      context.log.warn({ error, request_id: call.requestId }, 'a call failed');
    }
    return problemOf(error);
  }
}
