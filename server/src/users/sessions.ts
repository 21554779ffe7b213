/** Sessions: begun with a new secret each time, found by its digest, and ended. */
import type { UserChange } from '../catalog/users.ts';
import type { SignInMethod, User, UserSession } from '../domain/user/user.ts';
import {
  confirmationMs,
  deviceMemoryMs,
  failureMemoryMs,
  maxSessionsPerUser,
  maxUserAgentLength,
  sessionTouchMs,
} from './limits.ts';
import { newPublicId, newSecret } from './new-secret.ts';
import type { UserDesk, Visitor } from './user-desk.ts';
import type { UserKeys } from './user-keys.ts';

/** A user who is signed in. */
export interface SignedIn {
  readonly user: User;
  readonly session: UserSession;
}

/** What a browser gets when its user signs in. The secrets go into its cookies. */
export interface NewSession extends SignedIn {
  readonly secret: string;
  readonly device: string;
}

export interface SessionStart {
  readonly keys: UserKeys;
  readonly visitor: Visitor;
  readonly method: SignInMethod;
  readonly nowMs: number;
  /** When the user proved who they are, if that was earlier. A confirmation counts from then. */
  readonly provenAtMs?: number;
}

/** Begins a session of a user, and notes the browser. The user is active from now on. */
export async function beginSession(
  desk: UserDesk,
  change: UserChange,
  signedIn: User,
  { keys, visitor, method, nowMs, provenAtMs = nowMs }: SessionStart,
): Promise<NewSession> {
  const secret = newSecret(desk.randomBytes);
  const device = visitor.device ?? newSecret(desk.randomBytes);
  const user: User = { ...signedIn, state: 'active', lastSignInAtMs: nowMs, roleLostAtMs: null };
  const session: UserSession = {
    id: newPublicId(desk.randomBytes),
    digest: keys.digest('session', secret),
    userId: user.id,
    method,
    address: visitor.address,
    userAgent: visitor.userAgent.slice(0, maxUserAgentLength),
    createdAtMs: nowMs,
    lastSeenAtMs: nowMs,
    idleEndMs: nowMs + desk.lives.idleMs,
    endMs: nowMs + desk.lives.wholeMs,
    confirmedUntilMs: provenAtMs + confirmationMs,
  };
  await change.updateUser(user);
  await change.trimUsers({
    nowMs,
    failuresSinceMs: nowMs - failureMemoryMs,
    devicesSinceMs: nowMs - deviceMemoryMs,
  });
  const others = await change.listSessions({ userId: user.id }, nowMs);
  for (const { session: old } of others.slice(maxSessionsPerUser - 1)) {
    await change.deleteSessions({ id: old.id });
  }
  await change.insertSession(session);
  await change.putDevice({
    digest: keys.digest('device', device),
    userId: user.id,
    seenAtMs: nowMs,
  });
  return { user, session, secret, device };
}

/**
 * Who is signed in with this cookie; `undefined` if nobody is. Reads the catalog, so the end of a
 * session, another role and a revoked user count at once.
 */
export async function findSignedIn(desk: UserDesk, secret: string): Promise<SignedIn | undefined> {
  const found = await peekSignedIn(desk, secret);
  const nowMs = desk.clock();
  if (found === undefined) return undefined;
  const { session, user } = found;
  if (nowMs - session.lastSeenAtMs < sessionTouchMs) return found;
  const seen = { ...session, lastSeenAtMs: nowMs, idleEndMs: nowMs + desk.lives.idleMs };
  await touchSession(desk, seen);
  return { user, session: seen };
}

/** Like `findSignedIn`, but the session is not used by it. */
export async function peekSignedIn(desk: UserDesk, secret: string): Promise<SignedIn | undefined> {
  const digest = (await desk.keys()).digest('session', secret);
  if (desk.ended.has(digest)) return undefined;
  const found = await desk.catalog.readUsers((view) => view.findSession(digest));
  const nowMs = desk.clock();
  if (found === undefined || found.user.state !== 'active') return undefined;
  const { idleEndMs, endMs } = found.session;
  return nowMs >= idleEndMs || nowMs >= endMs ? undefined : found;
}

/** When the session ends if it is not used. */
export function sessionEndMs({ idleEndMs, endMs }: UserSession): number {
  return Math.min(idleEndMs, endMs);
}

/** Whether the user signed in or confirmed who they are a short while ago. */
export function isConfirmed({ session }: SignedIn, nowMs: number): boolean {
  // A session of the demo has no password to confirm with. The demo listens on loopback only.
  return session.method === 'demo' || nowMs < session.confirmedUntilMs;
}

/** The session goes on if this fails: a full disk should not sign anybody out. */
async function touchSession({ catalog }: UserDesk, seen: UserSession): Promise<void> {
  const author = { actor: `user:${seen.userId}`, atMs: seen.lastSeenAtMs };
  await catalog
    .changeUsers(author, async (change) => {
      const current = await change.findSession(seen.digest);
      if (current !== undefined) {
        const { confirmedUntilMs } = current.session;
        await change.updateSession({ ...seen, confirmedUntilMs });
      }
      return { result: undefined, audit: [] };
    })
    .catch(() => undefined);
}
