/**
 * Locks between processes: SQLite's kernel lock on an empty file, which ends with its process. Do
 * not open the file elsewhere: closing any handle of it drops the lock.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { dataFiles } from '../domain/data-files.ts';
import { UsherError } from '../domain/errors.ts';
import { fileLockWaitMs, slowTurnWaitMs, turnPauseMs, turnWaitMs } from './limits.ts';

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

/** Returns `undefined` if a server runs on the folder, or a compaction keeps servers away. */
export function takeServerLock(dataFolder: string): FileLock | undefined {
  return takeFileLock(join(dataFolder, dataFiles.serverLock));
}

/** Takes a share of the lock; `undefined`: it was held exclusively for `fileLockWaitMs`. */
export function shareFileLock(path: string): FileLock | undefined {
  return takeLock(path, fileLockWaitMs, (database) => {
    database.exec('BEGIN');
    // SQLite takes the lock at the first read.
    database.prepare('SELECT name FROM sqlite_master').all();
  });
}

/**
 * A lock that one process at a time holds, for a moment. Shared locks on the same file do not block
 * it.
 */
export interface TurnLock {
  /**
   * Runs `work` while nobody else has the turn. Inside a turn it runs at once.
   * @throws UsherError `store_unavailable` if another process keeps the turn for `turnWaitMs`
   */
  run<T>(work: () => T): T;
  /**
   * Like `run`, but after `turnWaitMs` it asks whether `work` may run without a turn, and waits on
   * for `slowTurnWaitMs` if not.
   */
  runEvenWithout<T>(work: () => T, mayGoOn: () => boolean): T;
  close(): void;
}

/** Each turn costs about 10 us. */
export function openTurnLock(path: string): TurnLock {
  const database = openLockFile(path, fileLockWaitMs);
  // Otherwise a turn would create a journal beside the file.
  database.pragma('journal_mode = MEMORY');
  database.pragma('busy_timeout = 0');
  // Nothing is ever written, so nothing is committed either.
  const begin = database.prepare('BEGIN IMMEDIATE');
  const end = database.prepare('ROLLBACK');
  const runInTurn = <T>(work: () => T): T => {
    try {
      return work();
    } finally {
      end.run();
    }
  };
  return {
    run(work) {
      if (database.inTransaction) return work();
      if (takeTurn(begin, turnWaitMs)) return runInTurn(work);
      throw new UsherError('store_unavailable', turnNotGiven);
    },
    runEvenWithout(work, mayGoOn) {
      if (database.inTransaction) return work();
      if (takeTurn(begin, turnWaitMs)) return runInTurn(work);
      if (mayGoOn()) return work();
      if (takeTurn(begin, slowTurnWaitMs)) return runInTurn(work);
      throw new UsherError('store_unavailable', turnNotGiven);
    },
    close: () => database.close(),
  };
}

/**
 * Whether the turn was given in time. SQLite's own waiting sleeps up to 100 ms, in which a busy
 * neighbour takes the turn again.
 */
function takeTurn(begin: Database.Statement, waitMs: number): boolean {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    try {
      begin.run();
      return true;
    } catch (cause) {
      if (!isBusy(cause)) throw cause;
      if (performance.now() > deadlineMs) return false;
      sleep(turnPauseMs);
    }
  }
}

/** Blocks the thread: a turn is needed where nothing can be awaited. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** @throws UsherError `store_unavailable` if the file cannot be opened or written */
function takeLock(
  path: string,
  waitMs: number,
  take: (database: Database.Database) => void,
): FileLock | undefined {
  const database = openLockFile(path, waitMs);
  try {
    take(database);
  } catch (cause) {
    database.close();
    if (isBusy(cause)) return undefined;
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

function openLockFile(path: string, waitMs: number): Database.Database {
  try {
    return new Database(path, { timeout: waitMs });
  } catch (cause) {
    throw new UsherError('store_unavailable', notWritable, { cause });
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

const turnNotGiven =
  'Another process is opening or closing the contact store and does not finish. Try again; if that fails, look for a usher process that is suspended (state T in ps).';

const notWritable =
  'The data folder cannot be written by this account. Run this as the account that runs the server.';
