/**
 * Gathers the suppression lists that a restore must apply: those of the backup, those of the target
 * folder, and those that the operator names. The lists of a backup lack everyone who was erased
 * after it. So an operator must confirm a restore with no other list, and is warned if there is no
 * newer copy of the list to which new erasures went.
 */
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import { makeFolder, putDurably } from '../../stores/durable-file.ts';
import type { DescribedList, SuppressionFiles } from '../../stores/suppression-files.ts';
import type { BackupManifest } from './backup-manifest.ts';

export interface SuppressionChoice {
  /** Further lists, each with its key beside it. */
  readonly files: readonly string[];
  /** Whether to restore with no other list than those of the backup. */
  readonly mayBeMissing: boolean;
}

interface ListFolders {
  readonly dataFolder: string;
  readonly suppressionIn: (folder: string) => SuppressionFiles;
}

/** A list file that the operator named. */
interface GivenList {
  readonly folder: string;
  readonly keyId: string;
}

/** The lists that a restore found besides those of the backup. */
export interface FoundLists {
  /** The folder with the lists of the target folder; `undefined` if it has none. */
  readonly target: string | undefined;
  readonly given: readonly GivenList[];
  /** What to say if no list that was found shows who was erased after the backup. */
  readonly warning: string | undefined;
}

/**
 * Finds the lists of the target folder and the given ones.
 * @throws UsherError `parameter_invalid` if there is none, unless it may be missing, or for a file
 *   that is not named like a list; `resource_not_found` for a file that does not exist;
 *   `store_unavailable` for a list that is damaged or without its key
 */
export async function findLists(
  { dataFolder, suppressionIn }: ListFolders,
  manifest: BackupManifest,
  { files, mayBeMissing }: SuppressionChoice,
): Promise<FoundLists> {
  const folder = join(dataFolder, dataFiles.suppression);
  const isThere = existsSync(folder) && readdirSync(folder).some((name) => listName.test(name));
  const found = { target: isThere ? folder : undefined, given: files.map(givenList) };
  const lists = await describeFound(suppressionIn(dataFolder), found);
  if (lists.length === 0 && !mayBeMissing) throw withoutList(manifest);
  return { ...found, warning: lists.length > 0 ? findOld(manifest, lists) : undefined };
}

/**
 * Erasures after the backup are on the list that was its data folder's own. Another list says
 * nothing of them, however new it is; unless the backup had no own list yet.
 */
function findOld(manifest: BackupManifest, lists: readonly DescribedList[]): string | undefined {
  const own = manifest.suppression.filter(({ isOwn }) => isOwn).map(({ keyId }) => keyId);
  for (const keyId of own.length > 0 ? own : [undefined]) {
    const copies = lists.filter((list) => keyId === undefined || list.keyId === keyId);
    const newestAtMs = Math.max(0, ...copies.map((list) => list.newestAtMs ?? 0));
    if (newestAtMs > manifest.madeAtMs) continue;
    if (copies.length === 0) return withoutOwn(manifest, keyId ?? '');
    return oldLists(manifest, newestAtMs);
  }
  return undefined;
}

async function describeFound(
  files: SuppressionFiles,
  { target, given }: Pick<FoundLists, 'target' | 'given'>,
): Promise<readonly DescribedList[]> {
  const folders = target === undefined ? given : [{ folder: target, keyId: undefined }, ...given];
  const described: DescribedList[] = [];
  for (const { folder, keyId } of folders) {
    described.push(...(await named(folder, async () => files.requireIn(folder, keyId))));
  }
  return described;
}

const listName = /^([0-9a-f]{16})\.list$/;

function givenList(path: string): GivenList {
  const file = resolve(path);
  const keyId = listName.exec(basename(file))?.[1];
  if (keyId === undefined) {
    throw new UsherError(
      'parameter_invalid',
      `${terminalName(path)} is not named like a suppression list. Name a file KEYID.list of the folder ${dataFiles.suppression} of a data folder or backup, with KEYID.key beside it.`,
    );
  }
  if (existsSync(file)) return { folder: dirname(file), keyId };
  throw new UsherError(
    'resource_not_found',
    `There is no file ${terminalName(path)}. Check its path.`,
  );
}

function withoutList({ madeAtMs, suppression }: BackupManifest): UsherError {
  const madeAt = new Date(madeAtMs).toISOString();
  const ofBackup = suppression.length === 0 ? '' : ' The backup has only the erasures before it.';
  return new UsherError(
    'parameter_invalid',
    `There is no suppression list of the data folder, so people who were erased after the backup (${madeAt}) would be there again.${ofBackup} Give the newest list of the data folder that you replace: --suppression FILE, which is its ${dataFiles.suppression}/KEYID.list with KEYID.key beside it. If nobody was erased since, or the list is lost: --no-suppression.`,
  );
}

function withoutOwn({ madeAtMs }: BackupManifest, keyId: string): string {
  const madeAt = new Date(madeAtMs).toISOString();
  return `The suppression list ${keyId} of the data folder was not given, and the backup has only its entries from before the backup (${madeAt}). If people were erased since, they are there again: ${givenNewest}`;
}

function oldLists({ madeAtMs }: BackupManifest, newestAtMs: number): string {
  const madeAt = new Date(madeAtMs).toISOString();
  const newest =
    newestAtMs === 0
      ? 'The suppression lists that were found have no entry'
      : `The newest entry of the suppression lists that were found is from ${new Date(newestAtMs).toISOString()}`;
  return `${newest}: none is later than the backup (${madeAt}). If people were erased since, they are there again: ${givenNewest}`;
}

const givenNewest =
  'restore into a new folder with the newest list of the data folder that you replace (--suppression FILE).';

/**
 * Adds the lists that were found to those of the backup, which are in the work folder already, and
 * checks them all.
 * @throws UsherError `store_unavailable` for a list that is damaged, cut short or without its key
 */
export async function gatherLists(
  lists: SuppressionFiles,
  { target, given }: FoundLists,
): Promise<readonly DescribedList[]> {
  if (target !== undefined) await named(target, () => lists.takeFrom(target));
  for (const { folder, keyId } of given) await named(folder, () => lists.takeFrom(folder, keyId));
  return named('the backup', async () => lists.require());
}

/** Says where a list is that cannot be used. */
async function named<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsherError) || error.code !== 'store_unavailable') throw error;
    throw new UsherError(
      'store_unavailable',
      `Nothing was restored, because of a suppression list in ${terminalName(place)}. ${error.detail}`,
      { cause: error },
    );
  }
}

/**
 * Moves the lists of the work folder into the target folder, each key before its list. They have
 * every entry of the lists that they replace, so a restore that is killed loses none.
 * @returns takes the new files away again
 */
export async function putListsInPlace(
  dataFolder: string,
  work: string,
): Promise<() => Promise<void>> {
  const from = join(work, dataFiles.suppression);
  const to = join(dataFolder, dataFiles.suppression);
  const isNew = !existsSync(to);
  if (!existsSync(from)) return async () => undefined;
  await makeFolder(to);
  for (const name of readdirSync(from).sort()) await putDurably(join(from, name), join(to, name));
  await rm(from, { recursive: true });
  return async () => {
    if (isNew) await rm(to, { recursive: true, force: true });
  };
}
