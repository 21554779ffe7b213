/**
 * Compacts the files of a data folder while no server runs on it. Afterwards they hold nothing that
 * was removed before.
 */
import { existsSync } from 'node:fs';
import type { CatalogFiles } from '../catalog/catalog-files.ts';
import { UsherError } from '../domain/errors.ts';
import { removeAllUnfinished } from '../stores/durable-file.ts';
import { takeServerLock } from '../stores/file-lock.ts';
import type { Compaction, StoreFiles, WalkOptions } from '../stores/store-files.ts';
import { UploadFiles } from '../sync/upload/upload-files.ts';
import { requireNoRestore } from './backup/unfinished-restore.ts';
import { removeAbandonedWork } from './work-folder.ts';

interface CompactedParts {
  readonly dataFolder: string;
  readonly store: StoreFiles;
  /** `undefined` if there is none. */
  readonly catalog: CatalogFiles | undefined;
  /** The ids of uploaded files whose run waits for a decision. */
  readonly awaitedUploads: ReadonlySet<string>;
}

/**
 * Rewrites the store and the catalog without free space, removes what killed commands left, and
 * reports the size of the store before and after.
 * @throws UsherError `store_unavailable` while the store or the catalog is in use,
 *   `resource_not_found` without a store, `storage_full`
 */
export async function compactData(
  { dataFolder, store, catalog, awaitedUploads }: CompactedParts,
  options: WalkOptions,
): Promise<Compaction> {
  requireNoRestore(dataFolder);
  if (!existsSync(dataFolder)) throw noContacts(dataFolder);
  const lock = takeServerLock(dataFolder);
  if (lock === undefined) {
    throw new UsherError(
      'store_unavailable',
      `A server runs on ${dataFolder}. Stop it, then compact: the store must not be in use.`,
    );
  }
  try {
    if ((await store.size()) === undefined) throw noContacts(dataFolder);
    await removeAbandonedWork(dataFolder);
    await removeAllUnfinished(dataFolder);
    // People who were erased meanwhile may be in them.
    await new UploadFiles(dataFolder).removeAllBut(awaitedUploads);
    const report = await store.compact(options);
    await catalog?.compact();
    return report;
  } catch (error) {
    if (!(error instanceof UsherError) || error.code !== 'storage_full') throw error;
    throw new UsherError(
      'storage_full',
      'There is not enough free disk space to compact: the command needs as much as the contacts take. Nothing was lost. Free some space, then run the command again.',
      { cause: error },
    );
  } finally {
    lock.release();
  }
}

function noContacts(dataFolder: string): UsherError {
  return new UsherError(
    'resource_not_found',
    `There are no contacts in ${dataFolder}. Name the data folder with --data.`,
  );
}
