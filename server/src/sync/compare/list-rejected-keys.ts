/**
 * Finds the keys of rejected rows: the source still has these rows, so nothing of them is cleared.
 */
import type { Workbench } from '../../sources/workbench.ts';
import type { ContactReader } from '../../stores/store.ts';
import { identityOf, identityText } from '../table/identity-text.ts';
import { addRows, inBatches, readLines } from '../table/table-rows.ts';
import { makeTables, type Tables } from '../table/tables.ts';

/**
 * A row whose key cannot be read counts by its other identities: whichever rows belong to their
 * contacts may be its row. The result then also holds identities that are no keys, which find no
 * row.
 * @param reader `undefined`: there is no store yet
 */
export async function listRejectedKeys(
  workbench: Workbench,
  { rejectedIdentities }: Tables<'rejectedIdentities'>,
  { reader, organizationId }: { reader: ContactReader | undefined; organizationId: number },
): Promise<Tables<'rejectedKeys'>> {
  const tables = await makeTables(workbench, {
    rejectedKeys: `SELECT DISTINCT identity AS row_key FROM ${rejectedIdentities}`,
  });
  if (reader === undefined) return tables;
  const parts = { memberships: false, identities: true };
  const others: string[] = [];
  const unread = readLines(workbench, 'identity', `${rejectedIdentities} WHERE is_key = 0`);
  for await (const batch of inBatches(unread)) {
    const queries = batch.map((identity) => {
      return { organizationId, identity: identityOf(identity), parts };
    });
    const found = await reader.readContacts(queries, ({ identities }) =>
      identities.map(identityText),
    );
    others.push(...found.flatMap((identities) => identities ?? []));
  }
  const rows = [...new Set(others)].map((identity) => [identity]);
  await addRows(workbench, tables.rejectedKeys, rows);
  return tables;
}
