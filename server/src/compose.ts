/**
 * The only place that wires the parts together: settings in, opened parts out. It imports parts
 * when they are asked for, so that a command loads only what it uses.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Administration } from './administration/administration.ts';
import type { BackupParts } from './administration/backup/make-backup.ts';
import type { RestoreParts } from './administration/backup/restore-backup.ts';
import { requireNoRestore } from './administration/backup/unfinished-restore.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { CatalogLocation } from './catalog/open-catalog.ts';
import type { IdentityRules } from './domain/contact/identity-rules.ts';
import type { SecretReference, SourceDefinition } from './domain/dataset/dataset-definition.ts';
import { UsherError } from './domain/errors.ts';
import type { Environment } from './settings/environment.ts';
import type { Settings } from './settings/settings.ts';
import type { OpenSourceOptions, Source } from './sources/source.ts';
import type { Workbench } from './sources/workbench.ts';
import { findStore } from './stores/find-store.ts';
import type { WriterProbe } from './stores/open-store.ts';
import type { ContactReader, ContactWriter, TurnReader } from './stores/store.ts';
import type { SuppressionFiles } from './stores/suppression-files.ts';

type StoreSettings = Pick<Settings, 'dataFolder'>;
type CatalogSettings = Pick<Settings, 'dataFolder' | 'catalog'>;

/** Makes the data folder if it does not exist; only its owner can read it. */
function prepareDataFolder(settings: StoreSettings): void {
  const { dataFolder } = settings;
  try {
    makeFolder(dataFolder);
  } catch (cause) {
    const detail = `The data folder ${dataFolder} cannot be made. Name another one with --data.`;
    throw new UsherError('store_unavailable', detail, { cause });
  }
}

/** Step by step: where a file system refuses (in /proc), a recursive `mkdirSync` never returns. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

/**
 * Opens the catalog of the data folder.
 * @param options `make`: whether to make a missing catalog and its folder; otherwise a missing
 *   catalog is `resource_not_found`
 */
export async function composeCatalog(
  settings: CatalogSettings,
  options: { readonly make: boolean; readonly clock: () => number },
): Promise<Catalog> {
  const { openCatalog, requireCatalog } = await import('./catalog/open-catalog.ts');
  const location = { kind: settings.catalog, dataFolder: settings.dataFolder };
  requireNoRestore(settings.dataFolder);
  if (options.make) prepareDataFolder(settings);
  else requireCatalog(location);
  return openCatalog(location, options.clock());
}

export async function isCatalogThere(settings: CatalogSettings): Promise<boolean> {
  const { hasCatalog } = await import('./catalog/open-catalog.ts');
  return hasCatalog({ kind: settings.catalog, dataFolder: settings.dataFolder });
}

export interface OperatorOptions {
  /** The operator's name for the audit log. */
  readonly operator: string;
  readonly clock: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly make: boolean;
}

/** Opens the catalog for an operator at the command line. Close `catalog` when done. */
export async function composeAdministration(
  settings: CatalogSettings,
  options: OperatorOptions,
): Promise<Administration> {
  const { operator, clock, randomBytes } = options;
  const catalog = await composeCatalog(settings, options);
  const contacts = contactsIn(settings);
  return { catalog, actor: { kind: 'operator', name: operator }, clock, randomBytes, contacts };
}

/** Opens the contact store for each call, if there is one. */
export function contactsIn(settings: StoreSettings): Administration['contacts'] {
  return async (work) => {
    if (findStore(settings.dataFolder) !== 'there') return undefined;
    const reader = await composeReader(settings);
    try {
      return await work(reader);
    } finally {
      await reader.close();
    }
  };
}

export async function composeReader(settings: StoreSettings): Promise<ContactReader & TurnReader> {
  const { openReader } = await import('./stores/open-store.ts');
  requireNoRestore(settings.dataFolder);
  return openReader(settings.dataFolder);
}

/** Opens the contact store for writing, in this process or through the process that writes. */
export async function composeWriter(
  settings: StoreSettings,
  options: { readonly failoverMs?: number } = {},
): Promise<ContactWriter> {
  const { openWriter } = await import('./stores/open-store.ts');
  requireNoRestore(settings.dataFolder);
  return openWriter(settings.dataFolder, options);
}

/** The suppression lists of the data folder. */
export async function composeSuppression({ dataFolder }: StoreSettings): Promise<SuppressionFiles> {
  const { openSuppression } = await import('./stores/open-store.ts');
  requireNoRestore(dataFolder);
  return openSuppression(dataFolder);
}

/** Says who writes the contact store and, if that writer is silent, whether it can be read. */
export async function probeStore(
  settings: StoreSettings,
): Promise<{ readonly writer: WriterProbe; readonly isReadable: boolean }> {
  const { openStoreFiles, probeWriter } = await import('./stores/open-store.ts');
  requireNoRestore(settings.dataFolder);
  const writer = await probeWriter(settings.dataFolder);
  if (writer.state !== 'silent') return { writer, isReadable: false };
  const size = await openStoreFiles(settings.dataFolder).size();
  return { writer, isReadable: size !== undefined };
}

/** Opens files of stores and catalogs in any data folder, for backup, restore and compaction. */
export async function composeDataFiles(settings: CatalogSettings): Promise<RestoreParts> {
  const { openStoreFiles, openSuppression } = await import('./stores/open-store.ts');
  const { openCatalogFiles } = await import('./catalog/open-catalog.ts');
  return {
    dataFolder: settings.dataFolder,
    storeIn: openStoreFiles,
    suppressionIn: openSuppression,
    catalogIn: (dataFolder) => openCatalogFiles({ kind: settings.catalog, dataFolder }),
    readRulesIn: (dataFolder) => readRules({ kind: settings.catalog, dataFolder }),
  };
}

/** The identity rules of every organization. */
async function readRules(location: CatalogLocation): Promise<ReadonlyMap<number, IdentityRules>> {
  const { openCatalog } = await import('./catalog/open-catalog.ts');
  const { identityRulesOf } = await import('./catalog/identity-rules-of.ts');
  const catalog = await openCatalog(location, 0);
  try {
    return await catalog.read(async (view) => {
      const rules = new Map<number, IdentityRules>();
      for (const { id } of await view.listOrganizations()) {
        rules.set(id, await identityRulesOf(view, id));
      }
      return rules;
    });
  } finally {
    await catalog.close();
  }
}

/** The parts of a backup of this data folder, which must have a catalog. */
export async function composeBackup(
  settings: CatalogSettings,
  options: Pick<BackupParts, 'release' | 'clock'>,
): Promise<BackupParts> {
  const { dataFolder, catalog: kind } = settings;
  const { requireCatalog } = await import('./catalog/open-catalog.ts');
  requireNoRestore(dataFolder);
  requireCatalog({ kind, dataFolder });
  const { storeIn, catalogIn, suppressionIn } = await composeDataFiles(settings);
  return {
    dataFolder,
    suppressionIn,
    store: storeIn(dataFolder),
    catalog: await catalogIn(dataFolder),
    ...options,
  };
}

export interface WriterClient {
  /** Connects at the first call, and again after a failure. */
  connected(): Promise<ContactWriter>;
  close(): Promise<void>;
}

/** A client of the process that writes contacts, for threads that only read the store. */
export function composeWriterClient(settings: StoreSettings): WriterClient {
  let writer: Promise<ContactWriter> | undefined;
  return {
    connected: () => {
      writer ??= import('./stores/open-store.ts')
        .then(({ connectWriter }) => connectWriter(settings.dataFolder))
        .catch((error: unknown) => {
          writer = undefined;
          throw error;
        });
      return writer;
    },
    close: async () => {
      await (await writer?.catch(() => undefined))?.close();
    },
  };
}

export interface WorkbenchPlace {
  /** The workbench makes this folder for its own files, and removes it. */
  readonly folder: string;
  /** Other folders that the workbench may read and write. */
  readonly allowedFolders: readonly string[];
  readonly threads: number;
  /** The memory that the engine may use; the engine's default if missing. */
  readonly memoryBytes?: number;
  /** SET statements of the engine. */
  readonly settings?: readonly string[];
  /** Stops the engine. */
  readonly interrupted?: AbortSignal;
}

/** Opens an engine without a source, which may write this file. Close it when done. */
export async function composeWorkbench(place: WorkbenchPlace, file: string): Promise<Workbench> {
  const { openWorkbench } = await import('./sources/workbench.ts');
  return openWorkbench({ ...place, allowedPaths: [file] });
}

/**
 * Opens a file as a source of rows, with its engine. Close the workbench when done.
 * @param place `fileName`: what messages call the file; by default its own name
 */
export async function composeSource(
  path: string,
  place: WorkbenchPlace & { readonly fileName?: string },
  encoding?: string,
): Promise<{ source: Source; workbench: Workbench }> {
  const { openSource } = await import('./sources/open-source.ts');
  const { openWorkbench } = await import('./sources/workbench.ts');
  const source = await openSource(path, encoding, place.fileName);
  return {
    source,
    workbench: await openWorkbench({ ...place, allowedPaths: source.allowedPaths }),
  };
}

/** Returns a function that fetches secrets by reference. */
export async function composeSecrets(
  environment: Environment,
): Promise<(reference: SecretReference) => Promise<string>> {
  const { resolveSecret } = await import('./settings/resolve-secret.ts');
  return (reference) => resolveSecret(reference, environment);
}

/**
 * Opens the source of a dataset's definition, with the engine that reads it. Close the workbench
 * when done: it removes fetched files.
 */
export async function composeDefinedSource(
  definition: SourceDefinition,
  place: WorkbenchPlace,
  options: Omit<OpenSourceOptions, 'folder'>,
): Promise<{ source: Source; workbench: Workbench }> {
  const { openDefinedSource } = await import('./sources/open-source.ts');
  const { openWorkbench } = await import('./sources/workbench.ts');
  const folder = join(place.folder, 'source');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const source = await openDefinedSource(definition, { ...options, folder });
    const { allowedPaths } = source;
    const { interrupted } = options;
    return { source, workbench: await openWorkbench({ ...place, allowedPaths, interrupted }) };
  } catch (error) {
    await rm(place.folder, { recursive: true, force: true });
    throw error;
  }
}
