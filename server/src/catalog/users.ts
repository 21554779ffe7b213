/**
 * The users of the console, their sessions and links in the catalog. They change no revision: each
 * call of a user reads them, so a change counts for every thread and process at once.
 */
import type {
  SignInFailures,
  User,
  UserDevice,
  UserLink,
  UserSession,
} from '../domain/user/user.ts';

/** An entry of the audit log, as `AuditRecord` in `catalog.ts`. */
export interface UserAct {
  readonly organizationId: number;
  readonly action: string;
  /** The id of the user. */
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

export type NewUser = Omit<User, 'rowId'>;

export type UserKey =
  | { readonly id: string }
  /** Only users that are not revoked have an e-mail to themselves, in their organization. */
  | { readonly email: string; readonly organizationId: number }
  | { readonly oidcSubject: string };

export interface OwnedSession {
  readonly session: UserSession;
  readonly user: User;
}

/** Reads as of one moment. */
export interface UserView {
  /** All users of the organization, in order of creation. */
  listUsers(organizationId: number): Promise<readonly User[]>;
  /** Whether any organization has a user who can sign in. */
  hasActiveUser(): Promise<boolean>;
  findUser(key: UserKey): Promise<User | undefined>;
  /** Also a session that has ended by time. */
  findSession(digest: string): Promise<OwnedSession | undefined>;
  /** Sessions that have not ended at `nowMs`, the newest first. */
  listSessions(
    of: { readonly organizationId: number } | { readonly userId: string },
    nowMs: number,
  ): Promise<readonly OwnedSession[]>;
  /** Also a link that has expired. */
  findLink(digest: string): Promise<UserLink | undefined>;
  hasDevice(digest: string, userId: string): Promise<boolean>;
  findFailures(key: string): Promise<SignInFailures | undefined>;
}

/** What `trimUsers` keeps. */
export interface UserBounds {
  readonly nowMs: number;
  /** Failures that are older are forgotten. */
  readonly failuresSinceMs: number;
  /** Devices that were not seen since are forgotten. */
  readonly devicesSinceMs: number;
}

/** Reads and writes of one change. */
export interface UserChange extends UserView {
  /** The e-mail must be free in the organization. */
  insertUser(user: NewUser): Promise<User>;
  /** Replaces everything but the ids and the time of creation. */
  updateUser(user: User): Promise<void>;
  insertSession(session: UserSession): Promise<void>;
  /** Replaces the times of the session with this digest. */
  updateSession(session: UserSession): Promise<void>;
  /** Ends one session, or all of a user but one. */
  deleteSessions(
    which: { readonly id: string } | { readonly userId: string; readonly exceptId?: string },
  ): Promise<void>;
  insertLink(link: UserLink): Promise<void>;
  /** Removes one link, or all of a user. */
  deleteLinks(which: { readonly digest: string } | { readonly userId: string }): Promise<void>;
  /** Notes the device, or that it was seen again. */
  putDevice(device: UserDevice): Promise<void>;
  deleteDevices(userId: string): Promise<void>;
  putFailures(failures: SignInFailures): Promise<void>;
  deleteFailures(key: string): Promise<void>;
  /** Forgets the oldest failures: `count` places stay at most. */
  dropOldFailures(count: number): Promise<void>;
  /** Removes sessions and links that have ended, and what is over the bounds: the oldest. */
  trimUsers(bounds: UserBounds): Promise<void>;
}

/** The users of a catalog. */
export interface Users {
  readUsers<T>(work: (view: UserView) => Promise<T>): Promise<T>;
  /**
   * Runs `work` as one change, with its audit entries, which may be none. Nothing happens if `work`
   * throws. Await nothing but the change inside. `work` may run again.
   */
  changeUsers<T>(
    author: { readonly actor: string; readonly atMs: number },
    work: (
      change: UserChange,
    ) => Promise<{ readonly result: T; readonly audit: readonly UserAct[] }>,
  ): Promise<T>;
}
