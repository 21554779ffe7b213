/** Reads the section of a row in a write transaction. */
import type { RowNode } from '../contacts/component.ts';
import { hiddenKey, readHidden, type StoredSection } from '../contacts/hidden-sections.ts';
import { findRecord, findSection } from './contact-entries.ts';
import type { WriteSession } from './write-session.ts';

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
