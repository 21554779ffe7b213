/** The locks of a store: one of its writer, and one that all share who have it open. */
import { join } from 'node:path';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { type FileLock, shareFileLock, takeFileLock } from '../file-lock.ts';

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

export function shareReadersLock(dataFolder: string): FileLock {
  const share = shareFileLock(readersLockPath(dataFolder));
  if (share !== undefined) return share;
  throw new UsherError(
    'store_unavailable',
    'The contact store is being compacted. Try again when that has ended.',
  );
}
