/** What administrators and operators do with users: invite, change, reset, revoke. */
import {
  type Administration,
  authorOf,
  openOrganization,
} from '../administration/administration.ts';
import { requireWholeSight } from '../administration/token/actor-sight.ts';
import type { UserAct, UserChange, UserView } from '../catalog/users.ts';
import { UsherError } from '../domain/errors.ts';
import { scopesOfRole } from '../domain/user/role-scopes.ts';
import type { LinkKind, RoleName, User } from '../domain/user/user.ts';
import { endAccess, isLastAdmin } from './access-of-user.ts';
import { maxUsersPerOrganization } from './limits.ts';
import { type MadeLink, makeLink, requireFreeEmail } from './links.ts';
import { newPublicId } from './new-secret.ts';
import { userEmail } from './sign-in.ts';
import { invalid } from './user-error.ts';
import type { UserKeys } from './user-keys.ts';
import { chosenName } from './user-name.ts';
import { type UserAnswer, type UserSessionAnswer, viewUser, viewUserSession } from './view-user.ts';

/** Who manages the users of which organization. */
export interface UserManager {
  readonly administration: Administration;
  readonly organizationId: number;
  readonly keys: () => Promise<UserKeys>;
}

export interface LinkedUser extends MadeLink {
  readonly user: UserAnswer;
}

export async function listUsers(manager: UserManager): Promise<readonly UserAnswer[]> {
  await requireScope(manager, 'admin:read');
  const { catalog } = manager.administration;
  const users = await catalog.readUsers((view) => view.listUsers(manager.organizationId));
  return users.map(viewUser);
}

/** The sessions of all users, the newest first. */
export async function listUserSessions(
  manager: UserManager,
): Promise<readonly UserSessionAnswer[]> {
  await requireScope(manager, 'admin:read');
  const { organizationId, administration } = manager;
  const sessions = await administration.catalog.readUsers((view) =>
    view.listSessions({ organizationId }, administration.clock()),
  );
  return sessions.map(viewUserSession);
}

export interface Invitation {
  readonly email: string;
  readonly name?: string | undefined;
  readonly role: RoleName;
}

/** @throws UsherError `name_taken`, `definition_invalid`, `scope_missing` */
export async function inviteUser(
  manager: UserManager,
  invitation: Invitation,
  kind: LinkKind = 'invitation',
): Promise<LinkedUser> {
  const { organizationId, administration } = manager;
  const email = userEmail(invitation.email);
  if (email === undefined) throw invalid('/email', 'This is not an e-mail address.');
  requireMayGive(administration, invitation.role);
  return changeUsers(manager, async (change, { nowMs, keys }) => {
    const id = newPublicId(administration.randomBytes);
    await requireFreeEmail(change, { id, email, organizationId });
    await requireRoom(change, organizationId);
    const user = await change.insertUser({
      ...{ id, organizationId, email },
      ...{ role: invitation.role, givenRole: invitation.role },
      name: chosenName(invitation.name, email),
      state: 'invited',
      ...{ passwordHash: null, totp: null, pendingTotp: null, totpStep: 0, oidcSubject: null },
      ...{ createdAtMs: nowMs, lastSignInAtMs: null, revokedAtMs: null, roleLostAtMs: null },
    });
    const maker = { keys, randomBytes: administration.randomBytes, nowMs };
    const link = await makeLink(change, maker, { userId: id, kind });
    const after = { role: user.role, link: kind };
    const record = { organizationId, action: 'user.invite', target: id, before: null, after };
    return { result: { user: viewUser(user), ...link }, audit: [record] };
  });
}

export interface UserChanges {
  readonly name?: string | undefined;
  readonly role?: RoleName | undefined;
}

/** @throws UsherError `resource_not_found`, `definition_invalid`, `scope_missing` */
export async function updateUser(
  manager: UserManager,
  reference: string,
  { name, role }: UserChanges,
): Promise<UserAnswer> {
  const { administration } = manager;
  if (role !== undefined) requireMayGive(administration, role);
  return changeUser(manager, reference, async (change, user) => {
    const next = {
      ...user,
      name: chosenName(name, user.name),
      ...(role !== undefined && { role, givenRole: role }),
    };
    if (next.role !== 'admin') await requireOtherAdmin(change, user);
    await change.updateUser(next);
    const audit =
      next.role === user.role && next.givenRole === user.givenRole
        ? []
        : [{ action: 'user.role', before: { role: user.role }, after: { role: next.role } }];
    return { result: viewUser(next), audit };
  });
}

/** @throws UsherError `resource_not_found`, `definition_invalid`, `scope_missing` */
export async function resetUser(manager: UserManager, reference: string): Promise<LinkedUser> {
  const { randomBytes } = manager.administration;
  return changeUser(manager, reference, async (change, user, { nowMs, keys }) => {
    if (user.state === 'revoked')
      throw invalid('', 'The user is revoked. Invite the e-mail again.');
    const cleared = { passwordHash: null, totp: null, pendingTotp: null, totpStep: 0 };
    const next = { ...user, ...cleared };
    await change.updateUser(next);
    await endAccess(change, user.id);
    const kind = user.state === 'invited' ? 'invitation' : 'reset';
    const link = await makeLink(
      ...([change, { keys, randomBytes, nowMs }, { userId: user.id, kind }] as const),
    );
    const audit = [{ action: 'user.reset', before: null, after: { link: kind } }];
    return { result: { user: viewUser(next), ...link }, audit };
  });
}

/** Makes another link for a user. The password counts until the link is taken. */
export async function linkUser(manager: UserManager, reference: string): Promise<LinkedUser> {
  const { randomBytes } = manager.administration;
  return changeUser(manager, reference, async (change, user, { nowMs, keys }) => {
    if (user.state === 'revoked')
      throw invalid('', 'The user is revoked. Invite the e-mail again.');
    const kind = user.state === 'invited' ? 'invitation' : 'reset';
    const maker = { keys, randomBytes, nowMs };
    const link = await makeLink(change, maker, { userId: user.id, kind });
    const audit = [{ action: 'user.link', before: null, after: { link: kind } }];
    return { result: { user: viewUser(user), ...link }, audit };
  });
}

/** @throws UsherError `resource_not_found`, `definition_invalid`, `scope_missing` */
export async function revokeUser(manager: UserManager, reference: string): Promise<UserAnswer> {
  return changeUser(manager, reference, async (change, user, { nowMs }) => {
    if (user.state === 'revoked') return { result: viewUser(user), audit: [] };
    await requireOtherAdmin(change, user);
    const next: User = {
      ...user,
      ...{ state: 'revoked', revokedAtMs: nowMs, passwordHash: null, totp: null },
      ...{ pendingTotp: null, totpStep: 0 },
    };
    await change.updateUser(next);
    await endAccess(change, user.id);
    const states = { before: { state: user.state }, after: { state: 'revoked' } };
    return { result: viewUser(next), audit: [{ action: 'user.revoke', ...states }] };
  });
}

/** @throws UsherError `resource_not_found` */
export async function revokeUserSession(
  manager: UserManager,
  sessionId: string,
): Promise<UserSessionAnswer> {
  const { organizationId } = manager;
  return changeUsers(manager, async (change, { nowMs }) => {
    const sessions = await change.listSessions({ organizationId }, nowMs);
    const found = sessions.find(({ session }) => session.id === sessionId);
    if (found === undefined) {
      throw new UsherError('resource_not_found', 'There is no such session. It may have ended.');
    }
    requireMayGive(manager.administration, found.user.role);
    await change.deleteSessions({ id: sessionId });
    const after = { session: sessionId };
    const target = found.user.id;
    const record = { organizationId, action: 'user.sign_out', target, before: null, after };
    return { result: viewUserSession(found), audit: [record] };
  });
}

interface ChangeFacts {
  readonly nowMs: number;
  readonly keys: UserKeys;
}

type UserRecord = Omit<UserAct, 'organizationId' | 'target'>;

/** Changes one user of the organization, found by the id or the e-mail. */
function changeUser<T>(
  manager: UserManager,
  reference: string,
  work: (
    change: UserChange,
    user: User,
    facts: ChangeFacts,
  ) => Promise<{ readonly result: T; readonly audit: readonly UserRecord[] }>,
): Promise<T> {
  const { organizationId, administration } = manager;
  return changeUsers(manager, async (change, facts) => {
    const email = userEmail(reference);
    const user = await change.findUser(
      email === undefined ? { id: reference } : { email, organizationId },
    );
    if (user === undefined || user.organizationId !== organizationId) {
      throw new UsherError('resource_not_found', 'There is no such user. List them first.');
    }
    requireMayGive(administration, user.role);
    const { result, audit } = await work(change, user, facts);
    const records = audit.map((record) => ({ organizationId, target: user.id, ...record }));
    return { result, audit: records };
  });
}

async function changeUsers<T>(
  manager: UserManager,
  work: (
    change: UserChange,
    facts: ChangeFacts,
  ) => Promise<{ readonly result: T; readonly audit: readonly UserAct[] }>,
): Promise<T> {
  await requireScope(manager, 'admin:write');
  const { administration } = manager;
  const keys = await manager.keys();
  const author = authorOf(administration);
  return administration.catalog.changeUsers(author, (change) =>
    work(change, { nowMs: author.atMs, keys }),
  );
}

async function requireScope(
  { administration, organizationId }: UserManager,
  scope: 'admin:read' | 'admin:write',
): Promise<void> {
  const { catalog, actor } = administration;
  await catalog.read((view) => openOrganization(view, actor, organizationId, scope));
}

/**
 * A token can only act on users whose rights it has: else it could give itself more.
 * @throws UsherError `scope_missing`
 */
function requireMayGive({ actor }: Administration, role: RoleName): void {
  if (actor.kind !== 'token') return;
  requireWholeSight(actor);
  const scope = scopesOfRole(role).find((it) => !actor.token.scopes.includes(it));
  if (scope === undefined) return;
  throw new UsherError(
    'scope_missing',
    `A token can only give roles whose rights it has. The role ${role} needs the scope ${scope}.`,
    { members: { scope } },
  );
}

async function requireOtherAdmin(view: UserView, user: User): Promise<void> {
  if (!(await isLastAdmin(view, user))) return;
  throw invalid('/role', 'This is the last administrator. Give the role to another user first.');
}

async function requireRoom(view: UserView, organizationId: number): Promise<void> {
  const users = await view.listUsers(organizationId);
  const live = users.filter(({ state }) => state !== 'revoked').length;
  if (live < maxUsersPerOrganization) return;
  throw invalid('', `The organization has ${live} users, the most that it may have.`);
}
