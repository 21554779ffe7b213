/**
 * The locks of a store: one for its writer, and one that every process with an open store shares.
 */
import { readFileSync, statSync } from 'node:fs';
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
import { settleLoad } from './files/unflushed-load.ts';

function writerLockPath(dataFolder: string): string {
  return join(dataFolder, dataFiles.writerLock);
}

/**
 * The path of the lock that is shared while the store is open. A compaction takes it exclusively.
 */
export function readersLockPath(dataFolder: string): string {
  return join(dataFolder, dataFiles.readersLock);
}

/**
 * Returns `undefined` if another writer holds the lock, in this or another process. Settles a load
 * that the last holder did not end.
 */
export function takeWriterLock(dataFolder: string): FileLock | undefined {
  const lock = takeFileLock(writerLockPath(dataFolder));
  if (lock === undefined) return undefined;
  try {
    settleLoad(dataFolder);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * The turn lock for opening, closing and writing the file. A process that opens LMDB's file reads
 * the number of the last transaction, and then sets it for all processes. Without turns, a commit
 * in between would be forgotten: the next transaction would replace what it wrote.
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

/**
 * The process that holds the writer's lock. Linux lists the holder of each lock by the inode of the
 * file; on other systems the process is unknown.
 */
export function findWriterProcess(dataFolder: string): number | undefined {
  try {
    const inode = statSync(writerLockPath(dataFolder)).ino;
    const lines = readFileSync('/proc/locks', 'latin1').split('\n');
    const line = lines.find((it) => it.split(/ +/)[5]?.endsWith(`:${inode}`));
    const processId = Number(line?.split(/ +/)[4]);
    return processId > 0 ? processId : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that writes the store was stopped by a signal: it commits nothing then. */
export function isWriterStopped(dataFolder: string): boolean {
  const processId = findWriterProcess(dataFolder);
  if (processId === undefined) return false;
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
    return /^[Tt]$/.test(stat.slice(stat.lastIndexOf(')') + 2).charAt(0));
  } catch {
    return false;
  }
}
