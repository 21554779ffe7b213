/** Users and sessions as administration shows them. */
import { rfc3339 } from '../administration/administration.ts';
import type { OwnedSession } from '../catalog/users.ts';
import type { RoleName, SignInMethod, User, UserSession, UserState } from '../domain/user/user.ts';
import { lostRoleAtMs } from './access-of-user.ts';
import { sessionEndMs } from './sessions.ts';

export interface UserAnswer {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: RoleName;
  readonly state: UserState;
  readonly has_password: boolean;
  readonly has_totp: boolean;
  readonly has_oidc: boolean;
  readonly created_at: string;
  readonly last_sign_in_at: string | null;
  readonly revoked_at: string | null;
  readonly role_lost_at: string | null;
}

export function viewUser(user: User): UserAnswer {
  const { id, email, name, role, state } = user;
  return {
    ...{ id, email, name, role, state },
    has_password: user.passwordHash !== null,
    has_totp: user.totp !== null,
    has_oidc: user.oidcSubject !== null,
    created_at: rfc3339(user.createdAtMs),
    last_sign_in_at: maybeTime(user.lastSignInAtMs),
    revoked_at: maybeTime(user.revokedAtMs),
    role_lost_at: maybeTime(lostRoleAtMs(user)),
  };
}

export interface SessionAnswer {
  readonly id: string;
  readonly method: SignInMethod;
  readonly address: string;
  readonly user_agent: string;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
}

export function viewSession(session: UserSession): SessionAnswer {
  return {
    id: session.id,
    method: session.method,
    address: session.address,
    user_agent: session.userAgent,
    created_at: rfc3339(session.createdAtMs),
    last_seen_at: rfc3339(session.lastSeenAtMs),
    expires_at: rfc3339(sessionEndMs(session)),
  };
}

export interface UserSessionAnswer extends SessionAnswer {
  readonly user_id: string;
  readonly email: string;
}

export function viewUserSession({ session, user }: OwnedSession): UserSessionAnswer {
  return { ...viewSession(session), user_id: user.id, email: user.email };
}

function maybeTime(timeMs: number | null): string | null {
  return timeMs === null ? null : rfc3339(timeMs);
}
