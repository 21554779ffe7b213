/** The locks of a store: one of its writer, and one that all share who have it open. */
import { join } from 'node:path';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type FileLock,
  openTurnLock,
  shareFileLock,
  type TurnLock,
  takeFileLock,
} from '../file-lock.ts';

export function writerLockPath(dataFolder: string): string {
  return join(dataFolder, dataFiles.writerLock);
}

/** A compaction takes it exclusively. */
export function readersLockPath(dataFolder: string): string {
  return join(dataFolder, dataFiles.readersLock);
}

/** `undefined`: another writer holds it, in this or another process. */
export function takeWriterLock(dataFolder: string): FileLock | undefined {
  return takeFileLock(writerLockPath(dataFolder));
}

/**
 * The turn of opening, closing and writing the file. A process that opens LMDB's file sets the
 * number of the last transaction to the one that it has just read there. A commit in between would
 * be forgotten: the next transaction would replace what it wrote.
 */
export function openStoreTurn(dataFolder: string): TurnLock {
  return openTurnLock(readersLockPath(dataFolder));
}

export function shareReadersLock(dataFolder: string): FileLock {
  const share = shareFileLock(readersLockPath(dataFolder));
  if (share !== undefined) return share;
  throw new UsherError(
    'store_unavailable',
    'The contact store is being compacted. Try again when that has ended.',
  );
}
