/**
 * The right to do something alone, among all processes, by a lock of the kernel on a file that dies with its process. SQLite takes
 * it, since Node has no file locks of its own; the file stays empty. Nothing else may open that file: closing any handle of it would
 * drop the lock.
 */
import Database from 'better-sqlite3';

export interface FileLock {
  release(): void;
}

/** `undefined`: somebody else holds it, in this process or another. */
export function takeFileLock(path: string): FileLock | undefined {
  const database = new Database(path, { timeout: 0 });
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
