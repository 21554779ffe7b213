/**
 * The catalog in one SQLite file, with a write-ahead log, so that readers and the one writer do not
 * wait for each other. Each process and thread has a connection of its own.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import type { Catalog } from '../catalog.ts';
import { catalogBlockingWaitMs } from '../limits.ts';
import type { CatalogTables } from '../sql/schema.ts';
import { type CatalogDatabase, SqlCatalog } from '../sql/sql-catalog.ts';
import { fileError, whenFree } from './database-errors.ts';
import { migrate } from './migrate.ts';
import { PreparedStatements } from './prepared-statements.ts';

/**
 * Opens the catalog at this path, or makes one with the organization `default`.
 * @param nowMs the creation time of that organization
 */
export async function openSqliteCatalog(path: string, nowMs: number): Promise<Catalog> {
  makeFile(path);
  const handle = await whenFree(() => connect(path));
  try {
    await whenFree(() => migrate(handle, queriesOf(handle), nowMs));
  } catch (error) {
    handle.close();
    throw error;
  }
  const database = queriesOf(new PreparedStatements(handle));
  return new SqlCatalog(new SqliteCatalogDatabase(handle, database));
}

function queriesOf(database: Database | PreparedStatements): Kysely<CatalogTables> {
  return new Kysely<CatalogTables>({ dialect: new SqliteDialect({ database }) });
}

/**
 * Creates the file so that only its owner can ever read it. SQLite gives its log files the same
 * mode. A file that is there is not opened: to close it would drop the locks that other threads of
 * this process hold, and the next program that reads the catalog would remove its log
 * (https://www.sqlite.org/howtocorrupt.html, section 2.2).
 */
function makeFile(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw fileError(error);
  }
}

function connect(path: string): Database {
  const handle = new SqliteDatabase(path, { timeout: catalogBlockingWaitMs });
  try {
    handle.pragma('journal_mode = wal');
    // A revoked token must stay revoked after a power cut.
    handle.pragma('synchronous = full');
    handle.pragma('foreign_keys = on');
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

class SqliteCatalogDatabase implements CatalogDatabase {
  readonly #handle: Database;
  readonly #database: Kysely<CatalogTables>;
  readonly #selectRevision: Statement<[], number>;

  constructor(handle: Database, database: Kysely<CatalogTables>) {
    this.#handle = handle;
    this.#database = database;
    this.#selectRevision = handle.prepare<[], number>('select revision from catalog_state').pluck();
  }

  readRevision(): Promise<number> {
    return whenFree(() => this.#selectRevision.get() ?? 0);
  }

  transact<T>(
    kind: 'read' | 'write',
    work: (connection: Kysely<CatalogTables>) => Promise<T>,
  ): Promise<T> {
    const handle = this.#handle;
    return whenFree(() =>
      this.#database.connection().execute(async (connection) => {
        // `immediate` takes the write lock at once, so that reads inside stay true until the end.
        handle.exec(kind === 'read' ? 'begin deferred' : 'begin immediate');
        try {
          const result = await work(connection);
          handle.exec('commit');
          return result;
        } finally {
          // On a full disk SQLite has already rolled back.
          if (handle.inTransaction) handle.exec('rollback');
        }
      }),
    );
  }

  async close(): Promise<void> {
    await this.#database.destroy();
    // Kysely closes only connections that it has used.
    this.#handle.close();
  }
}
