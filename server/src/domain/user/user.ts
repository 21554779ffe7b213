/** People who sign in to the console, their sessions, and the links that work once. */
import type { RoleName } from '@usher/contract/roles';

export type { RoleName } from '@usher/contract/roles';

/** `invited`: has never signed in. `revoked`: can never sign in again. */
export type UserState = 'invited' | 'active' | 'revoked';

/** A user as the catalog keeps it. Times are in milliseconds since 1970. */
export interface User {
  /** 12 characters of 0-9A-Za-z. Never used again. */
  readonly id: string;
  /** For the limiter's keys. Unique in the catalog, never reused. */
  readonly rowId: number;
  readonly organizationId: number;
  /** In lower case. Among users that are not revoked, unique in the organization. */
  readonly email: string;
  readonly name: string;
  readonly role: RoleName;
  /**
   * The role that an administrator gave; `null`: the role comes from groups at an OpenID provider,
   * and goes with them.
   */
  readonly givenRole: RoleName | null;
  readonly state: UserState;
  /** See `users/password-hash.ts`; `null`: the user has no password. */
  readonly passwordHash: string | null;
  /** The secret of the second factor, encrypted; `null`: signing in needs no code. */
  readonly totp: string | null;
  /** The same, until the user has sent a code of it. */
  readonly pendingTotp: string | null;
  /** The time step of the last code that was accepted; each code works once. */
  readonly totpStep: number;
  /** The issuer and the subject of the user's account at an OpenID provider. */
  readonly oidcSubject: string | null;
  readonly createdAtMs: number;
  readonly lastSignInAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** When a sign-in found that no group gives a role any more; `null` since one succeeded. */
  readonly roleLostAtMs: number | null;
}

export type SignInMethod = 'password' | 'link' | 'oidc' | 'demo';

/** A session that somebody has signed in to. The cookie has its secret, the catalog a digest. */
export interface UserSession {
  /** Public, for lists. 12 characters of 0-9A-Za-z. */
  readonly id: string;
  /** A keyed digest of the secret, in hexadecimal. */
  readonly digest: string;
  readonly userId: string;
  readonly method: SignInMethod;
  readonly address: string;
  readonly userAgent: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  /** The end if the session is not used. */
  readonly idleEndMs: number;
  /** The end in any case. */
  readonly endMs: number;
  /** Until then the user may do what needs a confirmation. */
  readonly confirmedUntilMs: number;
}

/** `first`: of the first administrator. `demo`: opens the demo's console without a password. */
export type LinkKind = 'first' | 'invitation' | 'reset' | 'demo';

export interface UserLink {
  /** A keyed digest of the secret, in hexadecimal. */
  readonly digest: string;
  readonly userId: string;
  readonly kind: LinkKind;
  readonly endMs: number;
}

/** A browser in which a user has signed in before. Failures elsewhere do not make it wait. */
export interface UserDevice {
  /** A keyed digest of the secret in its cookie, in hexadecimal. */
  readonly digest: string;
  readonly userId: string;
  readonly seenAtMs: number;
}

/** Failed attempts in a row to sign in to one account from one place. */
export interface SignInFailures {
  /** A keyed digest of the account and the place, in hexadecimal. */
  readonly key: string;
  readonly count: number;
  readonly lastAtMs: number;
}
