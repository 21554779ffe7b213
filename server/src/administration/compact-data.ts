/** Compacts the contact store of a data folder while no server runs on it. */
import { existsSync } from 'node:fs';
import { UsherError } from '../domain/errors.ts';
import { takeServerLock } from '../stores/file-lock.ts';
import type { Compaction, StoreFiles, WalkOptions } from '../stores/store-files.ts';
import { requireNoRestore } from './backup/unfinished-restore.ts';

/**
 * Rewrites the store without free space, and reports its size before and after.
 * @throws UsherError `store_unavailable` while the store is in use, `resource_not_found` without a
 *   store, `storage_full`
 */
export async function compactData(
  { dataFolder, store }: { readonly dataFolder: string; readonly store: StoreFiles },
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
    return await store.compact(options);
  } catch (error) {
    if (!(error instanceof UsherError) || error.code !== 'storage_full') throw error;
    throw new UsherError(
      'storage_full',
      'There is not enough free disk space to compact the store: it needs as much as the contacts take. The store was not changed. Free some space, then run the command again.',
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
