/** `CatalogFiles` of the catalog in one SQLite file. */
import { closeSync, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { UsherError } from '../../domain/errors.ts';
import type { CatalogDescription, CatalogFiles } from '../catalog-files.ts';
import { catalogWaitMs } from '../limits.ts';
import { fileError, whenFree } from './database-errors.ts';
import { migrations } from './migrations.ts';

export class SqliteCatalogFiles implements CatalogFiles {
  readonly fileName: string;
  readonly knownSteps = Object.keys(migrations(0));
  readonly #path: string;

  constructor(dataFolder: string, fileName: string) {
    this.fileName = fileName;
    this.#path = join(dataFolder, fileName);
  }

  get bytes(): number {
    return statSync(this.#path).size;
  }

  describe(): Promise<CatalogDescription> {
    return describeFile(this.#path);
  }

  async copyTo(folder: string): Promise<CatalogDescription> {
    const path = join(folder, this.fileName);
    try {
      // Created here so that only its owner can read it. SQLite fills an empty file.
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      throw fileError(error);
    }
    // One statement sees the catalog as it was at one moment. SQLite's backup interface would start
    // over at each write of another process.
    await withFile(this.#path, (database) => database.prepare('vacuum into ?').run(path));
    await withFile(path, forgetSessions);
    const file = await open(path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    return describeFile(path);
  }

  compact(): Promise<void> {
    return withFile(this.#path, (database) => {
      // The copy that SQLite makes on the way has no file then, which could outlive the command.
      database.pragma('temp_store = memory');
      database.exec('vacuum');
      const [log] = database.pragma('wal_checkpoint(truncate)') as { busy: number }[];
      if (log?.busy === 1) throw inUse();
    });
  }
}

/**
 * A restore must not bring back a session that was ended since, or a link that was used. An earlier
 * release has no such tables.
 */
function forgetSessions(database: Database): void {
  const has = database.prepare("select count(*) from sqlite_master where name = 'user_links'");
  if (has.pluck().get() === 0) return;
  // Overwrites what it deletes.
  database.pragma('secure_delete = on');
  database.exec('delete from user_sessions; delete from user_links;');
}

function describeFile(path: string): Promise<CatalogDescription> {
  return withFile(path, (database) => {
    const [found] = database.pragma('quick_check') as { quick_check: string }[];
    if (found?.quick_check !== 'ok') throw noCatalog();
    const steps = database.prepare('select name from kysely_migration order by name').pluck().all();
    return { steps: steps.map(String) };
  });
}

function withFile<T>(path: string, work: (database: Database) => T): Promise<T> {
  return whenFree(() => {
    const database = new SqliteDatabase(path, { fileMustExist: true, timeout: catalogWaitMs });
    try {
      return work(database);
    } catch (error) {
      const isOther = error instanceof Error && error.message.includes('no such table');
      throw isOther ? noCatalog() : error;
    } finally {
      database.close();
    }
  });
}

function inUse(): UsherError {
  return new UsherError(
    'store_unavailable',
    'Another process reads the catalog, so its log cannot be emptied. Let it end, then compact again.',
  );
}

function noCatalog(): UsherError {
  return new UsherError(
    'store_unavailable',
    'The catalog is damaged, or the file is not a catalog. Restore a backup.',
  );
}
