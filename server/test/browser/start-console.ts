/** A real node with the demo's organization, and users of the console who are signed in. */
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { RoleName } from '@usher/contract/roles';
import { listOrganizations } from '../../src/administration/organizations.ts';
import { composeAdministration } from '../../src/compose.ts';
import { inviteUser } from '../../src/users/manage-users.ts';
import { userKeysOf } from '../../src/users/user-keys.ts';
import { startDemo } from '../launch/start-demo.ts';

export interface RunningConsole {
  readonly url: string;
  /** Reads contacts of the demo. */
  readonly token: string;
  readonly dataFolder: string;
  /** The link that signs a new user in. */
  invite(role: RoleName, name: string): Promise<string>;
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
    lookUp: async (count) => {
      const headers = { authorization: `Bearer ${token}` };
      for (let made = 0; made < count; made += 1) {
        const email = made % 9 === 0 ? 'nobody@hello.com' : 'tom@hello.com';
        await fetch(`${url}/audience/v2/contacts?identity=email:${email}`, { headers });
      }
    },
  };
}

async function inviteInto(
  dataFolder: string,
  { role, name }: { readonly role: RoleName; readonly name: string },
): Promise<string> {
  const operator = 'test';
  const options = { operator, clock: Date.now, randomBytes, make: false };
  const administration = await composeAdministration({ catalog: 'sqlite', dataFolder }, options);
  try {
    const organizations = await listOrganizations(administration);
    const organizationId = organizations.find((one) => one.name === 'demo')?.id ?? 0;
    const manager = { administration, organizationId, keys: userKeysOf(dataFolder) };
    // Two users may have one name.
    const email = `${name.toLowerCase().replaceAll(' ', '.')}.${randomBytes(3).toString('hex')}@example.com`;
    // A link of the demo needs no password.
    return (await inviteUser(manager, { email, role, name }, 'demo')).link;
  } finally {
    await administration.catalog.close();
  }
}
