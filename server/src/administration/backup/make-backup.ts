/**
 * Makes a backup of a data folder while servers and syncs run. The backup is complete or does not
 * exist.
 *
 * The order of copying keeps the parts consistent. The store comes first, as of one moment, with
 * the baselines and reference rows that it names, because the next run removes those. The catalog
 * comes after the store: a catalog that is newer than its store is normal for a moment on every
 * server, but a store that is newer than its catalog could hold values of field numbers that are
 * assigned again later. The suppression lists come last: they name everyone who is missing in the
 * copied store, and perhaps people who were erased meanwhile, whom a restore erases too.
 */
import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { CatalogDescription, CatalogFiles } from '../../catalog/catalog-files.ts';
import { dataFiles, datasetFolder, suppressionFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { minFreeDiskBytes } from '../../domain/limits.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import { syncFolder, writeDurably } from '../../stores/durable-file.ts';
import type {
  NamedBaseline,
  StoreDescription,
  StoreFiles,
  WalkOptions,
} from '../../stores/store-files.ts';
import type { SuppressionFiles } from '../../stores/suppression-files.ts';
import {
  addUp,
  copyFile,
  describeFile,
  type FileCopyOptions,
  listFiles,
  spaceError,
  syncFolders,
} from './backup-files.ts';
import {
  type BackedUpFile,
  type BackedUpList,
  type BackupManifest,
  backedUpFolders,
  manifestName,
  manifestText,
} from './backup-manifest.ts';

export interface BackupParts {
  readonly dataFolder: string;
  readonly store: StoreFiles;
  readonly catalog: CatalogFiles;
  /** The suppression lists of any data folder. */
  readonly suppressionIn: (dataFolder: string) => SuppressionFiles;
  /** The release of Usher. */
  readonly release: string;
  readonly clock: () => number;
}

/**
 * @param folder the place of the backup: a new or empty folder
 * @throws UsherError `storage_full`, `parameter_invalid` for an unsuitable folder,
 *   `store_unavailable`; the folder is then as it was
 */
export async function makeBackup(
  parts: BackupParts,
  folder: string,
  options: WalkOptions,
): Promise<BackupManifest> {
  const target = resolve(folder);
  requireTarget(parts.dataFolder, target);
  await requireRoom(parts, dirname(target));
  const work = `${target}.unfinished`;
  await makeWorkFolder(work);
  try {
    const manifest = await fill(parts, work, options);
    await writeManifest(work, manifest);
    await syncFolders(work);
    options.interrupted.throwIfAborted();
    await rename(work, target);
    await syncFolder(dirname(target));
    return manifest;
  } catch (error) {
    throw spaceError(error, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fill(
  parts: BackupParts,
  work: string,
  options: WalkOptions,
): Promise<BackupManifest> {
  const madeAtMs = parts.clock();
  const copy = new FolderCopy(parts.dataFolder, work, options);
  const store = await copyStore(parts, copy, options);
  const catalog = await parts.catalog.copyTo(work);
  requireKnownSteps(parts.catalog, catalog);
  await copy.addFolder(dataFiles.runs);
  await copyAccessLog(copy);
  await copy.add(dataFiles.secretKey);
  await copy.describe(parts.catalog.fileName);
  const suppression = await copyLists(parts, copy);
  return {
    ...{ madeAtMs, release: parts.release, store, catalog },
    ...{ suppression, files: copy.files() },
  };
}

/**
 * The mark first, so that the log reaches it, and the checkpoint last, so that it covers files that
 * leave meanwhile. A file that grows is copied as far as it is written.
 */
async function copyAccessLog(copy: FolderCopy): Promise<void> {
  const { access, accessMark, accessCheckpoint, accessErasures } = dataFiles;
  await copy.add(`${access}/${accessMark}`);
  await copy.addFolder(access, (path) => path.endsWith('.log'));
  await copy.addFolder(`${access}/${accessErasures}`);
  await copy.add(`${access}/${accessCheckpoint}`);
}

async function copyLists(
  { dataFolder, suppressionIn }: BackupParts,
  copy: FolderCopy,
): Promise<readonly BackedUpList[]> {
  const folder = join(copy.work, dataFiles.suppression);
  const lists = await suppressionIn(dataFolder).copyTo(folder);
  for (const { keyId } of lists) {
    for (const path of suppressionFiles(keyId)) await copy.describe(path);
  }
  return lists.map(({ keyId, entries, isOwn }) => ({ keyId, entries, isOwn }));
}

async function copyStore(
  { store }: BackupParts,
  copy: FolderCopy,
  options: WalkOptions,
): Promise<StoreDescription | undefined> {
  if ((await store.size()) === undefined) return undefined;
  const onMoment = async (baselines: readonly NamedBaseline[]) => {
    for (const { organizationId, datasetId, baselineId } of baselines) {
      for (const parent of [dataFiles.baselines, dataFiles.references]) {
        // A run may just have removed the file. Then the next run of the restored dataset reads
        // every row.
        await copy.add(`${datasetFolder(parent, organizationId, datasetId)}/${baselineId}.parquet`);
      }
    }
  };
  const description = await store.copyTo(copy.work, { ...options, onMoment });
  await copy.describe(store.fileName);
  return description;
}

class FolderCopy {
  readonly work: string;
  readonly #folders: { readonly from: string; readonly to: string };
  readonly #files = new Map<string, BackedUpFile>();
  readonly #options: WalkOptions;

  constructor(from: string, work: string, options: WalkOptions) {
    this.work = work;
    this.#folders = { from, to: work };
    this.#options = options;
  }

  async add(path: string): Promise<void> {
    if (this.#files.has(path)) return;
    const totalBytes = sizeOf(join(this.#folders.from, path));
    const file = await copyFile(path, this.#folders, this.#copyOptions('copying', totalBytes));
    if (file !== undefined) this.#files.set(path, file);
  }

  /** Adds the files below a folder, in the order of their paths. */
  async addFolder(name: string, isWanted = (_path: string) => true): Promise<void> {
    const files = await listFiles(this.#folders.from, name);
    const paths = files.map(({ path }) => path).filter(isWanted);
    for (const path of paths.sort()) await this.add(path);
  }

  /** Adds a file that is already in the copy. */
  async describe(path: string): Promise<void> {
    const options = this.#copyOptions('verifying', sizeOf(join(this.work, path)));
    this.#files.set(path, await describeFile(path, this.work, options));
  }

  files(): readonly BackedUpFile[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #copyOptions(phase: 'copying' | 'verifying', totalBytes: number): FileCopyOptions {
    const { interrupted, onProgress } = this.#options;
    return { interrupted, onBytes: addUp(phase, totalBytes, onProgress) };
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function requireTarget(dataFolder: string, target: string): void {
  const parent = dirname(target);
  if (!statSync(parent, { throwIfNoEntry: false })?.isDirectory()) {
    throw unfit(`There is no folder ${parent}. Make it, then back up into a new folder in it.`);
  }
  if (!relative(resolve(dataFolder), target).startsWith('..')) {
    throw unfit('A backup inside the data folder would be lost with it. Name another folder.');
  }
  if (!existsSync(target)) return;
  const stats = statSync(target);
  if (!stats.isDirectory() || readdirSync(target).length > 0) {
    throw unfit(`${target} is not empty. Name a new or empty folder.`);
  }
  if (stats.dev !== statSync(parent).dev) {
    throw unfit(`${target} is the mount point of a disk. Name a new folder in it.`);
  }
}

/** A first check; other processes may still fill the disk meanwhile. */
async function requireRoom(
  { dataFolder, store, catalog }: BackupParts,
  into: string,
): Promise<void> {
  const folders = await Promise.all(backedUpFolders.map((name) => listFiles(dataFolder, name)));
  const bytes = folders.flat().reduce((sum, file) => sum + file.bytes, catalog.bytes);
  const needed = bytes + ((await store.size())?.usedBytes ?? 0) + minFreeDiskBytes;
  const { bavail, bsize } = statfsSync(into);
  if (bavail * bsize >= needed) return;
  throw new UsherError(
    'storage_full',
    `The backup takes about ${megabytes(needed)}, and ${terminalName(into)} has ${megabytes(bavail * bsize)} free. Free some space, or name a folder elsewhere.`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000).toLocaleString('en-US')} MB`;
}

async function makeWorkFolder(work: string): Promise<void> {
  try {
    await mkdir(work, { mode: 0o700 });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (!isThere) throw unfit(`${work} cannot be made. Name another folder.`, cause);
    throw unfit(
      `${work} exists: another backup is running, or one was killed. If none is running, remove that folder.`,
    );
  }
}

async function writeManifest(work: string, manifest: BackupManifest): Promise<void> {
  await writeDurably(join(work, manifestName), manifestText(manifest));
}

function requireKnownSteps({ knownSteps }: CatalogFiles, { steps }: CatalogDescription): void {
  if (steps.every((step) => knownSteps.includes(step))) return;
  throw new UsherError(
    'store_unavailable',
    'The catalog was changed by a newer release of Usher. Back it up with that release or a later one.',
  );
}

function unfit(detail: string, cause?: unknown): UsherError {
  return new UsherError('parameter_invalid', detail, { cause });
}
