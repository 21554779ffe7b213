/** Signing in with OpenID Connect: which user it is, and the role that the groups give. */
import type { UserAct, UserChange } from '../../catalog/users.ts';
import { plainText } from '../../domain/text-characters.ts';
import type { RoleName, User } from '../../domain/user/user.ts';
import { endAccess, isLastAdmin } from '../access-of-user.ts';
import { confirmationMs, maxUserNameLength, oidcFlowMs } from '../limits.ts';
import { newPublicId } from '../new-secret.ts';
import { beginSession, type NewSession } from '../sessions.ts';
import { roleRecords, signInRecord, userEmail } from '../sign-in.ts';
import type { UserDesk, Visitor } from '../user-desk.ts';
import { signInFailed } from '../user-error.ts';
import type { OidcFlow, OidcIdentity, OidcProvider } from './oidc-provider.ts';

/**
 * @param isConfirmation whether somebody is signed in, and confirms who they are
 * @returns where to send the browser, and what it keeps meanwhile in a cookie
 */
export async function beginOidc(
  desk: UserDesk,
  provider: OidcProvider,
  redirectUri: string,
  isConfirmation: boolean,
): Promise<{ readonly url: string; readonly kept: string }> {
  const endMs = desk.clock() + oidcFlowMs;
  const { url, flow } = await provider.begin({ redirectUri, endMs, isConfirmation });
  const keys = await desk.keys();
  return { url: url.href, kept: keys.seal('oidc', flowName, JSON.stringify(flow)) };
}

/** What the browser kept is of no user. */
const flowName = 'flow';

export interface OidcAnswer {
  /** The query of the callback's address. */
  readonly parameters: string;
  /** What the browser kept; `undefined` if it has no such cookie. */
  readonly kept: string | undefined;
  readonly organizationId: number;
}

/** @throws UsherError `sign_in_failed` */
export async function finishOidc(
  desk: UserDesk,
  provider: OidcProvider,
  { parameters, kept, organizationId }: OidcAnswer,
  visitor: Visitor,
): Promise<NewSession> {
  const keys = await desk.keys();
  const text = kept === undefined ? undefined : keys.open('oidc', flowName, kept);
  const flow = text === undefined ? undefined : (JSON.parse(text) as OidcFlow);
  if (flow === undefined || desk.clock() >= flow.endMs) {
    throw signInFailed('This sign-in did not begin in this browser, or took too long. Try again.');
  }
  const identity = await provider.finish(flow, parameters);
  const groupRole = roleOf(provider, identity);
  const nowMs = desk.clock();
  const provenAtMs = Math.min(identity.provenAtMs ?? 0, nowMs);
  if (flow.isConfirmation && nowMs >= provenAtMs + confirmationMs) throw signInFailed(notAsked);
  const author = { actor: 'console', atMs: nowMs };
  const made = await desk.catalog.changeUsers<NewSession | undefined>(author, async (change) => {
    const known = await findKnown(change, identity, organizationId);
    const role = groupRole ?? known?.givenRole ?? undefined;
    if (role === undefined) {
      return {
        result: undefined,
        audit: known === undefined ? [] : await endRole(change, known, nowMs),
      };
    }
    const user =
      known ?? (await insertUser(change, desk, { identity, role, organizationId, nowMs }));
    const isKept = role !== 'admin' && (await isLastGivenAdmin(change, user));
    const next = isKept ? user.role : role;
    const signedIn = { ...user, role: next, oidcSubject: identity.subject };
    const start = { keys, visitor, method: 'oidc', nowMs, provenAtMs } as const;
    const session = await beginSession(desk, change, signedIn, start);
    const changes = isKept ? [keptRecord(user, role)] : roleRecords(user, next);
    return { result: session, audit: [...changes, signInRecord(session)] };
  });
  if (made !== undefined) return made;
  throw signInFailed('None of your groups has a role in Usher. Ask an administrator.');
}

const notAsked =
  'The OpenID provider did not say that it asked who you are within the last 5 minutes (auth_time). Try again, or ask an administrator for a link to choose a password.';

/** Ends the sessions of a user whose role came from groups that are gone. */
async function endRole(change: UserChange, user: User, nowMs: number): Promise<readonly UserAct[]> {
  const { organizationId, id: target, role } = user;
  await endAccess(change, target);
  await change.updateUser({ ...user, roleLostAtMs: nowMs });
  const states = { before: { role }, after: null };
  return [{ organizationId, action: 'user.role_lost', target, ...states }];
}

/** Nobody could give the role back: only a role that an administrator gave outlives the groups. */
async function isLastGivenAdmin(change: UserChange, user: User): Promise<boolean> {
  return user.givenRole === 'admin' && (await isLastAdmin(change, user));
}

/** Tells administrators that groups and role disagree. */
function keptRecord({ organizationId, id: target, role }: User, groupRole: RoleName): UserAct {
  const after = { role, role_of_groups: groupRole, reason: 'last_administrator' };
  return { organizationId, action: 'user.role_kept', target, before: { role }, after };
}

/** The role of the first group of the settings that the user has. */
function roleOf({ options }: OidcProvider, { groups }: OidcIdentity): RoleName | undefined {
  for (const [group, role] of options.roles) {
    if (groups.includes(group)) return role;
  }
  return undefined;
}

/**
 * The user with this subject, or the one with this e-mail, if the provider has verified it: anybody
 * may write any e-mail into an account of some providers.
 */
async function findKnown(
  change: UserChange,
  { subject, email, isEmailVerified }: OidcIdentity,
  organizationId: number,
): Promise<User | undefined> {
  const address = email === undefined ? undefined : userEmail(email);
  const bySubject = await change.findUser({ oidcSubject: subject });
  if (bySubject !== undefined) {
    return bySubject.organizationId === organizationId ? bySubject : refuse();
  }
  // Nobody is entered under an e-mail that may be another person's.
  if (address === undefined || !isEmailVerified) return refuse();
  const byEmail = await change.findUser({ email: address, organizationId });
  if (byEmail !== undefined) {
    return byEmail.oidcSubject === null ? byEmail : refuse();
  }
  const users = await change.listUsers(organizationId);
  const isRevoked = users.some((user) => user.oidcSubject === subject || user.email === address);
  return isRevoked ? refuse() : undefined;
}

function refuse(): never {
  throw signInFailed(
    'This account may not sign in: it has no verified e-mail, was revoked, or belongs to somebody else. Ask an administrator.',
  );
}

interface NewOidcUser {
  readonly identity: OidcIdentity;
  readonly role: RoleName;
  readonly organizationId: number;
  readonly nowMs: number;
}

function insertUser(
  change: UserChange,
  { randomBytes }: UserDesk,
  { identity, role, organizationId, nowMs }: NewOidcUser,
): Promise<User> {
  const email = userEmail(identity.email ?? '') ?? refuse();
  return change.insertUser({
    ...{ id: newPublicId(randomBytes), organizationId, email, role, givenRole: null },
    name: plainText(identity.name ?? '', maxUserNameLength) ?? email,
    ...{ state: 'active', passwordHash: null, totp: null, pendingTotp: null, totpStep: 0 },
    ...{ oidcSubject: identity.subject, createdAtMs: nowMs },
    ...{ lastSignInAtMs: null, revokedAtMs: null, roleLostAtMs: null },
  });
}
