/** Users, their sessions and links in an SQL database. */
import type { Kysely, Selectable } from 'kysely';
import type {
  LinkKind,
  RoleName,
  SignInFailures,
  SignInMethod,
  User,
  UserDevice,
  UserLink,
  UserSession,
  UserState,
} from '../../domain/user/user.ts';
import type { NewUser, OwnedSession, UserBounds, UserChange, UserKey, UserView } from '../users.ts';
import type { CatalogTables, UserLinkRow, UserRow, UserSessionRow } from './schema.ts';

type Database = Kysely<CatalogTables>;

export class SqlUserView implements UserView {
  protected readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async listUsers(organizationId: number): Promise<readonly User[]> {
    const rows = await this.database
      .selectFrom('users')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .orderBy('row_id')
      .execute();
    return rows.map(userOf);
  }

  async hasActiveUser(): Promise<boolean> {
    const row = await this.database
      .selectFrom('users')
      .select('id')
      .where('state', '=', 'active')
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async findUser(key: UserKey): Promise<User | undefined> {
    const all = this.database.selectFrom('users').selectAll();
    if ('id' in key) return maybeUser(await all.where('id', '=', key.id).executeTakeFirst());
    const live = all.where('state', '<>', 'revoked');
    const found =
      'email' in key
        ? live.where('email', '=', key.email).where('organization_id', '=', key.organizationId)
        : live.where('oidc_subject', '=', key.oidcSubject);
    return maybeUser(await found.executeTakeFirst());
  }

  async findSession(digest: string): Promise<OwnedSession | undefined> {
    const row = await this.database
      .selectFrom('user_sessions')
      .selectAll()
      .where('digest', '=', digest)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const user = await this.findUser({ id: row.user_id });
    return user === undefined ? undefined : { session: sessionOf(row), user };
  }

  async listSessions(
    of: { readonly organizationId: number } | { readonly userId: string },
    nowMs: number,
  ): Promise<readonly OwnedSession[]> {
    const users =
      'userId' in of
        ? [await this.findUser({ id: of.userId })]
        : await this.listUsers(of.organizationId);
    const byId = new Map(users.flatMap((user) => (user === undefined ? [] : [[user.id, user]])));
    const all = this.database
      .selectFrom('user_sessions')
      .selectAll()
      .where('idle_end', '>', nowMs)
      .where('end', '>', nowMs)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc');
    const rows = await ('userId' in of ? all.where('user_id', '=', of.userId) : all).execute();
    return rows.flatMap((row) => {
      const user = byId.get(row.user_id);
      return user === undefined ? [] : [{ session: sessionOf(row), user }];
    });
  }

  async findLink(digest: string): Promise<UserLink | undefined> {
    const row = await this.database
      .selectFrom('user_links')
      .selectAll()
      .where('digest', '=', digest)
      .executeTakeFirst();
    return row === undefined ? undefined : linkOf(row);
  }

  async hasDevice(digest: string, userId: string): Promise<boolean> {
    const row = await this.database
      .selectFrom('user_devices')
      .select('digest')
      .where('digest', '=', digest)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row !== undefined;
  }

  async findFailures(key: string): Promise<SignInFailures | undefined> {
    const row = await this.database
      .selectFrom('sign_in_failures')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst();
    return row === undefined ? undefined : { key, count: row.count, lastAtMs: row.last_at };
  }
}

export class SqlUserChange extends SqlUserView implements UserChange {
  async insertUser(user: NewUser): Promise<User> {
    const { id, organizationId, createdAtMs } = user;
    const row = await this.database
      .insertInto('users')
      .values({ id, organization_id: organizationId, created_at: createdAtMs, ...columns(user) })
      .returningAll()
      .executeTakeFirstOrThrow();
    return userOf(row);
  }

  async updateUser(user: User): Promise<void> {
    await this.database.updateTable('users').set(columns(user)).where('id', '=', user.id).execute();
  }

  async insertSession(session: UserSession): Promise<void> {
    await this.database
      .insertInto('user_sessions')
      .values({
        ...{ digest: session.digest, id: session.id, user_id: session.userId },
        ...{ method: session.method, address: session.address, user_agent: session.userAgent },
        ...{ created_at: session.createdAtMs, ...sessionTimes(session) },
      })
      .execute();
  }

  async updateSession(session: UserSession): Promise<void> {
    await this.database
      .updateTable('user_sessions')
      .set(sessionTimes(session))
      .where('digest', '=', session.digest)
      .execute();
  }

  async deleteSessions(
    which: { readonly id: string } | { readonly userId: string; readonly exceptId?: string },
  ): Promise<void> {
    const deletion = this.database.deleteFrom('user_sessions');
    await ('id' in which
      ? deletion.where('id', '=', which.id)
      : deletion.where('user_id', '=', which.userId).where('id', '<>', which.exceptId ?? '')
    ).execute();
  }

  async insertLink({ digest, userId, kind, endMs }: UserLink): Promise<void> {
    await this.database
      .insertInto('user_links')
      .values({ digest, user_id: userId, kind, end: endMs })
      .execute();
  }

  async deleteLinks(
    which: { readonly digest: string } | { readonly userId: string },
  ): Promise<void> {
    const deletion = this.database.deleteFrom('user_links');
    await ('digest' in which
      ? deletion.where('digest', '=', which.digest)
      : deletion.where('user_id', '=', which.userId)
    ).execute();
  }

  async putDevice({ digest, userId, seenAtMs }: UserDevice): Promise<void> {
    await this.database
      .insertInto('user_devices')
      .values({ digest, user_id: userId, seen_at: seenAtMs })
      .onConflict((known) => known.column('digest').doUpdateSet({ seen_at: seenAtMs }))
      .execute();
  }

  async deleteDevices(userId: string): Promise<void> {
    await this.database.deleteFrom('user_devices').where('user_id', '=', userId).execute();
  }

  async putFailures({ key, count, lastAtMs }: SignInFailures): Promise<void> {
    const values = { count, last_at: lastAtMs };
    await this.database
      .insertInto('sign_in_failures')
      .values({ key, ...values })
      .onConflict((known) => known.column('key').doUpdateSet(values))
      .execute();
  }

  async deleteFailures(key: string): Promise<void> {
    await this.database.deleteFrom('sign_in_failures').where('key', '=', key).execute();
  }

  async trimUsers(bounds: UserBounds): Promise<void> {
    const { nowMs } = bounds;
    await this.database
      .deleteFrom('user_sessions')
      .where((is) => is.or([is('idle_end', '<=', nowMs), is('end', '<=', nowMs)]))
      .execute();
    await this.database.deleteFrom('user_links').where('end', '<=', nowMs).execute();
    await this.database
      .deleteFrom('user_devices')
      .where('seen_at', '<', bounds.devicesSinceMs)
      .execute();
    await this.database
      .deleteFrom('sign_in_failures')
      .where('last_at', '<', bounds.failuresSinceMs)
      .execute();
  }

  async dropOldFailures(count: number): Promise<void> {
    const oldest = await this.database
      .selectFrom('sign_in_failures')
      .select('last_at')
      .orderBy('last_at', 'desc')
      .offset(count)
      .limit(1)
      .executeTakeFirst();
    if (oldest === undefined) return;
    await this.database
      .deleteFrom('sign_in_failures')
      .where('last_at', '<=', oldest.last_at)
      .execute();
  }
}

function columns(user: NewUser) {
  return {
    email: user.email,
    name: user.name,
    role: user.role,
    given_role: user.givenRole,
    state: user.state,
    password_hash: user.passwordHash,
    totp: user.totp,
    pending_totp: user.pendingTotp,
    totp_step: user.totpStep,
    oidc_subject: user.oidcSubject,
    last_sign_in_at: user.lastSignInAtMs,
    revoked_at: user.revokedAtMs,
    role_lost_at: user.roleLostAtMs,
  };
}

function sessionTimes({ lastSeenAtMs, idleEndMs, endMs, confirmedUntilMs }: UserSession) {
  return {
    last_seen_at: lastSeenAtMs,
    idle_end: idleEndMs,
    end: endMs,
    confirmed_until: confirmedUntilMs,
  };
}

function maybeUser(row: Selectable<UserRow> | undefined): User | undefined {
  return row === undefined ? undefined : userOf(row);
}

function userOf(row: Selectable<UserRow>): User {
  return {
    id: row.id,
    rowId: row.row_id,
    organizationId: row.organization_id,
    email: row.email,
    name: row.name,
    role: row.role as RoleName,
    givenRole: row.given_role as RoleName | null,
    state: row.state as UserState,
    passwordHash: row.password_hash,
    totp: row.totp,
    pendingTotp: row.pending_totp,
    totpStep: row.totp_step,
    oidcSubject: row.oidc_subject,
    createdAtMs: row.created_at,
    lastSignInAtMs: row.last_sign_in_at,
    revokedAtMs: row.revoked_at,
    roleLostAtMs: row.role_lost_at,
  };
}

function sessionOf(row: Selectable<UserSessionRow>): UserSession {
  return {
    id: row.id,
    digest: row.digest,
    userId: row.user_id,
    method: row.method as SignInMethod,
    address: row.address,
    userAgent: row.user_agent,
    createdAtMs: row.created_at,
    lastSeenAtMs: row.last_seen_at,
    idleEndMs: row.idle_end,
    endMs: row.end,
    confirmedUntilMs: row.confirmed_until,
  };
}

function linkOf(row: Selectable<UserLinkRow>): UserLink {
  return { digest: row.digest, userId: row.user_id, kind: row.kind as LinkKind, endMs: row.end };
}
