/**
 * Opens the LMDB file of a store, and shares `readers.lock` while the file is open, so that no
 * compaction replaces it. There is no `mapSize`: a fixed size would limit the store, or reserve
 * address space that containers refuse. The library doubles the map as the file grows. A copy,
 * which is synced as a whole, uses `noSync`, and a first load flushes later
 * (`files/unflushed-load.ts`): every other commit is on the disk when it returns.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { open, type RootDatabase } from 'lmdb';
import { UsherError } from '../../domain/errors.ts';
import type { TurnLock } from '../file-lock.ts';
import { findStore } from '../find-store.ts';
import { keptNothing } from '../kept-words.ts';
import { maxFreeRuns, reopenMs } from '../limits.ts';
import {
  contactsPath,
  createStoreFiles,
  maxReaders,
  requireStoreFiles,
} from './files/embedded-files.ts';
import { databaseOptions } from './keyed-database.ts';
import { isWriterStopped, openStoreTurn, shareReadersLock } from './store-locks.ts';

export interface OpenedRoot {
  readonly root: RootDatabase;
  /** Closes the file, then releases the share. */
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** Whether it is on the disk when it returns. Otherwise it survives a kill, but no power cut. */
  readonly isFlushed: boolean;
}

export interface WritableRoot extends OpenedRoot {
  readonly path: string;
  /** Runs `work` while no other process opens, closes or writes the file. */
  inTurn<T>(work: () => T): T;
}

/** Throws `store_unavailable` if there is no store yet. */
export function openRootForReading(dataFolder: string): OpenedRoot {
  if (findStore(dataFolder) !== 'there') {
    throw new UsherError(
      'store_unavailable',
      'The data folder holds no contact store yet. Start the server or import a file first; both create it.',
    );
  }
  return openShared(dataFolder, () => {
    requireStoreFiles(dataFolder);
    return openStoreFile(contactsPath(dataFolder), { readOnly: true });
  });
}

/** Creates the file if it does not exist. */
export function openRootForWriting(dataFolder: string): WritableRoot {
  return openShared(dataFolder, () => {
    if (findStore(dataFolder) === 'there') requireStoreFiles(dataFolder);
    else createStoreFiles(dataFolder);
    return openStoreFile(contactsPath(dataFolder), { readOnly: false });
  });
}

/**
 * Runs `work` in a write transaction: the one way to change a store. The number of a transaction
 * must follow the number of the last one on the disk, or its commit would replace committed data.
 * If it does not follow, another process puts the numbering right before `work` begins.
 */
export function writeTransaction<T>(
  opened: WritableRoot,
  work: () => T,
  { isFlushed }: TransactionOptions = { isFlushed: true },
): T {
  const flags = isFlushed ? flushed : unflushed;
  return opened.inTurn(() => {
    const first = tryTransaction(opened.root, work, flags);
    if (first.isDone) return first.result;
    spawnSync(process.execPath, [reopenChild, opened.path], { timeout: reopenMs });
    const second = tryTransaction(opened.root, work, flags);
    if (second.isDone) return second.result;
    throw new UsherError(
      'store_unavailable',
      `Another process opened the contact store at the moment of a write, out of turn. ${keptNothing} End processes of earlier releases, then repeat it.`,
    );
  });
}

const reopenChild = fileURLToPath(new URL('./reopen-child.ts', import.meta.url));

/** Flags of the library: a transaction of its own, which can be aborted and is synced. */
const flushed = 3;
/** The same with LMDB's flag `MDB_NOSYNC`, which the library passes on. */
const unflushed = flushed | 0x10000;

type Tried<T> = { readonly isDone: true; readonly result: T } | { readonly isDone: false };

/**
 * `isDone` is `false` if the transaction's number does not follow the last one on the disk. Nothing
 * was changed then.
 */
function tryTransaction<T>(root: RootDatabase, work: () => T, flags: number): Tried<T> {
  return root.transactionSync((): Tried<T> => {
    const { lastTxnId } = root.getStats() as { readonly lastTxnId: number };
    if (root.getWriteTxnId() !== lastTxnId + 1) return { isDone: false };
    return { isDone: true, result: work() };
  }, flags);
}

/** Opens a new file for a copy; the caller syncs it. */
export function openRootOfCopy(folder: string): RootDatabase {
  createStoreFiles(folder);
  return openStoreFile(contactsPath(folder), { readOnly: false, noSync: true });
}

function openShared(dataFolder: string, openRoot: () => RootDatabase): WritableRoot {
  const share = shareReadersLock(dataFolder);
  let turn: TurnLock | undefined;
  const release = () => {
    turn?.close();
    share.release();
  };
  try {
    const own = openStoreTurn(dataFolder);
    turn = own;
    // A stopped writer keeps its turn, and must not keep others from reading.
    const root = own.runEvenWithout(openRoot, () => isWriterStopped(dataFolder));
    const close = async () => {
      // With nothing left to write or read, the library closes the file inside the call.
      await own.runEvenWithout(
        () => root.close(),
        () => true,
      );
      release();
    };
    return { root, path: contactsPath(dataFolder), inTurn: (work) => own.run(work), close };
  } catch (error) {
    release();
    throw error;
  }
}

/** Options that the types of the library do not name. */
const freeSpace = { maxFreeSpaceToLoad: maxFreeRuns, maxFreeSpaceToRetain: 2 * maxFreeRuns };

/** The caller has the turn, or the file is its own. */
export function openStoreFile(
  path: string,
  options: { readonly readOnly: boolean; readonly noSync?: boolean },
): RootDatabase {
  try {
    return open(path, {
      ...databaseOptions,
      ...options,
      noSubdir: true,
      maxDbs: 16,
      maxReaders,
      ...freeSpace,
      // A commit is synced before readers see it: a reader never sees what a power cut would lose.
      // (This is also 1.3 times faster here.)
      overlappingSync: false,
    });
  } catch (error) {
    throw refusedStore(error);
  }
}

/** The error to report for a failure to open the store. */
export function refusedStore(error: unknown): unknown {
  if (error instanceof UsherError) return error;
  if (error instanceof Error && error.message.includes('No transaction to renew')) {
    return new UsherError(
      'internal',
      'This process opened the contact store for reading before it opened it for writing. Open the writer first.',
      {
        cause: error,
      },
    );
  }
  return new UsherError(
    'store_unavailable',
    "The contact store cannot be opened. Run 'usher doctor' to see what is wrong with it.",
    { cause: error },
  );
}
