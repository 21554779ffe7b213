/**
 * The right to write the store: one process at a time, by a lock of the kernel on `writer.lock` that dies with its process. SQLite
 * takes it, since Node has no file locks of its own; the file stays empty. No other code may open that file: closing any handle of it
 * would drop the lock.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { UsherError } from '../../domain/errors.ts';

export interface WriterLock {
  release(): void;
}

/** `undefined`: another writer holds it, in this process or another. */
export function takeWriterLock(dataFolder: string): WriterLock | undefined {
  const database = openLockFile(dataFolder);
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      return undefined;
    }
    throw error;
  }
  return { release: () => void database.close() };
}

function openLockFile(dataFolder: string): Database.Database {
  try {
    return new Database(join(dataFolder, 'writer.lock'), { timeout: 0 });
  } catch (cause) {
    throw new UsherError(
      'store_unavailable',
      'The data folder cannot be written by this account. Run this as the account that runs the server.',
      { cause },
    );
  }
}
