/** Runs the missing migrations, and refuses a database that a newer release has changed. */
import type { Database } from 'better-sqlite3';
import type { Kysely } from 'kysely';
import { UsherError } from '../../domain/errors.ts';
import type { CatalogTables } from '../sql/schema.ts';
import { migrations } from './migrations.ts';

/**
 * @param handle the connection that `database` uses
 * @throws UsherError `store_unavailable` for a database of a newer release
 */
export async function migrate(
  handle: Database,
  database: Kysely<CatalogTables>,
  nowMs: number,
): Promise<void> {
  const known = migrations(nowMs);
  if (isUpToDate(handle, Object.keys(known))) return;
  const { Migrator } = await import('kysely/migration');
  // One transaction around everything, so that two processes that open a new folder make one
  // catalog.
  handle.exec('begin immediate');
  try {
    const migrator = new Migrator({
      db: database,
      provider: { getMigrations: () => Promise.resolve({ ...known }) },
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    handle.exec('commit');
  } finally {
    if (handle.inTransaction) handle.exec('rollback');
  }
}

function isUpToDate(handle: Database, known: readonly string[]): boolean {
  const table = handle
    .prepare("select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'")
    .get();
  if (table === undefined) return false;
  const done = handle.prepare('select name from kysely_migration').pluck().all() as string[];
  const unknown = done.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsherError(
      'store_unavailable',
      `The catalog was changed by a newer release of Usher (${unknown.join(', ')}). ` +
        'Start that release or a later one.',
    );
  }
  return done.length === known.length;
}
