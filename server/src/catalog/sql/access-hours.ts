/** How often contacts were looked at, by organization and hour. */
import type { Kysely } from 'kysely';
import type { AccessHour } from '../../domain/access-hours.ts';
import { keptAccessHours } from '../limits.ts';
import type { CatalogTables } from './schema.ts';

type Database = Kysely<CatalogTables>;

/** Rows in one statement: SQLite allows 32,766 parameters. */
const rowsPerStatement = 500;

export async function addAccessHours(
  database: Database,
  hours: readonly AccessHour[],
  nowHour: number,
): Promise<void> {
  for (let start = 0; start < hours.length; start += rowsPerStatement) {
    const rows = hours.slice(start, start + rowsPerStatement).map(rowOf);
    await database
      .insertInto('access_hours')
      .values(rows)
      .onConflict((row) =>
        row.columns(['organization_id', 'hour']).doUpdateSet((is) => ({
          looks: is('access_hours.looks', '+', is.ref('excluded.looks')),
          by_users: is('access_hours.by_users', '+', is.ref('excluded.by_users')),
          reveals: is('access_hours.reveals', '+', is.ref('excluded.reveals')),
        })),
      )
      .execute();
  }
  const oldest = nowHour - keptAccessHours;
  await database.deleteFrom('access_hours').where('hour', '<', oldest).execute();
}

export async function listAccessHours(
  database: Database,
  organizationId: number,
  fromHour: number,
): Promise<readonly AccessHour[]> {
  const rows = await database
    .selectFrom('access_hours')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('hour', '>=', fromHour)
    .orderBy('hour')
    .execute();
  return rows.map(({ organization_id, hour, looks, by_users, reveals }) => {
    return { organizationId: organization_id, hour, looks, byUsers: by_users, reveals };
  });
}

function rowOf({ organizationId, hour, looks, byUsers, reveals }: AccessHour) {
  return { organization_id: organizationId, hour, looks, by_users: byUsers, reveals };
}
