/** Tells, for people, which identities several rows of a source name. */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { Tables } from '../table/tables.ts';

/** A sentence for each identity type with values that rows of different keys name. */
export async function sharedIdentityNotes(
  workbench: Workbench,
  { stagedRows }: Tables<'stagedRows'>,
  { identifiers }: RowMapping,
): Promise<string[]> {
  if (identifiers.length < 2) return [];
  const names = new Map(identifiers.map(({ identityType: { id, name } }) => [id, name]));
  const each = identifiers.map(
    ({ identityType: { id } }, at) => `SELECT ${id} AS type_id, digest${at} AS digest, row_key
      FROM ${stagedRows} WHERE digest${at} IS NOT NULL`,
  );
  const shared = await workbench.rows(`SELECT type_id, count(*)
    FROM (SELECT type_id FROM (${each.join(' UNION ALL ')})
      GROUP BY type_id, digest HAVING min(row_key) <> max(row_key))
    GROUP BY type_id ORDER BY type_id`);
  return shared.map(([id, count]) => {
    const number = Number(count).toLocaleString('en-US');
    const values = Number(count) === 1 ? '1 value' : `${number} values`;
    return `${values} of ${names.get(Number(id))} in 2 or more rows with different keys: such a value finds nobody, or joins the rows (docs/identities.md)`;
  });
}
