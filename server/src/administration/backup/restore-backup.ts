/**
 * Restores a backup into a new or empty data folder, completely or not at all. Each file is checked
 * against the manifest while it is copied, and the store is read before it is put in place. People
 * on a suppression list are erased from it before that, so no look-up ever finds them. The store
 * keeps its id, so its baselines stay valid.
 */
import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { lstat, mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { AccessSubject } from '../../access/access-entry.ts';
import { requestAccessErasure } from '../../access/erasure-spool.ts';
import type { CatalogFiles } from '../../catalog/catalog-files.ts';
import type { IdentityRules } from '../../domain/contact/identity-rules.ts';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { minFreeDiskBytes } from '../../domain/limits.ts';
import { syncFolder } from '../../stores/durable-file.ts';
import { takeFileLock } from '../../stores/file-lock.ts';
import { idWords } from '../../stores/read-record.ts';
import type { StoreDescription, StoreFiles, WalkOptions } from '../../stores/store-files.ts';
import type { DescribedList, SuppressionFiles } from '../../stores/suppression-files.ts';
import { addUp, copyFile, noRoomFor, spaceError, syncFolders } from './backup-files.ts';
import { type BackupManifest, readManifest } from './backup-manifest.ts';
import {
  type FoundLists,
  findLists,
  gatherLists,
  putListsInPlace,
  type SuppressionChoice,
} from './restored-lists.ts';
import { requireNoRestore, restoreFolder } from './unfinished-restore.ts';

export interface RestoreParts {
  readonly dataFolder: string;
  /** Opens the files of a store or a catalog in any folder. */
  readonly storeIn: (folder: string) => StoreFiles;
  readonly catalogIn: (folder: string) => Promise<CatalogFiles>;
  readonly suppressionIn: (folder: string) => SuppressionFiles;
  /** The identity rules of each organization in the catalog of a data folder. */
  readonly readRulesIn: (folder: string) => Promise<ReadonlyMap<number, IdentityRules>>;
}

/** What the suppression lists took out of the restored store. */
export interface ErasedOnRestore {
  readonly contacts: number;
  readonly rows: number;
  /** Rows of others, which stayed without an erased identity. */
  readonly keptRows: number;
}

export interface Restored {
  readonly manifest: BackupManifest;
  /** The store as it is now; `undefined` if there are no contacts. */
  readonly store: StoreDescription | undefined;
  /** The lists of the restored folder. */
  readonly lists: readonly DescribedList[];
  /** Set if people who were erased after the backup may be there again. */
  readonly warning: string | undefined;
  readonly erased: ErasedOnRestore;
}

/**
 * @param folder the backup
 * @throws UsherError `resource_not_found` without a backup, `parameter_invalid` for a data folder
 *   that is in use or not empty, or if no suppression list is given, `store_unavailable` for a
 *   backup or a list that is damaged, or a backup from a newer release, `storage_full`; the data
 *   folder is then as it was
 */
export async function restoreBackup(
  parts: RestoreParts,
  folder: string,
  options: WalkOptions & { readonly suppression: SuppressionChoice },
): Promise<Restored> {
  const from = resolve(folder);
  const { dataFolder } = parts;
  const fileNames = [
    parts.storeIn(dataFolder).fileName,
    (await parts.catalogIn(dataFolder)).fileName,
  ];
  const manifest = await readManifest(from, fileNames);
  await requireReadable(parts, manifest);
  await requireFiles(from, manifest);
  requireEmpty(dataFolder);
  const found = await findLists(parts, manifest, options.suppression);
  requireRoom(dataFolder, manifest);
  const isNew = !existsSync(dataFolder);
  const work = restoreFolder(dataFolder);
  await makeFolders(dataFolder, work);
  try {
    await copyFiles({ from, to: work }, manifest, options);
    await requireSame(parts, work, { manifest, options });
    const cleaned = await eraseListed(parts, work, { found, manifest, options });
    options.interrupted.throwIfAborted();
    await putInPlace(dataFolder, work, manifest);
    return { manifest, ...cleaned, warning: found.warning };
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (isNew) await rmdir(dataFolder).catch(() => undefined);
    throw spaceError(error, dataFolder);
  }
}

async function requireReadable(parts: RestoreParts, manifest: BackupManifest): Promise<void> {
  const { newestFormatVersion } = parts.storeIn(parts.dataFolder);
  const { knownSteps } = await parts.catalogIn(parts.dataFolder);
  const isNewer =
    (manifest.store?.formatVersion ?? 0) > newestFormatVersion ||
    manifest.catalog.steps.some((step) => !knownSteps.includes(step));
  if (!isNewer) return;
  throw new UsherError(
    'store_unavailable',
    `A newer release of Usher (${manifest.release.slice(0, 20)}) made this backup. Restore it with that release or a later one.`,
  );
}

/** A quick check of sizes; the contents are checked while they are copied. */
async function requireFiles(from: string, manifest: BackupManifest): Promise<void> {
  for (const { path, bytes } of manifest.files) {
    const stats = await lstat(join(from, path)).catch(() => undefined);
    if (stats?.isFile() === true && stats.size === bytes) continue;
    throw damaged(path);
  }
}

/** The folder may hold suppression lists, which the restore applies. */
function requireEmpty(dataFolder: string): void {
  if (!existsSync(dataFolder)) return;
  requireNoRestore(dataFolder);
  if (readdirSync(dataFolder).every((name) => name === dataFiles.suppression)) return;
  const isHeld = [dataFiles.serverLock, dataFiles.writerLock].some((name) =>
    isLocked(join(dataFolder, name)),
  );
  const next = 'name a new folder with --data, or move this one away first';
  throw new UsherError(
    'parameter_invalid',
    isHeld
      ? `A server or another process uses ${dataFolder}. Stop it, then ${next}.`
      : `${dataFolder} is not empty, and a restore overwrites nothing: ${next}. Only the folder ${dataFiles.suppression} may be there.`,
  );
}

function isLocked(path: string): boolean {
  if (!existsSync(path)) return false;
  const lock = takeFileLock(path);
  lock?.release();
  return lock === undefined;
}

function requireRoom(dataFolder: string, manifest: BackupManifest): void {
  let existing = dataFolder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const needed = manifest.files.reduce((sum, { bytes }) => sum + bytes, minFreeDiskBytes);
  if (bavail * bsize < needed) throw noRoomFor(dataFolder);
}

async function makeFolders(dataFolder: string, work: string): Promise<void> {
  const parent = dirname(dataFolder);
  if (!statSync(parent, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsherError('parameter_invalid', `There is no folder ${parent}. Make it first.`);
  }
  if (!existsSync(dataFolder)) await mkdir(dataFolder, { mode: 0o700 });
  await mkdir(work, { mode: 0o700 });
}

async function copyFiles(
  folders: { readonly from: string; readonly to: string },
  { files }: BackupManifest,
  { interrupted, onProgress }: WalkOptions,
): Promise<void> {
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const onBytes = addUp('copying', totalBytes, onProgress);
  for (const { path, sha256 } of files) {
    const copied = await copyFile(path, folders, { interrupted, onBytes });
    if (copied?.sha256 !== sha256) throw damaged(path);
  }
}

/** Checks that this release reads the same contents as the ones that were backed up. */
async function requireSame(
  parts: RestoreParts,
  work: string,
  { manifest, options }: { manifest: BackupManifest; options: WalkOptions },
): Promise<void> {
  const catalog = await parts.catalogIn(work);
  const { steps } = await catalog.describe();
  if (steps.join() !== manifest.catalog.steps.join()) throw damaged(catalog.fileName);
  if (manifest.store === undefined) return;
  const store = parts.storeIn(work);
  const found = await store.describe(options);
  if (!isSameStore(found, manifest.store)) throw damaged(store.fileName);
}

function isSameStore(found: StoreDescription, expected: StoreDescription): boolean {
  return (
    found.fullDigest === expected.fullDigest &&
    found.storeId === expected.storeId &&
    found.formatVersion === expected.formatVersion &&
    found.contacts === expected.contacts &&
    found.identities === expected.identities
  );
}

/** Applies the suppression lists in the work folder, and leaves no byte of those they name. */
async function eraseListed(
  { storeIn, suppressionIn, readRulesIn }: RestoreParts,
  work: string,
  restored: {
    readonly found: FoundLists;
    readonly manifest: BackupManifest;
    readonly options: WalkOptions;
  },
): Promise<Omit<Restored, 'manifest' | 'warning'>> {
  const { found, manifest, options } = restored;
  const lists = await gatherLists(suppressionIn(work), found);
  const { store } = manifest;
  const nothing = { contacts: 0, rows: 0, keptRows: 0 };
  if (store === undefined || lists.length === 0) return { store, lists, erased: nothing };
  const { interrupted } = options;
  const rules = await readRulesIn(work);
  const looks: AccessSubject[] = [];
  const { rows, keptRows } = await suppressionIn(work).apply({
    rules,
    interrupted,
    isRestored: true,
    onErased: (organizationId, erased) => {
      for (const { typeId, digest } of erased) {
        looks.push({ organizationId, typeId, words: idWords(digest) });
      }
    },
  });
  // The next server removes them from the access log.
  await requestAccessErasure(work, 'restore', looks);
  await storeIn(work).compact(options);
  const cleaned = await storeIn(work).describe(options);
  const contacts = Math.max(0, store.contacts - cleaned.contacts);
  return { store: cleaned, lists, erased: { contacts, rows, keptRows } };
}

/**
 * The last step removes the work folder. While it exists, Usher refuses the data folder that
 * contains it.
 */
async function putInPlace(
  dataFolder: string,
  work: string,
  manifest: BackupManifest,
): Promise<void> {
  await syncFolders(work);
  const names = new Set(manifest.files.map(({ path }) => path.split('/')[0] ?? path));
  names.delete(dataFiles.suppression);
  const removeLists = await putListsInPlace(dataFolder, work);
  try {
    for (const name of names) await rename(join(work, name), join(dataFolder, name));
    await syncFolder(dataFolder);
  } catch (error) {
    for (const name of names) await rm(join(dataFolder, name), { recursive: true, force: true });
    await removeLists();
    throw error;
  }
  // The work folder now only holds locks of the files that were read in it.
  await rm(work, { recursive: true });
  await syncFolder(dataFolder);
}

function damaged(path: string): UsherError {
  return new UsherError(
    'store_unavailable',
    `The backup is damaged: ${path} differs from the file that was backed up. Nothing was restored. Use another backup.`,
  );
}
