/** Compacts the contact store of a data folder while no server runs on it. */
import { existsSync } from 'node:fs';
import { UsherError } from '../domain/errors.ts';
import { takeServerLock } from '../stores/server-lock.ts';
import type { Compaction, StoreFiles, WalkOptions } from '../stores/store-files.ts';
import { requireNoRestore } from './backup/unfinished-restore.ts';

/**
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
      `A server runs on ${dataFolder}: stop it, then compact. A store is compacted while nobody uses it.`,
    );
  }
  try {
    if ((await store.size()) === undefined) throw noContacts(dataFolder);
    return await store.compact(options);
  } catch (error) {
    if (!(error instanceof UsherError) || error.code !== 'storage_full') throw error;
    throw new UsherError(
      'storage_full',
      'A compaction needs as much room again as the contacts take. The store was not changed; make room, then run it again.',
      { cause: error },
    );
  } finally {
    lock.release();
  }
}

function noContacts(dataFolder: string): UsherError {
  return new UsherError(
    'resource_not_found',
    `There are no contacts in ${dataFolder}: name the data folder with --data.`,
  );
}
