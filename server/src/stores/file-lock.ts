/**
 * Locks between processes: SQLite's kernel lock on an empty file, which ends with its process. Do
 * not open the file elsewhere: closing any handle of it drops the lock.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { dataFiles } from '../domain/data-files.ts';
import { UsherError } from '../domain/errors.ts';
import { fileLockWaitMs } from './limits.ts';

export interface FileLock {
  release(): void;
}

/** Keeps databases referenced: the garbage collector would close them and drop their locks. */
const held = new Set<Database.Database>();

/** Takes the lock exclusively; `undefined`: this or another process holds or shares it. */
export function takeFileLock(path: string): FileLock | undefined {
  return takeLock(path, 0, (database) => {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  });
}

/** `undefined`: a server runs on the folder, or something that keeps servers away. */
export function takeServerLock(dataFolder: string): FileLock | undefined {
  return takeFileLock(join(dataFolder, dataFiles.serverLock));
}

/** Takes a share of the lock; `undefined`: it was held exclusively for `fileLockWaitMs`. */
export function shareFileLock(path: string): FileLock | undefined {
  return takeLock(path, fileLockWaitMs, (database) => {
    database.exec('BEGIN');
    // The lock comes with the first read.
    database.prepare('SELECT name FROM sqlite_master').all();
  });
}

/** @throws UsherError `store_unavailable` if the file cannot be opened or written */
function takeLock(
  path: string,
  waitMs: number,
  take: (database: Database.Database) => void,
): FileLock | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: waitMs });
    take(database);
  } catch (cause) {
    database?.close();
    const isSqlite = cause instanceof Database.SqliteError;
    if (isSqlite && cause.code.startsWith('SQLITE_BUSY')) return undefined;
    throw new UsherError('store_unavailable', notWritable, { cause });
  }
  held.add(database);
  return {
    release: () => {
      held.delete(database);
      database.close();
    },
  };
}

const notWritable =
  'The data folder cannot be written by this account. Run this as the account that runs the server.';
