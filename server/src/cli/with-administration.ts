/** Opens the catalog, the contact store or a temporary folder for one command, and closes it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Administration } from '../administration/administration.ts';
import { movedLines } from '../administration/approval/moves-words.ts';
import { composeAdministration, composeReader, isCatalogThere } from '../compose.ts';
import type { Settings } from '../settings/settings.ts';
import { findStore } from '../stores/find-store.ts';
import type { ContactReader } from '../stores/store.ts';
import type { CommandSession } from './command-frame.ts';

/** @param make whether to create a missing data folder; otherwise its absence is an error */
export async function withAdministration<T>(
  {
    settings,
    io,
    plan,
    output,
  }: Pick<CommandSession, 'settings' | 'io'> & Partial<Pick<CommandSession, 'plan' | 'output'>>,
  make: boolean,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const { operator, clock, randomBytes } = io;
  const options = { operator, clock, randomBytes, make };
  const administration = await composeAdministration(settings, options);
  try {
    return await work({
      ...administration,
      ...(plan !== undefined && { plan }),
      onMoved: (flows) => {
        for (const line of movedLines(flows)) output?.message(line);
      },
    });
  } finally {
    await administration.catalog.close();
  }
}

type OrganizationWork<T> = (
  administration: Administration,
  organizationId: number,
  /**
   * The session whose data folder the work uses: the folder is a temporary one in a dry run without
   * a data folder.
   */
  session: CommandSession,
) => Promise<T>;

/** Like `withAdministration`, with the id of the organization that the command works on. */
export function withOrganization<T>(session: CommandSession, work: OrganizationWork<T>) {
  return withNamed(session, false, work);
}

/** Like `withOrganization`, and creates a missing data folder. */
export function withOrganizationMade<T>(session: CommandSession, work: OrganizationWork<T>) {
  return withNamed(session, true, work);
}

/**
 * Like `withOrganization`, for a dry run: if there is no data folder yet, a temporary one is used.
 */
export async function withTrialOrganization<T>(
  session: CommandSession,
  work: OrganizationWork<T>,
): Promise<T> {
  const { settings } = session;
  if (await isCatalogThere(settings)) return withOrganization(session, work);
  return withTemporaryFolder((dataFolder) =>
    withOrganizationMade({ ...session, settings: { ...settings, dataFolder } }, work),
  );
}

async function withNamed<T>(
  session: CommandSession,
  make: boolean,
  work: OrganizationWork<T>,
): Promise<T> {
  const { findOrganizationId } = await import('../administration/organizations.ts');
  return withAdministration(session, make, async (administration) =>
    work(administration, await findOrganizationId(administration, session.organization), session),
  );
}

/** Opens the contact store for `work`, which only reads. */
export async function withReader<T>(
  settings: Pick<Settings, 'dataFolder'>,
  work: (reader: ContactReader) => T | Promise<T>,
): Promise<T> {
  const reader = await composeReader(settings);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

/** Like `withReader`, but `work` gets `undefined` if there are no contacts yet. */
export function withReaderIfAny<T>(
  settings: Pick<Settings, 'dataFolder'>,
  work: (reader: ContactReader | undefined) => Promise<T>,
): Promise<T> {
  const isThere = findStore(settings.dataFolder) === 'there';
  return isThere ? withReader(settings, work) : work(undefined);
}

/** Runs `work` with a temporary folder, and removes the folder afterwards. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-command-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
