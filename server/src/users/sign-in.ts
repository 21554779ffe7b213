/**
 * Signing in with a password, and a code if the user has a second factor. An e-mail that nobody has
 * takes the same work and gets the same answer.
 */
import type { UserView } from '../catalog/users.ts';
import { normaliseIdentity } from '../domain/contact/identity.ts';
import type { RoleName, User } from '../domain/user/user.ts';
import { type Account, attemptKey, countAttempt, networkOf, takeBackAttempt } from './attempts.ts';
import type { AttemptPlace } from './password-work.ts';
import { beginSession, type NewSession } from './sessions.ts';
import { totpStepOf } from './totp.ts';
import type { UserDesk, Visitor } from './user-desk.ts';
import { mustWait, signInFailed } from './user-error.ts';
import type { UserKeys } from './user-keys.ts';

export interface SignInRequest {
  /** `undefined`: the caller named one that does not exist. */
  readonly organizationId: number | undefined;
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
}

const wrong = 'The e-mail or the password is not right.';
/** Each code works once. */
export const wrongCode = 'This code is not right, or it was used. Wait for the next one.';

/** @throws UsherError `sign_in_failed`, `rate_limited`, `overloaded` */
export async function signIn(
  desk: UserDesk,
  request: SignInRequest,
  visitor: Visitor,
): Promise<NewSession> {
  const keys = await desk.keys();
  const email = userEmail(request.email) ?? request.email.trim().toLowerCase();
  const account = { organizationId: request.organizationId, email };
  const place = await placeOf(desk, keys, { account, visitor });
  // Nothing is written before it is the turn of this place.
  const { user, isRight, attempt } = await desk.passwords.inTurn(place, async (matches) => {
    const begun = await beginAttempt(desk, keys, { account, place });
    const stored = begun.user?.passwordHash ?? null;
    return { ...begun, isRight: await matches(request.password, stored) };
  });
  if (!isRight || user === undefined) throw signInFailed(wrong);
  const { passwordHash: stored } = user;
  const nowMs = desk.clock();
  const author = { actor: `user:${user.id}`, atMs: nowMs };
  const outcome = await desk.catalog.changeUsers<
    NewSession | 'missing' | 'wrong' | 'wrong_code' | 'by_groups'
  >(author, async (change) => {
    const current = await change.findUser({ id: user.id });
    // The user may have changed while the password was checked.
    const isSame = current?.passwordHash === stored && current.state !== 'revoked';
    if (current === undefined || !isSame) return { result: 'wrong', audit: [] };
    const checked = checkCode(keys, current, { code: request.code, nowMs });
    if (checked === 'wrong') return { result: 'wrong_code', audit: [] };
    if (checked === 'missing') {
      await takeBackAttempt(change, attempt.key);
      return { result: 'missing', audit: [] };
    }
    await change.deleteFailures(attempt.key);
    const role = checked.givenRole;
    if (role === null) return { result: 'by_groups', audit: [] };
    const start = { keys, visitor, method: 'password', nowMs } as const;
    const session = await beginSession(desk, change, { ...checked, role }, start);
    return { result: session, audit: [...roleRecords(checked, role), signInRecord(session)] };
  });
  if (typeof outcome === 'object') return outcome;
  if (outcome === 'wrong') throw signInFailed(wrong);
  if (outcome === 'by_groups') throw signInFailed(byGroups);
  // Who gets here knows the password.
  const missing = 'Send the code that your authenticator shows, too.';
  throw signInFailed(outcome === 'missing' ? missing : wrongCode, { code_required: true });
}

/** Nobody would tell Usher that the groups are gone. */
export const byGroups =
  'Your role comes from your groups at the OpenID provider. Sign in there, or ask an administrator for a link.';

/** An e-mail as users have it; `undefined` if it is none. */
export function userEmail(text: string): string | undefined {
  return normaliseIdentity('email', text)?.toLowerCase();
}

/** A known browser of the account, or else a network. */
async function placeOf(
  { catalog }: UserDesk,
  keys: UserKeys,
  { account, visitor }: { readonly account: Account; readonly visitor: Visitor },
): Promise<AttemptPlace> {
  const network = { key: networkOf(visitor.address), isKnown: false };
  if (visitor.device === undefined) return network;
  const device = keys.digest('device', visitor.device);
  return catalog.readUsers(async (view) => {
    const user = await findAccount(view, account);
    const isKnown = user !== undefined && (await view.hasDevice(device, user.id));
    return isKnown ? { key: device, isKnown } : network;
  });
}

/**
 * Finds the account, and counts the attempt before it is known whether it fails.
 * @throws UsherError `rate_limited`
 */
async function beginAttempt(
  { catalog, clock }: UserDesk,
  keys: UserKeys,
  { account, place }: { readonly account: Account; readonly place: AttemptPlace },
) {
  const nowMs = clock();
  const begun = await catalog.changeUsers({ actor: 'console', atMs: nowMs }, async (change) => {
    const user = await findAccount(change, account);
    const attempt = await countAttempt(change, attemptKey(keys, account, place), nowMs);
    return { result: { user, attempt }, audit: [] };
  });
  const { user, attempt } = begun;
  if (!('key' in attempt)) throw mustWait(attempt.waitMs);
  return { user, attempt };
}

async function findAccount(
  view: UserView,
  { organizationId, email }: Account,
): Promise<User | undefined> {
  return organizationId === undefined ? undefined : view.findUser({ organizationId, email });
}

/** The user with the code noted as used, if the code is right or none is needed. */
export function checkCode(
  keys: UserKeys,
  user: User,
  { code, nowMs }: { readonly code: string | undefined; readonly nowMs: number },
): User | 'missing' | 'wrong' {
  if (user.totp === null) return user;
  if (code === undefined) return 'missing';
  const secret = keys.open('totp', user.id, user.totp);
  if (secret === undefined) return 'wrong';
  const step = totpStepOf(secret, code, { nowMs, afterStep: user.totpStep });
  return step === undefined ? 'wrong' : { ...user, totpStep: step };
}

/** The entry of the audit log. */
export function signInRecord({ user, session }: NewSession) {
  return {
    organizationId: user.organizationId,
    action: 'user.sign_in',
    target: user.id,
    before: null,
    after: { method: session.method, session: session.id },
  };
}

/** The entry of the audit log about the role that a sign-in gives; none if the user has it. */
export function roleRecords({ organizationId, id: target, role }: User, next: RoleName) {
  if (role === next) return [];
  const states = { before: { role }, after: { role: next } };
  return [{ organizationId, action: 'user.role', target, ...states }];
}
