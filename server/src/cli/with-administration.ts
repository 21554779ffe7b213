/** Opens the catalog for one command, and always closes it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Administration } from '../administration/administration.ts';
import { composeAdministration, isCatalogThere } from '../compose.ts';
import type { CommandSession } from './command-frame.ts';

/** @param make whether to create a missing data folder; otherwise its absence is an error */
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

/** The same for one organization, found by its name. */
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

/** The same for a dry run: where there is no data folder yet, in a temporary one. */
export async function withTrialOrganization<T>(
  session: CommandSession,
  name: string,
  work: (
    administration: Administration,
    organizationId: number,
    session: CommandSession,
  ) => Promise<T>,
): Promise<T> {
  const { settings } = session;
  if (await isCatalogThere(settings)) {
    return withOrganization(session, { name, make: false }, (administration, organizationId) =>
      work(administration, organizationId, session),
    );
  }
  const dataFolder = await mkdtemp(join(tmpdir(), 'usher-trial-'));
  const trial = { ...session, settings: { ...settings, dataFolder } };
  try {
    return await withOrganization(trial, { name, make: true }, (administration, organizationId) =>
      work(administration, organizationId, trial),
    );
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}
