/**
 * Opens the LMDB file of a store and holds, as long as it is open, a share of `readers.lock`: a
 * compaction puts another file in the place of this one, and may do that only while nobody has it
 * open. What is in the file is `environment.ts`'s business.
 *
 * No `mapSize`: the library begins small and doubles the map when the file outgrows it, in
 * whichever process notices first; a fixed one would either end a store's growth or reserve address
 * space that containers with a limit refuse. No `noSync` (but for a copy, which is synced as a
 * whole): each commit is on the disk when it returns, so that a cut of power costs nothing that was
 * acknowledged.
 */
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { type FileLock, shareFileLock } from '../file-lock.ts';
import {
  contactsPath,
  createStoreFiles,
  maxReaders,
  requireStoreFiles,
  storeExists,
} from './files/embedded-files.ts';
import { databaseOptions } from './keyed-database.ts';

export interface OpenedRoot {
  readonly root: RootDatabase;
  /** Closes the file, then gives the share back. */
  close(): Promise<void>;
}

/** Where the share is held, and where a compaction takes all of it. */
export function readersLockPath(dataFolder: string): string {
  return join(dataFolder, dataFiles.readersLock);
}

/** `store_unavailable` where no store was made yet. */
export function openRootForReading(dataFolder: string): OpenedRoot {
  if (!storeExists(dataFolder)) {
    throw new UsherError(
      'store_unavailable',
      'The data folder holds no contact store yet. Start the server or import a file first; both make it.',
    );
  }
  return openShared(dataFolder, () => {
    requireStoreFiles(dataFolder);
    return openFile(dataFolder, { readOnly: true });
  });
}

/** Makes the file where there is none. */
export function openRootForWriting(dataFolder: string): OpenedRoot {
  return openShared(dataFolder, () => {
    if (storeExists(dataFolder)) requireStoreFiles(dataFolder);
    else createStoreFiles(dataFolder);
    return openFile(dataFolder, { readOnly: false });
  });
}

/** A new file that nobody else knows of; whoever fills it syncs it. */
export function openRootOfCopy(folder: string): RootDatabase {
  createStoreFiles(folder);
  return openFile(folder, { readOnly: false, noSync: true });
}

function openShared(dataFolder: string, openRoot: () => RootDatabase): OpenedRoot {
  const share = takeShare(dataFolder);
  try {
    const root = openRoot();
    const close = async () => {
      await root.close();
      share.release();
    };
    return { root, close };
  } catch (error) {
    share.release();
    throw error;
  }
}

function takeShare(dataFolder: string): FileLock {
  let share: FileLock | undefined;
  try {
    share = shareFileLock(readersLockPath(dataFolder));
  } catch (cause) {
    throw new UsherError(
      'store_unavailable',
      'The data folder cannot be written by this account. Run this as the account that runs the server.',
      { cause },
    );
  }
  if (share !== undefined) return share;
  throw new UsherError(
    'store_unavailable',
    'The contact store is being compacted. Try again when that has ended.',
  );
}

function openFile(
  dataFolder: string,
  options: { readonly readOnly: boolean; readonly noSync?: boolean },
): RootDatabase {
  try {
    return open(contactsPath(dataFolder), {
      ...databaseOptions,
      ...options,
      noSubdir: true,
      maxDbs: 12,
      maxReaders,
      // Commits that sync before they show: no reader ever sees what a cut of power takes back.
      // (Also 1.3 times faster here.)
      overlappingSync: false,
    });
  } catch (error) {
    throw refusedStore(error);
  }
}

/** What an error of opening means. */
export function refusedStore(error: unknown): unknown {
  if (error instanceof UsherError) return error;
  if (error instanceof Error && error.message.includes('No transaction to renew')) {
    return new UsherError('internal', 'In one process the writer is opened before the readers.', {
      cause: error,
    });
  }
  return new UsherError(
    'store_unavailable',
    "The contact store cannot be opened. Run 'usher doctor' to see what is wrong with it.",
    { cause: error },
  );
}
