/**
 * Which tokens read which fields. Only the newest day of each pair is kept, so the table stays
 * small.
 */
import type { Kysely } from 'kysely';
import { fieldUseDays } from '../../domain/limits.ts';
import type { FieldRead } from '../catalog.ts';
import type { CatalogTables } from './schema.ts';

const dayMs = 86_400_000;

export async function recordFieldReads(
  database: Kysely<CatalogTables>,
  reads: readonly FieldRead[],
): Promise<void> {
  const today = Math.max(0, ...reads.map(({ day }) => day));
  await database
    .deleteFrom('field_reads')
    .where('day', '<', today - fieldUseDays)
    .execute();
  const rows = await database.selectFrom('tokens').select('row_id').execute();
  const known = new Set(rows.map((row) => row.row_id));
  for (const { tokenRowId, fieldId, day } of reads) {
    if (!known.has(tokenRowId)) continue;
    await database
      .insertInto('field_reads')
      .values({ token_row_id: tokenRowId, field_id: fieldId, day })
      .onConflict((read) =>
        read
          .columns(['token_row_id', 'field_id'])
          .doUpdateSet({ day })
          .where('field_reads.day', '<', day),
      )
      .execute();
  }
}

export async function listFieldReads(
  database: Kysely<CatalogTables>,
  organizationId: number,
  sinceMs: number,
): Promise<readonly FieldRead[]> {
  const rows = await database
    .selectFrom('field_reads')
    .innerJoin('tokens', 'tokens.row_id', 'field_reads.token_row_id')
    .select(['token_row_id', 'field_id', 'day'])
    .where('organization_id', '=', organizationId)
    .where('day', '>=', Math.floor(sinceMs / dayMs))
    .orderBy('token_row_id')
    .orderBy('field_id')
    .execute();
  return rows.map((row) => ({
    tokenRowId: row.token_row_id,
    fieldId: row.field_id,
    day: row.day,
  }));
}
