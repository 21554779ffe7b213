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

/**
 * Ends it also if the catalog cannot be written, as on a full disk: then at once in this process,
 * and in the catalog as soon as that works.
 * @returns false if the user has no such session
 */
export async function endOwnSession(
  desk: UserDesk,
  signedIn: SignedIn,
  sessionId: string,
): Promise<boolean> {
  const session = (await listOwnSessions(desk, signedIn)).find(({ id }) => id === sessionId);
  if (session === undefined) return false;
  const end = () => endInCatalog(desk, signedIn, session.id);
  await end().catch(() => desk.ended.add(session, end));
  return true;
}

function endInCatalog(
  { catalog, clock }: UserDesk,
  { user: { id: userId, organizationId } }: SignedIn,
  sessionId: string,
): Promise<void> {
  const nowMs = clock();
  return catalog.changeUsers({ actor: `user:${userId}`, atMs: nowMs }, async (change) => {
    const sessions = await change.listSessions({ userId }, nowMs);
    const isThere = sessions.some(({ session }) => session.id === sessionId);
    if (!isThere) return { result: undefined, audit: [] };
    await change.deleteSessions({ id: sessionId });
    const after = { session: sessionId };
    const record = { organizationId, action: 'user.sign_out', target: userId, before: null, after };
    return { result: undefined, audit: [record] };
  });
}
