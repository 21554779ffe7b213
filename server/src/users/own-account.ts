/** What users change about themselves: confirmation, password, second factor, sessions. */
import type { UserChange } from '../catalog/users.ts';
import { UsherError } from '../domain/errors.ts';
import type { User } from '../domain/user/user.ts';
import { attemptKey, countAttempt } from './attempts.ts';
import { confirmationMs } from './limits.ts';
import { newSecret } from './new-secret.ts';
import { requireGoodPassword } from './passwords.ts';
import { isConfirmed, type NewSession, type SignedIn, sessionEndMs } from './sessions.ts';
import { byGroups, checkCode, wrongCode } from './sign-in.ts';
import { newTotpSecret, totpStepOf, totpUri } from './totp.ts';
import type { UserDesk } from './user-desk.ts';
import { invalid, mustWait, sessionRequired, signInFailed } from './user-error.ts';

/** What proves that the user is who signed in: a code of the second factor, else the password. */
export interface Proof {
  readonly password?: string | undefined;
  readonly code?: string | undefined;
}

/**
 * Lets the user do what needs a confirmation, for 5 minutes. With a second factor only a code
 * counts: otherwise the password alone could turn the factor off.
 * @throws UsherError `sign_in_failed`, `definition_invalid` without a code, `rate_limited`,
 *   `overloaded`
 */
export async function confirmSession(
  desk: UserDesk,
  signedIn: SignedIn,
  proof: Proof,
): Promise<SignedIn> {
  const keys = await desk.keys();
  const { code } = proof;
  if (signedIn.user.totp !== null && code === undefined) {
    throw invalid('/code', 'Send a code of your second factor; the password alone is not enough.');
  }
  const { attemptKey, isRight } = await tryPassword(desk, signedIn, proof.password);
  return onOwnSession(desk, signedIn, async (change, current) => {
    const nowMs = desk.clock();
    const { user } = current;
    const checked =
      user.totp === null || code === undefined ? undefined : checkCode(keys, user, { code, nowMs });
    const proven = typeof checked === 'object' ? checked : undefined;
    if (user.totp === null && !isRight) throw signInFailed(wrongPassword);
    if (user.totp !== null && proven === undefined) throw signInFailed(wrongCode);
    if (proven !== undefined) await change.updateUser(proven);
    await change.deleteFailures(attemptKey);
    const confirmed = { ...current.session, confirmedUntilMs: nowMs + confirmationMs };
    await change.updateSession(confirmed);
    return { user: proven ?? user, session: confirmed };
  });
}

/** Counts the attempt before it compares. The caller deletes the count after a success. */
async function tryPassword(
  desk: UserDesk,
  { user, session }: SignedIn,
  password: string | undefined,
): Promise<{ readonly attemptKey: string; readonly isRight: boolean }> {
  const keys = await desk.keys();
  const place = { key: `session ${session.id}`, isKnown: true };
  const author = { actor: `user:${user.id}`, atMs: desk.clock() };
  return desk.passwords.inTurn(place, async (matches) => {
    const counted = await desk.catalog.changeUsers(author, async (change) => {
      const key = attemptKey(keys, user, place);
      return { result: await countAttempt(change, key, desk.clock()), audit: [] };
    });
    if (!('key' in counted)) throw mustWait(counted.waitMs);
    const isRight = password !== undefined && (await matches(password, user.passwordHash));
    return { attemptKey: counted.key, isRight };
  });
}

/**
 * Sets another password, for the one who knows the old one; with a second factor, or without a
 * password, for the one who has confirmed who they are. This session gets a new secret; all others
 * of the user end.
 * @throws UsherError `sign_in_failed`, `definition_invalid`, `confirmation_required`,
 *   `rate_limited`, `overloaded`
 */
export async function changePassword(
  desk: UserDesk,
  signedIn: SignedIn,
  request: { readonly password?: string | undefined; readonly newPassword: string },
): Promise<NewSession> {
  const { password, newPassword } = request;
  if (signedIn.user.givenRole === null) throw invalid('/new_password', byGroups);
  await requireGoodPassword(newPassword, signedIn.user.email, '/new_password');
  const { user: asking } = signedIn;
  if (asking.passwordHash === null || asking.totp !== null) {
    requireConfirmed(signedIn, desk.clock());
  }
  const known = asking.passwordHash === null ? null : await tryPassword(desk, signedIn, password);
  if (known?.isRight === false) throw signInFailed(wrongPassword);
  const keys = await desk.keys();
  const place = { key: `session ${signedIn.session.id}`, isKnown: true };
  const passwordHash = await desk.passwords.hash(newPassword, place);
  const [secret, device] = [newSecret(desk.randomBytes), newSecret(desk.randomBytes)];
  const changed = await onOwnSession(
    desk,
    signedIn,
    async (change, { user, session }) => {
      if (known !== null) await change.deleteFailures(known.attemptKey);
      const next = { ...session, digest: keys.digest('session', secret) };
      await change.updateUser({ ...user, passwordHash });
      await change.deleteSessions({ userId: user.id });
      await change.deleteLinks({ userId: user.id });
      await change.deleteDevices(user.id);
      await change.insertSession(next);
      const seenAtMs = desk.clock();
      await change.putDevice({ digest: keys.digest('device', device), userId: user.id, seenAtMs });
      return { user: { ...user, passwordHash }, session: next };
    },
    'user.password',
  );
  return { ...changed, secret, device };
}

export interface NewTotp {
  readonly enabled: boolean;
  readonly secret: string | null;
  readonly uri: string | null;
}

/** Makes a secret of a second factor, which counts once a code of it has come back. */
export async function beginTotp(desk: UserDesk, signedIn: SignedIn): Promise<NewTotp> {
  const keys = await desk.keys();
  const secret = newTotpSecret(desk.randomBytes);
  const { user } = await onOwnSession(desk, signedIn, async (change, current) => {
    const pendingTotp = keys.seal('totp', current.user.id, secret);
    const user = { ...current.user, pendingTotp };
    await change.updateUser(user);
    return { ...current, user };
  });
  return { enabled: user.totp !== null, secret, uri: totpUri(secret, user.email) };
}

/** @throws UsherError `sign_in_failed` for a wrong code, `definition_invalid` without a secret */
export async function enableTotp(
  desk: UserDesk,
  signedIn: SignedIn,
  code: string,
): Promise<NewTotp> {
  const keys = await desk.keys();
  await onOwnSession(
    desk,
    signedIn,
    async (change, current) => {
      const { user } = current;
      const secret =
        user.pendingTotp === null ? undefined : keys.open('totp', user.id, user.pendingTotp);
      if (secret === undefined) throw invalid('/code', 'Ask for a secret first: send no code.');
      const step = totpStepOf(secret, code, { nowMs: desk.clock(), afterStep: 0 });
      if (step === undefined) throw signInFailed(wrongCode);
      const next = { ...user, totp: user.pendingTotp, pendingTotp: null, totpStep: step };
      await change.updateUser(next);
      await endOtherSessions(change, current);
      return { ...current, user: next };
    },
    'user.totp_on',
  );
  return { enabled: true, secret: null, uri: null };
}

export async function removeTotp(desk: UserDesk, signedIn: SignedIn): Promise<void> {
  await onOwnSession(
    desk,
    signedIn,
    async (change, current) => {
      const user: User = { ...current.user, totp: null, pendingTotp: null, totpStep: 0 };
      await change.updateUser(user);
      await endOtherSessions(change, current);
      return { ...current, user };
    },
    'user.totp_off',
  );
}

/** Whoever changes how they sign in may know that somebody else is signed in. */
function endOtherSessions(change: UserChange, { user, session }: SignedIn): Promise<void> {
  return change.deleteSessions({ userId: user.id, exceptId: session.id });
}

/** @throws UsherError `confirmation_required` */
function requireConfirmed(signedIn: SignedIn, nowMs: number): void {
  if (isConfirmed(signedIn, nowMs)) return;
  throw new UsherError(
    'confirmation_required',
    'Confirm who you are first: send the password or a code to /console/api/session/confirm.',
  );
}

/**
 * Changes the user as the session finds it now.
 * @param action of the entry in the audit log; none if missing
 */
async function onOwnSession(
  desk: UserDesk,
  signedIn: SignedIn,
  work: (change: UserChange, current: SignedIn) => Promise<SignedIn>,
  action?: string,
): Promise<SignedIn> {
  const nowMs = desk.clock();
  const author = { actor: `user:${signedIn.user.id}`, atMs: nowMs };
  return desk.catalog.changeUsers(author, async (change) => {
    const current = await change.findSession(signedIn.session.digest);
    const isOver = current === undefined || nowMs >= sessionEndMs(current.session);
    if (isOver || current.user.state !== 'active') throw sessionRequired();
    const changed = await work(change, current);
    const { organizationId, id: target } = current.user;
    const audit =
      action === undefined ? [] : [{ organizationId, action, target, before: null, after: null }];
    return { result: changed, audit };
  });
}

const wrongPassword = 'The password is not right.';
