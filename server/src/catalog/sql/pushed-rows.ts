/** How many rows were pushed to each dataset on the last day with pushed rows. */
import type { Kysely } from 'kysely';
import type { PushedRows } from '../catalog.ts';
import type { CatalogTables } from './schema.ts';

export async function recordPushes(
  database: Kysely<CatalogTables>,
  pushes: readonly PushedRows[],
): Promise<void> {
  for (const { organizationId, datasetId, lastAtMs, day, received, rejected } of pushes) {
    const known = await database
      .selectFrom('pushed_rows')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('dataset_id', '=', datasetId)
      .executeTakeFirst();
    // Threads report one after the other, so an older day may come late.
    if (known !== undefined && known.day > day) continue;
    const isSameDay = known?.day === day;
    const row = {
      last_at: Math.max(lastAtMs, known?.last_at ?? 0),
      day,
      received: received + (isSameDay ? known.received : 0),
      rejected: rejected + (isSameDay ? known.rejected : 0),
    };
    await database
      .insertInto('pushed_rows')
      .values({ organization_id: organizationId, dataset_id: datasetId, ...row })
      .onConflict((old) => old.columns(['organization_id', 'dataset_id']).doUpdateSet(row))
      .execute();
  }
}

export async function listPushes(
  database: Kysely<CatalogTables>,
  organizationId: number,
): Promise<readonly PushedRows[]> {
  const rows = await database
    .selectFrom('pushed_rows')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('dataset_id')
    .execute();
  return rows.map(({ dataset_id: datasetId, last_at: lastAtMs, day, received, rejected }) => {
    return { organizationId, datasetId, lastAtMs, day, received, rejected };
  });
}
