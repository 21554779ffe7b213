/** Opens what administration needs for one command, and closes it whatever happens. */
import type { Administration } from '../administration/administration.ts';
import { composeAdministration } from '../compose.ts';
import type { CommandSession } from './command-frame.ts';

/**
 * @param make whether a data folder that is not there is made; a command that only reads tells instead
 */
export async function withAdministration<T>(
  session: CommandSession,
  make: boolean,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const { operator, clock, randomBytes } = session.io;
  const administration = await composeAdministration(session.settings, {
    operator,
    clock,
    randomBytes,
    make,
  });
  try {
    return await work(administration);
  } finally {
    await administration.catalog.close();
  }
}

/** As above, for one organization by name. */
export async function withOrganization<T>(
  session: CommandSession,
  organization: { readonly name: string; readonly make: boolean },
  work: (administration: Administration, organizationId: number) => Promise<T>,
): Promise<T> {
  const { findOrganizationId } = await import('../administration/organizations.ts');
  return withAdministration(session, organization.make, async (administration) =>
    work(administration, await findOrganizationId(administration, organization.name)),
  );
}
