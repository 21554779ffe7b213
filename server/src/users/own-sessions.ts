/** The sessions of one user, as the user lists and ends them. */
import type { UserSession } from '../domain/user/user.ts';
import type { SignedIn } from './sessions.ts';
import type { UserDesk } from './user-desk.ts';

/** The newest first. */
export async function listOwnSessions(
  { catalog, clock }: UserDesk,
  { user }: SignedIn,
): Promise<readonly UserSession[]> {
  const sessions = await catalog.readUsers((view) =>
    view.listSessions({ userId: user.id }, clock()),
  );
  return sessions.map(({ session }) => session);
}

/** @returns false if the user has no such session */
export async function endOwnSession(
  { catalog, clock }: UserDesk,
  { user }: SignedIn,
  sessionId: string,
): Promise<boolean> {
  const nowMs = clock();
  const { id: userId, organizationId } = user;
  return catalog.changeUsers({ actor: `user:${userId}`, atMs: nowMs }, async (change) => {
    const sessions = await change.listSessions({ userId }, nowMs);
    const isOwn = sessions.some(({ session }) => session.id === sessionId);
    if (!isOwn) return { result: false, audit: [] };
    await change.deleteSessions({ id: sessionId });
    const after = { session: sessionId };
    const record = { organizationId, action: 'user.sign_out', target: userId, before: null, after };
    return { result: true, audit: [record] };
  });
}
