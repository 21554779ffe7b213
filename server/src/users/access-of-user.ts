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
  if (user.role !== 'admin' || user.state !== 'active') return false;
  const users = await view.listUsers(user.organizationId);
  const isOther = (it: User) => it.id !== user.id && it.role === 'admin' && it.state === 'active';
  return !users.some(isOther);
}
