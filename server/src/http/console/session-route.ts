/** Routes of the console's own sign-in: they take the cookie of a session, and no token. */
import type { Operation } from '@usher/contract/operation';
import { roles } from '@usher/contract/roles';
import { rfc3339 } from '../../administration/administration.ts';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Problem } from '../../domain/problem.ts';
import { isConfirmed, type NewSession, type SignedIn, sessionEndMs } from '../../users/sessions.ts';
import type { Answer } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { isProblem } from '../authenticate.ts';
import { type CallParts, checkCall } from '../call/check-call.ts';
import { readCallBody } from '../call/read-call-body.ts';
import { jsonAnswer } from '../json-answer.ts';
import { logFailure } from '../log-failure.ts';
import { problemAnswer, problemOf } from '../problem-response.ts';
import type { RequestFacts, Route } from '../route.ts';
import { confirmationProblem, noSession } from './admit-user.ts';
import { type Browser, browserOf, checkOrigin, sessionInsecure } from './browser.ts';
import { setCookie } from './cookies.ts';
import { signInMethods } from './sign-in-methods.ts';
import { signedInOf } from './signed-in.ts';

export interface SessionCall<Op extends Operation> extends CallParts<Op> {
  readonly context: ApiContext;
  readonly browser: Browser;
  readonly signedIn: Op['access'] extends 'session' ? SignedIn : SignedIn | undefined;
}

/** A call of an operation whose access is `session` needs one; others may have one. */
export function sessionRoute<Op extends Operation & { readonly access: 'session' | 'open' }>(
  operation: Op,
  answer: (call: SessionCall<Op>) => Promise<Answer>,
): Route {
  return {
    operation,
    answer: async (context, request) => {
      try {
        const call = await checkSessionCall(operation, context, request);
        if (isProblem(call)) return problemAnswer(call, request.requestId);
        return await answer(call);
      } catch (error) {
        if (!(error instanceof UsherError)) throw error;
        if (error.cause !== undefined) {
          const { requestId } = request;
          const message = 'a call of the console failed';
          logFailure(context.log, { error, requestId, message, level: 'warn' });
        }
        if (isFreeRefusal(error)) await context.users.refusals.wait();
        return problemAnswer(withWait(problemOf(error)), request.requestId);
      }
    },
  };
}

async function checkSessionCall<Op extends Operation>(
  operation: Op,
  context: ApiContext,
  request: RequestFacts,
): Promise<SessionCall<Op> | Problem> {
  const browser = browserOf(context, request);
  const foreign = checkOrigin(request, browser);
  if (foreign !== undefined) return foreign;
  const signedIn = await signedInOf(context, browser);
  if (signedIn === undefined && operation.access === 'session') {
    const hasCookie = request.headers.cookie !== undefined;
    return browser.channel === 'open' && hasCookie ? sessionInsecure : noSession(context);
  }
  if (operation.needsConfirmation === true && signedIn !== undefined) {
    const unconfirmed = confirmationProblem(signedIn, context.clock());
    if (unconfirmed !== undefined) return unconfirmed;
  }
  const body = await readCallBody(operation, request);
  if ('problem' in body) return body.problem;
  const parts = checkCall(operation, request, body.value);
  if (isProblem(parts)) return parts;
  return { ...parts, context, browser, signedIn } as SessionCall<Op>;
}

/** Whether the attempt was refused before it cost the caller anything. */
function isFreeRefusal({ code }: UsherError): boolean {
  return code === 'overloaded' || code === 'rate_limited';
}

/** The header `Retry-After` of an attempt that came too early. */
function withWait(problem: Problem): Problem {
  const wait = problem.members?.['retry_after_ms'];
  if (typeof wait !== 'number') return problem;
  return { ...problem, retryAfterSeconds: Math.max(1, Math.ceil(wait / 1_000)) };
}

/** @throws UsherError `session_insecure` */
export function requireSafeChannel({ channel }: Browser): void {
  if (channel === 'open') throw new UsherError(sessionInsecure.code, sessionInsecure.detail);
}

/** The session as `GET /console/api/session` shows it. */
export async function sessionAnswer(
  context: ApiContext,
  signedIn: SignedIn,
  head = '',
): Promise<Answer> {
  const { user, session } = signedIn;
  const organization = await organizationOf(context, user.organizationId);
  const { id, email, name, role } = user;
  const shown = {
    user: {
      ...{ id, email, name, role },
      has_password: user.passwordHash !== null,
      has_totp: user.totp !== null,
      role_from_groups: user.givenRole === null,
    },
    permissions: roles[role],
    organization: {
      name: organization.name,
      locale: organization.locale,
      time_zone: organization.timeZone,
      currency: organization.currency,
    },
    expires_at: rfc3339(sessionEndMs(session)),
    confirmed_until: isConfirmed(signedIn, context.clock())
      ? rfc3339(Math.max(session.confirmedUntilMs, context.clock()))
      : null,
    methods: signInMethods(context),
  };
  return jsonAnswer(200, shown, head);
}

/** The same for a new session, with its cookies. */
export function newSessionAnswer(
  context: ApiContext,
  { channel }: Browser,
  made: NewSession,
): Promise<Answer> {
  const isTls = channel === 'tls';
  const cookies =
    setCookie('session', isTls, made.secret) + setCookie('device', isTls, made.device);
  return sessionAnswer(context, made, cookies);
}

/** A thread sees a new organization after some milliseconds. Its first user may be faster. */
async function organizationOf(
  { catalog, administration }: ApiContext,
  id: number,
): Promise<OrganizationState['organization']> {
  const found =
    catalog.current().organizations.get(id) ??
    (await administration.catalog.loadState()).organizations.get(id);
  if (found === undefined) throw new UsherError('starting', 'The organization is not loaded yet.');
  return found.organization;
}
