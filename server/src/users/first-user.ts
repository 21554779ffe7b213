/** The links that a start prints: of the first administrator, and of the demo's console. */
import { authorOf } from '../administration/administration.ts';
import type { UserChange } from '../catalog/users.ts';
import type { LinkKind, User } from '../domain/user/user.ts';
import { type MadeLink, makeLink } from './links.ts';
import type { UserManager } from './manage-users.ts';
import { newPublicId } from './new-secret.ts';

/** Stand for the first administrator until the link is taken, which may set others. */
const firstUser = { email: 'admin@localhost', name: 'Administrator' } as const;
const demoUser = { email: 'demo@localhost', name: 'Demo' } as const;

/**
 * A link for the first administrator, while there is nobody else. An earlier one stops working.
 * @returns `undefined` if somebody has an account, or was invited
 */
export function linkFirstUser(manager: UserManager): Promise<MadeLink | undefined> {
  return linkPlaceholder(manager, firstUser, 'first', async (change) => {
    const users = await change.listUsers(manager.organizationId);
    const others = users.filter(({ email, state }) => {
      return state !== 'revoked' && (state === 'active' || email !== firstUser.email);
    });
    return others.length === 0 && !(await change.hasActiveUser());
  });
}

/** A link that opens the console of the demo, signed in as an administrator. */
export async function linkDemoUser(manager: UserManager): Promise<MadeLink> {
  return (await linkPlaceholder(manager, demoUser, 'demo', async () => true)) as MadeLink;
}

async function linkPlaceholder(
  { administration, organizationId, keys }: UserManager,
  placeholder: Pick<User, 'email' | 'name'>,
  kind: LinkKind,
  isWanted: (change: UserChange) => Promise<boolean>,
): Promise<MadeLink | undefined> {
  const userKeys = await keys();
  const { catalog, randomBytes } = administration;
  const author = authorOf(administration);
  const nowMs = author.atMs;
  return catalog.changeUsers<MadeLink | undefined>(author, async (change) => {
    if (!(await isWanted(change))) return { result: undefined, audit: [] };
    const known = await change.findUser({ email: placeholder.email, organizationId });
    const user =
      known ??
      (await change.insertUser({
        ...{ id: newPublicId(randomBytes), organizationId, ...placeholder },
        ...{ role: 'admin', givenRole: 'admin', state: 'invited' },
        ...{ passwordHash: null, totp: null, pendingTotp: null },
        ...{ totpStep: 0, oidcSubject: null, createdAtMs: nowMs },
        ...{ lastSignInAtMs: null, revokedAtMs: null, roleLostAtMs: null },
      }));
    const maker = { keys: userKeys, randomBytes, nowMs };
    const link = await makeLink(change, maker, { userId: user.id, kind });
    const after = { role: user.role, link: kind };
    const record = { action: 'user.link', target: user.id, before: null, after };
    return { result: link, audit: [{ organizationId, ...record }] };
  });
}
