/** Links that work once: the first administrator, invitations, new passwords, the demo. */
import type { UserChange } from '../catalog/users.ts';
import { UsherError } from '../domain/errors.ts';
import type { LinkKind, User } from '../domain/user/user.ts';
import { linkLifeMs } from './limits.ts';
import { newSecret } from './new-secret.ts';
import { requireGoodPassword } from './passwords.ts';
import { beginSession, type NewSession } from './sessions.ts';
import { roleRecords, signInRecord, userEmail } from './sign-in.ts';
import type { UserDesk, Visitor } from './user-desk.ts';
import { invalid, signInFailed } from './user-error.ts';
import type { UserKeys } from './user-keys.ts';
import { chosenName } from './user-name.ts';

/** Behind `#`, so that it reaches no server, log or `Referer` header. */
const linkPath = '/console/link#';

export interface MadeLink {
  /** The path with the secret. */
  readonly link: string;
  readonly endMs: number;
}

interface LinkMaker {
  readonly keys: UserKeys;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly nowMs: number;
}

/** Makes a link for a user. Earlier links of the user stop working. */
export async function makeLink(
  change: UserChange,
  { keys, randomBytes, nowMs }: LinkMaker,
  { userId, kind }: { readonly userId: string; readonly kind: LinkKind },
): Promise<MadeLink> {
  const secret = newSecret(randomBytes);
  const endMs = nowMs + linkLifeMs[kind];
  await change.deleteLinks({ userId });
  await change.insertLink({ digest: keys.digest('link', secret), userId, kind, endMs });
  return { link: linkPath + secret, endMs };
}

export interface LinkRequest {
  readonly link: string;
  readonly password?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/**
 * Takes a link, sets what the user chose, and signs the user in. Without a password that it needs,
 * the link still works afterwards.
 * @throws UsherError `sign_in_failed`, `definition_invalid`, `name_taken`, `overloaded`
 */
export async function takeLink(
  desk: UserDesk,
  request: LinkRequest,
  visitor: Visitor,
): Promise<NewSession> {
  const keys = await desk.keys();
  const digest = keys.digest('link', request.link);
  const { user, kind } = await desk.catalog.readUsers((view) =>
    findLinked(view, digest, desk.clock()),
  );
  const changes = await chosen(request, { user, kind });
  // A valid link was given by an administrator, so a flood of sign-ins does not delay it.
  const place = { key: `link ${digest}`, isKnown: true };
  const { password } = request;
  const passwordHash =
    password === undefined ? user.passwordHash : await desk.passwords.hash(password, place);
  const nowMs = desk.clock();
  const author = { actor: `user:${user.id}`, atMs: nowMs };
  return desk.catalog.changeUsers(author, async (change) => {
    // Of two calls with the same link one finds it.
    const now = await findLinked(change, digest, nowMs);
    await requireFreeEmail(change, { ...now.user, ...changes });
    await change.deleteLinks({ userId: user.id });
    if (password !== undefined) await change.deleteSessions({ userId: user.id });
    // The link is an administrator's, and so is the role of who takes it.
    const role = now.user.givenRole ?? now.user.role;
    const signedIn = { ...now.user, ...changes, role, givenRole: role, passwordHash };
    const method = kind === 'demo' ? 'demo' : 'link';
    const start = { keys, visitor, method, nowMs } as const;
    const session = await beginSession(desk, change, signedIn, start);
    return { result: session, audit: [...roleRecords(now.user, role), signInRecord(session)] };
  });
}

async function findLinked(
  view: Pick<UserChange, 'findLink' | 'findUser'>,
  digest: string,
  nowMs: number,
): Promise<{ readonly user: User; readonly kind: LinkKind }> {
  const link = await view.findLink(digest);
  const user = link && (await view.findUser({ id: link.userId }));
  if (link === undefined || user === undefined || nowMs >= link.endMs || user.state === 'revoked') {
    throw signInFailed(
      'The link does not work: it was used, has expired, or was replaced. Ask for another one.',
    );
  }
  return { user, kind: link.kind };
}

async function chosen(
  { password, name, email }: LinkRequest,
  { user, kind }: { readonly user: User; readonly kind: LinkKind },
): Promise<Partial<Pick<User, 'name' | 'email'>>> {
  if (password === undefined && kind !== 'demo') {
    throw signInFailed('Choose a password.', { password_required: true, email: user.email });
  }
  if (email !== undefined && kind !== 'first') {
    throw invalid('/email', 'Only the first administrator chooses the e-mail.');
  }
  const chosenEmail = email === undefined ? user.email : userEmail(email);
  if (chosenEmail === undefined) throw invalid('/email', 'The e-mail is not valid.');
  if (password !== undefined) await requireGoodPassword(password, chosenEmail, '/password');
  return { email: chosenEmail, name: chosenName(name, user.name) };
}

/** @throws UsherError `name_taken` */
export async function requireFreeEmail(
  view: Pick<UserChange, 'findUser'>,
  { id, email, organizationId }: Pick<User, 'id' | 'email' | 'organizationId'>,
): Promise<void> {
  const other = await view.findUser({ email, organizationId });
  if (other === undefined || other.id === id) return;
  throw new UsherError('name_taken', 'Another user has this e-mail.');
}
