/** What every way to take access from a user does, and whom none may take it from. */
import type { UserChange, UserView } from '../catalog/users.ts';
import type { User } from '../domain/user/user.ts';

/** Ends sessions, links and known browsers. */
export async function endAccess(change: UserChange, userId: string): Promise<void> {
  await change.deleteSessions({ userId });
  await change.deleteLinks({ userId });
  await change.deleteDevices(userId);
}

/** Whether the organization has no administrator without this user. */
export async function isLastAdmin(view: UserView, user: User): Promise<boolean> {
  if (!isAdmin(user)) return false;
  const users = await view.listUsers(user.organizationId);
  return !users.some((it) => it.id !== user.id && isAdmin(it));
}

/** A user whose groups give no role any more cannot sign in, and administers nothing. */
function isAdmin(user: User): boolean {
  return user.role === 'admin' && user.state === 'active' && lostRoleAtMs(user) === null;
}

/**
 * Since when no group gives the user a role; `null` if one does. A role that an administrator gave
 * since then counts.
 */
export function lostRoleAtMs({ givenRole, roleLostAtMs }: User): number | null {
  return givenRole === null ? roleLostAtMs : null;
}
