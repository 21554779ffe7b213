/** Signing in with OpenID Connect: which user it is, and the role that the groups give. */
import type { UserChange } from '../../catalog/users.ts';
import type { RoleName, User } from '../../domain/user/user.ts';
import { oidcFlowMs } from '../limits.ts';
import { newPublicId } from '../new-secret.ts';
import { beginSession, type NewSession } from '../sessions.ts';
import { signInRecord, userEmail } from '../sign-in.ts';
import type { UserDesk, Visitor } from '../user-desk.ts';
import { signInFailed } from '../user-error.ts';
import type { OidcFlow, OidcIdentity, OidcProvider } from './oidc-provider.ts';

/** @returns where to send the browser, and what it keeps meanwhile in a cookie */
export async function beginOidc(
  desk: UserDesk,
  provider: OidcProvider,
  redirectUri: string,
): Promise<{ readonly url: string; readonly kept: string }> {
  const { url, flow } = await provider.begin(redirectUri, desk.clock() + oidcFlowMs);
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
  const role = roleOf(provider, identity);
  const nowMs = desk.clock();
  return desk.catalog.changeUsers({ actor: 'console', atMs: nowMs }, async (change) => {
    const known = await findKnown(change, identity, organizationId);
    const wanted = role ?? known?.role;
    if (wanted === undefined) {
      throw signInFailed('None of your groups has a role in Usher. Ask an administrator.');
    }
    const user =
      known ?? (await insertUser(change, desk, { identity, role: wanted, organizationId, nowMs }));
    const signedIn = { ...user, role: wanted, oidcSubject: identity.subject };
    const start = { keys, visitor, method: 'oidc', nowMs } as const;
    const session = await beginSession(desk, change, signedIn, start);
    const changed = user.role === wanted ? [] : [roleRecord(user, wanted)];
    return { result: session, audit: [...changed, signInRecord(session)] };
  });
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
  if (address === undefined) return refuse();
  const byEmail = await change.findUser({ email: address });
  if (byEmail !== undefined) {
    const isTheirs = isEmailVerified && byEmail.organizationId === organizationId;
    return isTheirs && byEmail.oidcSubject === null ? byEmail : refuse();
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
    ...{ id: newPublicId(randomBytes), organizationId, email, role },
    name:
      identity.name
        ?.replace(/[\p{Cc}]/gu, ' ')
        .slice(0, 100)
        .trim() || email,
    ...{ state: 'active', passwordHash: null, totp: null, pendingTotp: null, totpStep: 0 },
    ...{ oidcSubject: identity.subject, createdAtMs: nowMs },
    ...{ lastSignInAtMs: null, revokedAtMs: null },
  });
}

function roleRecord({ organizationId, id: target, role }: User, next: RoleName) {
  const states = { before: { role }, after: { role: next } };
  return { organizationId, action: 'user.role', target, ...states };
}
