/**
 * Routes that need a token. A call is admitted (`admission.ts`), its body is read, the shapes of
 * all parts are checked, and the route answers.
 */
import type { IncomingMessage } from 'node:http';
import type { Operation, ScopeName } from '@usher/contract/operation';
import { UsherError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import type { Awaitable } from '../stores/store.ts';
import { actorProblem, type CallOrigin } from './access-notes.ts';
import { type Admission, admit, admitPriced } from './admission.ts';
import type { AnyAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { type Caller, isProblem } from './authenticate.ts';
import { type CallParts, checkCall } from './call/check-call.ts';
import { type CallBody, readCallBody } from './call/read-call-body.ts';
import { handedSocket } from './connection/handed-socket.ts';
import { admitUser } from './console/admit-user.ts';
import { logFailure } from './log-failure.ts';
import { problemAnswer, problemOf } from './problem-response.ts';
import type { RequestFacts, Route } from './route.ts';
import { isReading, RightsWatch } from './watch-rights.ts';

/** A call whose caller is known and whose parts have the shapes of the operation. */
export interface Call<Op extends Operation> extends CallParts<Op> {
  readonly headers: RequestFacts['headers'];
  readonly prefer: string | undefined;
  readonly caller: Caller;
  readonly requestId: string;
  /** For the access log. */
  readonly origin: CallOrigin;
  /** The request, for operations that read its body themselves. */
  readonly message: IncomingMessage;
  /** Header lines of the limit. */
  readonly limitHead: string;
  /**
   * Aborted when the caller closes its connection or its sending side: the two look alike until an
   * answer is sent. Only for long work without effects that a caller repeats if it still waits.
   */
  readonly whenGone: () => AbortSignal;
}

/** An operation that needs a token. */
export type Guarded = Operation & { readonly access: ScopeName };

export interface GuardedRoute<Op extends Guarded> {
  readonly operation: Op;
  /** The units the call costs (1 when missing), decided before the rest of the body is checked. */
  readonly units?: (body: unknown, caller: Caller) => number | Problem;
  /** Throws an `UsherError` for a caller that may not call it, before the body is read. */
  readonly require?: ((caller: Caller, context: ApiContext) => void) | undefined;
  readonly handle: (call: Call<Op>, context: ApiContext) => Awaitable<AnyAnswer | Problem>;
}

export function guardedRoute<Op extends Guarded>(route: GuardedRoute<Op>): Route {
  return {
    operation: route.operation,
    answer: async (context, request) => {
      const { requestId } = request;
      const badActor = actorProblem(actorIn(request.headers));
      if (badActor !== undefined) return problemAnswer(badActor, requestId);
      const { caller, problem, head, early } = await admitCall(route, context, request);
      if (caller === undefined) return problemAnswer(problem, requestId, head);
      const answer = await answerCaller(route, context, { ...request, caller, head, early });
      return isProblem(answer) ? problemAnswer(answer, requestId, head) : answer;
    },
  };
}

/** Reads the body first if it decides the cost; all other bodies are read after admission. */
async function admitCall<Op extends Guarded>(
  route: GuardedRoute<Op>,
  context: ApiContext,
  request: RequestFacts,
): Promise<Admission & { readonly early?: CallBody | undefined }> {
  const { operation, units } = route;
  if (request.isConsole) return admitUser(operation, context, request);
  const { access, contactAccess } = operation;
  const { headers, address, proof } = request;
  const credentials = { authorization: headers.authorization, address, proof };
  const kind = operation.limit === 'none' ? 'administration' : operation.limit;
  const scopes = contactAccess === undefined ? [access] : [access, contactAccess];
  const rule = { kind, scopes } as const;
  if (units === undefined) return admit(context, credentials, rule);
  let early: CallBody | undefined;
  const price = async (caller: Caller) => {
    early = await readCallBody(operation, request);
    return 'problem' in early ? early.problem : units(early.value, caller);
  };
  return { ...(await admitPriced(context, credentials, { ...rule, price })), early };
}

/** The header `Usher-Actor`. */
export function actorIn(headers: RequestFacts['headers']): string | undefined {
  return headers['usher-actor']?.toString();
}

interface AdmittedRequest extends RequestFacts {
  readonly caller: Caller;
  /** Header lines of the limit. */
  readonly head: string;
  /** The body, if it was read to price the call. */
  readonly early: CallBody | undefined;
}

/** Answers a thrown `UsherError` as a problem with the headers of the limit. */
async function answerCaller<Op extends Guarded>(
  route: GuardedRoute<Op>,
  context: ApiContext,
  request: AdmittedRequest,
): Promise<AnyAnswer | Problem> {
  const { operation } = route;
  const { headers, caller, requestId, head: limitHead } = request;
  const prefer = headers['prefer']?.toString();
  try {
    route.require?.(caller, context);
    const body = request.early ?? (await readCallBody(operation, request));
    if ('problem' in body) return body.problem;
    const parts = checkCall(operation, request, body.value);
    if (isProblem(parts)) return parts;
    const { message } = request;
    const origin = { actor: actorIn(headers), address: request.address };
    if (operation.hasRawBody === true) handedSocket(message.socket).takeLong(message);
    const watch = isReading(operation)
      ? new RightsWatch({ caller, headers, message, origin }, context, operation)
      : undefined;
    const whenGone = () => {
      const { gone } = handedSocket(message.socket);
      return watch === undefined ? gone : AbortSignal.any([gone, watch.signal]);
    };
    const facts = { headers, prefer, caller, origin, requestId, message, limitHead, whenGone };
    const handle = () => route.handle({ ...parts, ...facts }, context);
    return await (watch === undefined ? handle() : watch.guard(handle));
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    // Callers do not see the cause; the log does.
    if (error.cause !== undefined)
      logFailure(context.log, { error, requestId, message: 'a call failed', level: 'warn' });
    return forCaller(problemOf(error), caller);
  }
}

/** A user has a role, and knows nothing of scopes. */
function forCaller(problem: Problem, { user }: Caller): Problem {
  if (user === undefined || problem.code !== 'scope_missing') return problem;
  const detail = `The role ${user.role} does not allow this. Ask an administrator.`;
  return { code: 'role_missing', detail, members: { permission: null, role: user.role } };
}
