/**
 * The checks of every call of administration by a user: where the request comes from, the session,
 * the role, the confirmation, the limit. The user then acts with the scopes of that operation.
 */
import type { Operation, ScopeName } from '@usher/contract/operation';
import type { Problem } from '../../domain/problem.ts';
import type { Scope, Token } from '../../domain/token/token.ts';
import { allows, scopesOfRole } from '../../domain/user/role-scopes.ts';
import type { User } from '../../domain/user/user.ts';
import { isConfirmed, type SignedIn } from '../../users/sessions.ts';
import type { Admission } from '../admission.ts';
import type { ApiContext } from '../api-context.ts';
import { type Caller, noPlans } from '../authenticate.ts';
import { textOf } from '../head-pieces.ts';
import { limitRate } from '../limit-rate.ts';
import type { RequestFacts } from '../route.ts';
import { browserOf, checkOrigin } from './browser.ts';
import { signInMethods } from './sign-in-methods.ts';
import { signedInOf } from './signed-in.ts';

export async function admitUser(
  operation: Operation & { readonly access: ScopeName },
  context: ApiContext,
  request: RequestFacts,
): Promise<Admission> {
  const browser = browserOf(context, request);
  const foreign = checkOrigin(request, browser);
  if (foreign !== undefined) return refused(foreign);
  const signedIn = await signedInOf(context, browser);
  const caller = signedIn && callerOf(operation, context, signedIn);
  if (signedIn === undefined || caller === undefined) return refused(noSession(context));
  const limit = limitRate(context.limiter, caller, { kind: 'console', units: 1 });
  const problem = limit.problem ?? refusal(operation, signedIn, context.clock());
  const head = textOf(limit.head);
  if (problem !== undefined) return refused(problem, head);
  return { caller, head, problem: undefined };
}

export function noSession(context: ApiContext): Problem {
  return {
    code: 'session_required',
    detail: 'Nobody is signed in, or the session has ended. Sign in at /console.',
    members: { methods: signInMethods(context) },
  };
}

function refused(problem: Problem, head = ''): Admission {
  return { caller: undefined, head, problem };
}

function refusal(
  { permission, needsConfirmation }: Operation,
  signedIn: SignedIn,
  nowMs: number,
): Problem | undefined {
  const { role } = signedIn.user;
  if (permission === undefined || !allows(role, permission)) {
    return {
      code: 'role_missing',
      detail: `The role ${role} does not allow this. Ask an administrator.`,
      members: { permission: permission ?? null, role },
    };
  }
  return needsConfirmation === true ? confirmationProblem(signedIn, nowMs) : undefined;
}

export function confirmationProblem(signedIn: SignedIn, nowMs: number): Problem | undefined {
  if (isConfirmed(signedIn, nowMs)) return undefined;
  return {
    code: 'confirmation_required',
    detail:
      'This takes effect at once. Confirm who you are first: send the password or a code to /console/api/session/confirm.',
  };
}

function callerOf(
  operation: Operation & { readonly access: ScopeName },
  { catalog, clock }: ApiContext,
  signedIn: SignedIn,
): Caller | undefined {
  const { user } = signedIn;
  const organization = catalog.current().organizations.get(user.organizationId);
  if (organization === undefined) return undefined;
  return {
    user,
    isConfirmed: isConfirmed(signedIn, clock()),
    looker: `user:${user.id}`,
    token: rightsOf(user, operation),
    organization,
    plans: { display: noPlans(), raw: noPlans() },
    allowsAddress: () => true,
  };
}

/** The operation's scopes, in the form that the rest of the server knows. */
function rightsOf(user: User, operation: Operation & { readonly access: ScopeName }): Token {
  const { access, contactAccess } = operation;
  const wanted: Scope[] = contactAccess === undefined ? [access] : [access, contactAccess];
  // A change answers with what it made.
  if (access === 'admin:write') wanted.push('admin:read');
  // Approving a plan is part of the change, and a permission of its own.
  if (allows(user.role, 'approve')) wanted.push('admin:approve');
  const held = scopesOfRole(user.role);
  return {
    id: user.id,
    rowId: user.rowId,
    organizationId: user.organizationId,
    name: user.name,
    createdBy: user.email,
    lastCharacters: '',
    digest: new Uint8Array(),
    scopes: wanted.filter((scope) => held.includes(scope)),
    ...{ fields: null, identityTypes: null, addresses: null, maxShare: null, dataset: null },
    ...{ createdAtMs: user.createdAtMs, expiresAtMs: null, lastUsedAtMs: null, revokedAtMs: null },
  };
}
