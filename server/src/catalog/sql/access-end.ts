/** The end of the access log, as it was noted last. */
import type { Kysely } from 'kysely';
import type { AccessEnd } from '../../domain/access-end.ts';
import type { CatalogTables } from './schema.ts';

export async function findAccessEnd(
  database: Kysely<CatalogTables>,
): Promise<AccessEnd | undefined> {
  return await database
    .selectFrom('access_end')
    .select(['block', 'hash', 'file'])
    .executeTakeFirst();
}

export async function noteAccessEnd(
  database: Kysely<CatalogTables>,
  end: AccessEnd,
): Promise<void> {
  await database
    .insertInto('access_end')
    .values({ id: 1, ...end })
    .onConflict((row) =>
      row.column('id').doUpdateSet(end).where('access_end.block', '<=', end.block),
    )
    .execute();
}
