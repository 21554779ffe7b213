/** Finds a dataset's row in a component, and its section in the store. */
import type { DatasetPlace } from '../../run-lease.ts';
import type { IdentityNode, RowNode } from '../contacts/component.ts';
import { hiddenKey, readHidden, type StoredSection } from '../contacts/hidden-sections.ts';
import type { ComponentChange } from './component-change.ts';
import { findRecord, findSection } from './contact-entries.ts';
import type { WriteSession } from './write-session.ts';

/**
 * The dataset's row with this key. A row of an older release, whose key is not known, is found by
 * any of its identities.
 */
export function findRow(
  change: ComponentChange,
  { datasetId }: DatasetPlace,
  key: IdentityNode,
): RowNode | undefined {
  const known = change.rowOf(datasetId, key);
  if (known !== undefined) return known;
  return change.component.rows.find(
    (row) =>
      row.isConverted && row.datasetId === datasetId && row.claims.some(({ node }) => node === key),
  );
}

/** A copy of the row's section as stored. `undefined`: it is new, or has none. */
export function storedSection(
  session: WriteSession,
  organizationId: number,
  row: RowNode,
): StoredSection | undefined {
  const { home, datasetId, kind } = row;
  if (home === undefined || (kind !== 'contact' && kind !== 'list')) return undefined;
  if (row.wasHidden) {
    const key = hiddenKey({ organizationId, datasetId }, row.storedKey);
    return readHidden(session.environment.row, key);
  }
  const record = findRecord(session, { organizationId, contactId: home.contactId });
  if (record === undefined) return undefined;
  const bytes = Buffer.from(record.bytes.subarray(0, record.length));
  return findSection({ bytes, length: record.length }, datasetId);
}
