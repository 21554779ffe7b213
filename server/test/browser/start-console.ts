/** A real node with the demo's organization, and users of the console who are signed in. */
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { RoleName } from '@usher/contract/roles';
import { listOrganizations } from '../../src/administration/organizations.ts';
import { composeAdministration } from '../../src/compose.ts';
import {
  inviteUser,
  listUserSessions,
  listUsers,
  revokeUserSession,
  type UserManager,
  updateUser,
} from '../../src/users/manage-users.ts';
import { userKeysOf } from '../../src/users/user-keys.ts';
import { startDemo } from '../launch/start-demo.ts';

type UserChange = { readonly role: RoleName } | 'end sessions';

export interface RunningConsole {
  readonly url: string;
  /** Reads contacts of the demo. */
  readonly token: string;
  readonly dataFolder: string;
  /** The link that signs a new user in. */
  invite(role: RoleName, name: string): Promise<string>;
  /** Gives a user another role, or ends all sessions of the user. */
  change(name: string, change: UserChange): Promise<void>;
  /** Makes look-ups, so that there is traffic to show. */
  lookUp(count: number): Promise<void>;
}

/** Ended with the test. */
export async function startConsole(context: Pick<TestContext, 'after'>): Promise<RunningConsole> {
  const { url, token, dataFolder, stop } = await startDemo();
  context.after(stop);
  return {
    url,
    token,
    dataFolder,
    invite: async (role, name) => {
      const link = await inviteInto(dataFolder, { role, name });
      return link.replace(/^[^#]*/, `${url}/console/link`);
    },
    change: (name, change) => changeUser(dataFolder, name, change),
    lookUp: async (count) => {
      const headers = { authorization: `Bearer ${token}` };
      for (let made = 0; made < count; made += 1) {
        const email = made % 9 === 0 ? 'nobody@hello.com' : 'tom@hello.com';
        await fetch(`${url}/audience/v2/contacts?identity=email:${email}`, { headers });
      }
    },
  };
}

function inviteInto(
  dataFolder: string,
  { role, name }: { readonly role: RoleName; readonly name: string },
): Promise<string> {
  // Two users may have one name.
  const email = `${slug(name)}.${randomBytes(3).toString('hex')}@example.com`;
  return manage(
    dataFolder,
    // A link of the demo needs no password.
    async (manager) => (await inviteUser(manager, { email, role, name }, 'demo')).link,
  );
}

function changeUser(dataFolder: string, name: string, change: UserChange): Promise<void> {
  return manage(dataFolder, async (manager) => {
    const users = await listUsers(manager);
    const user = users.find(({ email }) => email.startsWith(slug(name)));
    if (change !== 'end sessions') {
      await updateUser(manager, user?.id ?? '', change);
      return;
    }
    for (const { id, user_id } of await listUserSessions(manager)) {
      if (user_id === user?.id) await revokeUserSession(manager, id);
    }
  });
}

async function manage<Result>(
  dataFolder: string,
  work: (manager: UserManager) => Promise<Result>,
): Promise<Result> {
  const operator = 'test';
  const options = { operator, clock: Date.now, randomBytes, make: false };
  const administration = await composeAdministration({ catalog: 'sqlite', dataFolder }, options);
  try {
    const organizations = await listOrganizations(administration);
    const organizationId = organizations.find((one) => one.name === 'demo')?.id ?? 0;
    return await work({ administration, organizationId, keys: userKeysOf(dataFolder) });
  } finally {
    await administration.catalog.close();
  }
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '.');
}
