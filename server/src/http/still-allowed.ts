/** Looks once more, during a long call, whether its caller may still do this. */
import type { PermissionName } from '@usher/contract/roles';
import { UsherError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import { isLive } from '../domain/token/token.ts';
import { allows } from '../domain/user/role-scopes.ts';
import { peekSignedIn } from '../users/sessions.ts';
import type { CallOrigin } from './access-notes.ts';
import type { ApiContext } from './api-context.ts';
import type { Caller } from './authenticate.ts';
import { browserOf } from './console/browser.ts';
import type { RequestFacts } from './route.ts';

/** What a call knows of its caller. */
export interface LongCall extends Pick<RequestFacts, 'headers' | 'message'> {
  readonly caller: Caller;
  readonly origin: CallOrigin;
}

/** What ended the rights of the caller; `undefined`: they hold. */
export async function endedRights(
  call: LongCall,
  context: ApiContext,
  permission: PermissionName,
): Promise<Problem | undefined> {
  const { token, user } = call.caller;
  if (user !== undefined) return endedSession(call, context, permission);
  // The state has no revoked tokens.
  const now = context.catalog.current().tokens.get(token.id);
  if (now !== undefined && isLive(now, context.clock())) return undefined;
  return { code: 'token_invalid', detail: 'The token was revoked or has expired meanwhile.' };
}

/** @throws UsherError what ended the rights of the caller */
export async function requireRights(
  call: LongCall,
  context: ApiContext,
  permission: PermissionName,
): Promise<void> {
  const ended = await endedRights(call, context, permission);
  if (ended !== undefined) throw new UsherError(ended.code, ended.detail);
}

/** Whether the caller still has the rights of the call, as the same role. */
export async function hasSameRights(
  call: LongCall,
  context: ApiContext,
  permission: PermissionName,
): Promise<boolean> {
  if ((await endedRights(call, context, permission)) !== undefined) return false;
  const { user } = call.caller;
  return user === undefined || (await sessionUser(call, context))?.role === user.role;
}

async function sessionUser({ headers, message, origin }: LongCall, context: ApiContext) {
  const { session } = browserOf(context, { headers, message, address: origin.address });
  return session === undefined ? undefined : (await peekSignedIn(context.users, session))?.user;
}

/** A call that goes on is no use of the session, which ends when its user does nothing. */
async function endedSession(
  call: LongCall,
  context: ApiContext,
  permission: PermissionName,
): Promise<Problem | undefined> {
  const user = await sessionUser(call, context);
  if (user === undefined || user.id !== call.caller.user?.id) {
    return { code: 'session_required', detail: 'The session has ended meanwhile. Sign in again.' };
  }
  const { role } = user;
  if (allows(role, permission)) return undefined;
  const members = { permission, role };
  return { code: 'role_missing', detail: `The role ${role} does not allow this.`, members };
}
