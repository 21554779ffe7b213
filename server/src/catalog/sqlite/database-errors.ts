/**
 * Translates SQLite's errors and waits for other writers. SQLite itself waits only a few
 * milliseconds for a lock because it blocks the thread; the rest of the wait is asynchronous.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { SqliteError } from 'better-sqlite3';
import { UsherError } from '../../domain/errors.ts';
import { catalogWaitMs } from '../limits.ts';

const firstPauseMs = 2;
const longestPauseMs = 50;

/**
 * Repeats `attempt` for at most 5 s while another writer holds the lock. This is safe: an attempt
 * that did not get the lock has changed nothing. Other SQLite errors become Usher errors.
 */
export async function whenFree<T>(attempt: () => T | Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + catalogWaitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() + pauseMs > deadlineMs) throw translate(error);
    }
    // Half of the pause is random, so that two writers do not collide again and again.
    await wait(pauseMs / 2 + (Math.random() * pauseMs) / 2);
  }
}

/** Translates an error of the file system. */
export function fileError(error: unknown): UsherError {
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  return isFull ? storageFull(error) : unusable(error);
}

function isBusy(error: unknown): boolean {
  return error instanceof SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

function translate(error: unknown): unknown {
  if (!(error instanceof SqliteError)) return error;
  // Growing the shared index of the log fails with this code on a full disk.
  if (error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_SHMSIZE') {
    return storageFull(error);
  }
  if (isBusy(error)) {
    return new UsherError(
      'store_unavailable',
      'Other processes kept the catalog busy for 5 s. Try again.',
      { cause: error },
    );
  }
  const isFile = /^SQLITE_(CORRUPT|NOTADB|CANTOPEN|IOERR|READONLY|PERM|AUTH)/.test(error.code);
  return isFile ? unusable(error) : error;
}

function storageFull(cause: unknown): UsherError {
  const detail = 'The disk of the data folder is full. Free some space, then try again.';
  return new UsherError('storage_full', detail, { cause });
}

function unusable(cause: unknown): UsherError {
  const reason = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
  return new UsherError(
    'store_unavailable',
    `The catalog cannot be read or written${reason}. Check that this account owns the data folder. ` +
      'If the file is damaged, restore a backup.',
    { cause },
  );
}
