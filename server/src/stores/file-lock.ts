/**
 * The right to do something alone, or beside others of the same kind, among all processes, by a
 * lock of the kernel on a file that dies with its process. SQLite takes it, since Node has no file
 * locks of its own; the file stays empty. Nothing else may open that file: closing any handle of it
 * would drop the lock.
 */
import Database from 'better-sqlite3';
import { fileLockWaitMs } from './limits.ts';

export interface FileLock {
  release(): void;
}

/** A database that nothing refers to is closed by the garbage collector, and its lock would go. */
const held = new Set<Database.Database>();

/** `undefined`: somebody else holds it, alone or shared, in this process or another. */
export function takeFileLock(path: string): FileLock | undefined {
  return takeLock(path, 0, (database) => {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  });
}

/**
 * Any number may share it. `undefined`: somebody has held it alone for longer than anybody should.
 */
export function shareFileLock(path: string): FileLock | undefined {
  return takeLock(path, fileLockWaitMs, (database) => {
    database.exec('BEGIN');
    // The lock comes with the first read.
    database.prepare('SELECT name FROM sqlite_master').all();
  });
}

function takeLock(
  path: string,
  waitMs: number,
  take: (database: Database.Database) => void,
): FileLock | undefined {
  const database = new Database(path, { timeout: waitMs });
  try {
    take(database);
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      return undefined;
    }
    throw error;
  }
  held.add(database);
  return {
    release: () => {
      held.delete(database);
      database.close();
    },
  };
}
