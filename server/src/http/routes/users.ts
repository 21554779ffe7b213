/** Users of the console and their sessions, for administrators. */
import * as operations from '@usher/contract/user-operations';
import { rfc3339 } from '../../administration/administration.ts';
import {
  inviteUser,
  type LinkedUser,
  listUserSessions,
  listUsers,
  resetUser,
  revokeUser,
  revokeUserSession,
  type UserManager,
  updateUser,
} from '../../users/manage-users.ts';
import { type AdminCall, adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import type { Guarded } from '../guarded-route.ts';
import { jsonAnswer } from '../json-answer.ts';
import type { Route } from '../route.ts';

export const userRoutes: readonly Route[] = [
  adminRoute(operations.listUsers, async (call, context) =>
    pageAnswer(await listUsers(managerOf(call, context)), ({ id }) => id, call),
  ),

  adminRoute(operations.inviteUser, async (call, context) => {
    const linked = await inviteUser(managerOf(call, context), call.body);
    const location = headLine('Location', `/admin/v1/users/${linked.user.id}`);
    return jsonAnswer(201, viewLinked(linked), location + call.limitHead);
  }),

  adminRoute(operations.updateUser, async (call, context) => {
    const user = await updateUser(managerOf(call, context), call.params.id, call.body);
    return jsonAnswer(200, user, call.limitHead);
  }),

  adminRoute(operations.resetUser, async (call, context) => {
    const linked = await resetUser(managerOf(call, context), call.params.id);
    return jsonAnswer(200, viewLinked(linked), call.limitHead);
  }),

  adminRoute(operations.revokeUser, async (call, context) => {
    const user = await revokeUser(managerOf(call, context), call.params.id);
    return jsonAnswer(200, user, call.limitHead);
  }),

  adminRoute(operations.listUserSessions, async (call, context) =>
    pageAnswer(await listUserSessions(managerOf(call, context)), ({ id }) => id, call),
  ),

  adminRoute(operations.revokeUserSession, async (call, context) => {
    const session = await revokeUserSession(managerOf(call, context), call.params.id);
    return jsonAnswer(200, session, call.limitHead);
  }),
];

function managerOf<Op extends Guarded>(
  { administration, organizationId }: AdminCall<Op>,
  { users }: ApiContext,
): UserManager {
  return { administration, organizationId, keys: users.keys };
}

function viewLinked({ user, link, endMs }: LinkedUser) {
  return { ...user, link, link_expires_at: rfc3339(endMs) };
}
