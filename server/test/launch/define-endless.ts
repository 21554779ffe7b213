/** Defines a dataset with a query that never ends, for tests that stop its reader. */
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { SyncPlace } from '../sync/sync-place.ts';

/** Defines `crm`, which is due every day at 04:00. */
export async function defineEndless(place: SyncPlace): Promise<void> {
  const path = join(place.dataFolder, '..', 'endless.sqlite');
  new SqliteDatabase(path).exec('CREATE TABLE people (email TEXT)').close();
  const sql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT 'a@b.example' AS email, sum(i) AS name FROM n`;
  const schedule = { cron: '0 4 * * *', timeZone: 'UTC' };
  await place.define(
    'crm',
    { name: 'string' },
    { schedule, source: { kind: 'sqlite', path, sql } },
  );
}
