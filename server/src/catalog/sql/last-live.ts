/** The definitions with which flows answered last, kept while they do not answer. */
import type { Kysely } from 'kysely';
import type { CatalogTables } from './schema.ts';

type Database = Kysely<CatalogTables>;

export async function listLastLive(
  database: Database,
  organizationId: number,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const rows = await database
    .selectFrom('last_live_definitions')
    .select(['flow_id', 'definitions'])
    .where('organization_id', '=', organizationId)
    .execute();
  return new Map(rows.map(({ flow_id: id, definitions }) => [id, definitions]));
}

export async function keepLastLive(
  database: Database,
  { organizationId, flowId }: { readonly organizationId: number; readonly flowId: number },
  definitions: Uint8Array | null,
): Promise<void> {
  if (definitions === null) {
    await database
      .deleteFrom('last_live_definitions')
      .where('organization_id', '=', organizationId)
      .where('flow_id', '=', flowId)
      .execute();
    return;
  }
  await database
    .insertInto('last_live_definitions')
    .values({ organization_id: organizationId, flow_id: flowId, definitions })
    .onConflict((known) =>
      known.columns(['organization_id', 'flow_id']).doUpdateSet({ definitions }),
    )
    .execute();
}
