/** What signing in and sessions need from the process, and who asks. */
import type { Users } from '../catalog/users.ts';
import type { EndedSessions } from './ended-sessions.ts';
import type { OidcProvider } from './oidc/oidc-provider.ts';
import type { PasswordWork } from './password-work.ts';
import type { RefusalPause } from './refusal-pause.ts';
import type { UserKeys } from './user-keys.ts';

export interface UserDesk {
  readonly catalog: Users;
  readonly passwords: PasswordWork;
  readonly refusals: RefusalPause;
  readonly keys: () => Promise<UserKeys>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Must be cryptographically secure. */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly lives: SessionLives;
  readonly ended: EndedSessions;
  /** `undefined`: users sign in with passwords only. */
  readonly oidc: OidcProvider | undefined;
}

/** How long sessions last, in milliseconds. */
export interface SessionLives {
  readonly idleMs: number;
  readonly wholeMs: number;
}

/** The browser that asks. */
export interface Visitor {
  readonly address: string;
  readonly userAgent: string;
  /** The secret of the cookie that a browser keeps after the first time that its user signed in. */
  readonly device: string | undefined;
}
