/**
 * Reads and writes `backup.json`, the list of what a backup holds. It is written last, so a folder
 * without it is not a backup. The reader trusts nothing, because a backup may come from anywhere.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogDescription } from '../../catalog/catalog-files.ts';
import { dataFiles, suppressionFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import type { StoreDescription } from '../../stores/store-files.ts';
import { maxManifestBytes } from '../limits.ts';

export const manifestName = 'backup.json';

/**
 * The newest version of the format of `backup.json`. Only a backup with suppression lists has it: a
 * release that does not know them must not restore it.
 */
const manifestFormatVersion = 2;

/** Folders that a backup may hold. */
export const backedUpFolders = [
  dataFiles.baselines,
  dataFiles.references,
  dataFiles.runs,
  dataFiles.access,
] as const;

export interface BackedUpFile {
  /** Relative to the backup's folder, with `/` as separator. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A suppression list of a backup; its key is beside it. */
export interface BackedUpList {
  readonly keyId: string;
  /** With those that were lifted. */
  readonly entries: number;
  /** Whether new erasures of the data folder went to it. */
  readonly isOwn: boolean;
}

export interface BackupManifest {
  readonly madeAtMs: number;
  /** The release that made the backup. */
  readonly release: string;
  /** `undefined` if there were no contacts yet. */
  readonly store: StoreDescription | undefined;
  readonly catalog: CatalogDescription;
  /** Empty in backups of earlier releases, and if nobody was erased. */
  readonly suppression: readonly BackedUpList[];
  readonly files: readonly BackedUpFile[];
}

export function manifestText(manifest: BackupManifest): string {
  const version = manifest.suppression.length === 0 ? 1 : manifestFormatVersion;
  return `${JSON.stringify({ format_version: version, ...manifestData(manifest) }, null, 2)}\n`;
}

/** The manifest in the form of `backup.json`. */
export function manifestData(manifest: BackupManifest) {
  const { madeAtMs, release, store, catalog, suppression, files } = manifest;
  return {
    made_at: new Date(madeAtMs).toISOString(),
    release,
    store: store === undefined ? null : storeData(store),
    catalog: { steps: catalog.steps },
    suppression: suppression.map(({ keyId, entries, isOwn }) => ({
      key_id: keyId,
      entries,
      own: isOwn,
    })),
    files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
  };
}

function storeData(store: StoreDescription) {
  return {
    format_version: store.formatVersion,
    store_id: store.storeId,
    full_digest: store.fullDigest,
    contacts: store.contacts,
    identities: store.identities,
  };
}

/**
 * @throws UsherError `resource_not_found` without a backup, `store_unavailable` for one that is
 *   damaged or from a newer release
 */
export async function readManifest(
  folder: string,
  fileNames: readonly string[],
): Promise<BackupManifest> {
  const text = await readText(folder);
  const found = parse(text);
  if (typeof found !== 'object' || found === null) throw damaged();
  const { format_version: version } = found as { format_version?: unknown };
  if (typeof version === 'number' && version > manifestFormatVersion) throw newer(found);
  const isKnown = version === 1 || version === manifestFormatVersion;
  const manifest = isKnown ? readFields(found) : undefined;
  if (manifest === undefined) throw damaged();
  if (!manifest.files.every(({ path }) => isOwnPath(path, fileNames))) throw damaged();
  const paths = new Set(manifest.files.map(({ path }) => path));
  if (paths.size < manifest.files.length) throw damaged();
  const lists = manifest.suppression.flatMap(({ keyId }) => suppressionFiles(keyId));
  if (!lists.every((path) => paths.has(path))) throw damaged();
  return manifest;
}

async function readText(folder: string): Promise<string> {
  const path = join(folder, manifestName);
  try {
    if ((await stat(path)).size > maxManifestBytes) throw damaged();
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof UsherError) throw cause;
    throw new UsherError(
      'resource_not_found',
      `There is no complete backup in ${terminalName(folder)}: ${manifestName} is missing or cannot be read.`,
      { cause },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Loose = Readonly<Record<string, unknown>>;

function readFields(found: object): BackupManifest | undefined {
  const { made_at: madeAt, release, store, catalog, suppression = [], files } = found as Loose;
  const madeAtMs = typeof madeAt === 'string' ? Date.parse(madeAt) : Number.NaN;
  const steps = isObject(catalog) ? catalog['steps'] : undefined;
  const readStore = store === null ? undefined : readStoreFields(store);
  if (Number.isNaN(madeAtMs) || typeof release !== 'string') return undefined;
  if (!Array.isArray(steps) || !steps.every((step) => typeof step === 'string')) return undefined;
  if (!Array.isArray(files) || !files.every(isFile)) return undefined;
  if (store !== null && readStore === undefined) return undefined;
  const lists = readLists(suppression);
  if (lists === undefined) return undefined;
  return {
    ...{ madeAtMs, release, store: readStore },
    ...{ catalog: { steps }, suppression: lists, files },
  };
}

function readLists(suppression: unknown): readonly BackedUpList[] | undefined {
  if (!Array.isArray(suppression)) return undefined;
  const lists: BackedUpList[] = [];
  for (const list of suppression) {
    if (!isObject(list)) return undefined;
    // An earlier release did not say which list was its own.
    const { key_id: keyId, entries, own = true } = list;
    if (!/^[0-9a-f]{16}$/.test(String(keyId)) || !isCount(entries)) return undefined;
    lists.push({ keyId: String(keyId), entries, isOwn: own === true });
  }
  return lists;
}

function readStoreFields(store: unknown): StoreDescription | undefined {
  if (!isObject(store)) return undefined;
  const {
    format_version: formatVersion,
    store_id: storeId,
    full_digest: fullDigest,
    contacts,
    identities,
  } = store;
  if (!isCount(formatVersion) || !isCount(contacts) || !isCount(identities)) return undefined;
  if (typeof storeId !== 'string' || typeof fullDigest !== 'string') return undefined;
  return { formatVersion, storeId, fullDigest, contacts, identities };
}

function isFile(file: unknown): file is BackedUpFile {
  if (!isObject(file)) return false;
  const { path, bytes, sha256 } = file;
  return typeof path === 'string' && isCount(bytes) && /^[0-9a-f]{64}$/.test(String(sha256));
}

/** Accepts only names that a backup may hold, and nothing outside its folder. */
function isOwnPath(path: string, fileNames: readonly string[]): boolean {
  const [first = '', ...rest] = path.split('/');
  if (rest.length === 0) return first === dataFiles.secretKey || fileNames.includes(first);
  if (first === dataFiles.suppression) return /^[0-9a-f]{16}\.(list|key)$/.test(rest.join('/'));
  const isOfFolder = (backedUpFolders as readonly string[]).includes(first);
  return isOfFolder && rest.every((part) => /^[\w-][\w.-]*$/.test(part));
}

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function damaged(): UsherError {
  return new UsherError(
    'store_unavailable',
    `${manifestName} is damaged, or does not belong to a backup of Usher. Use another backup.`,
  );
}

function newer(found: object): UsherError {
  const { release } = found as Loose;
  const by = typeof release === 'string' ? ` (${terminalName(release.slice(0, 20))})` : '';
  return new UsherError(
    'store_unavailable',
    `A newer release of Usher${by} made this backup. Restore it with that release or a later one.`,
  );
}
