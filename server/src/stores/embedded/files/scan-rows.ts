/** Reads the rows of a dataset from the lists of all contacts. */
import type { IdentityKey, RowKeys } from '../../store.ts';
import { mayHaveRowOf } from '../contacts/claims-in-list.ts';
import { type ListedRow, unpackList } from '../contacts/contact-list.ts';
import type { Environment } from '../environment.ts';
import { organizationPrefix } from '../keyed-database.ts';
import { isUnwritten } from '../meta.ts';
import { readEntries } from './read-entries.ts';

/**
 * What is written meanwhile may or may not be included. If nothing was ever written to the dataset,
 * no list is read.
 */
export async function* scanRows(
  { root, ids, meta }: Pick<Environment, 'root' | 'ids' | 'meta'>,
  organizationId: number,
  datasetId: number,
): AsyncIterable<RowKeys> {
  root.resetReadTxn();
  if (isUnwritten(meta, { organizationId, datasetId })) return;
  for await (const entries of readEntries(root, ids, organizationPrefix(organizationId))) {
    for (const { key, value } of entries) {
      if (!mayHaveRowOf(value, datasetId)) continue;
      const { rows, identities, aliases } = unpackList(value, value.length);
      const own = { typeId: 0, digest: key.subarray(2) };
      const contactIds = [
        own,
        ...aliases.map(({ contactId }) => ({ typeId: 0, digest: contactId })),
      ];
      for (const row of rows) {
        if (row.datasetId !== datasetId) continue;
        const named = namesOf(row, identities.length).map((at) => identities[at] as IdentityKey);
        yield { keys: [...named.slice(0, 1), ...contactIds, ...named.slice(1)] };
      }
    }
  }
}

/** The places of the identities that name a row, its key first. */
function namesOf({ key, kind, claims, isConverted }: ListedRow, identityCount: number): number[] {
  const all = kind === 'list' ? Array.from({ length: identityCount }, (_, at) => at) : [];
  const claimed = isConverted ? claims.map(({ identity }) => identity) : [];
  return [...new Set([key, ...all, ...claimed])];
}
