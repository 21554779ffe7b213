/** Reads what is stored of a component's contacts, before the component is written. */
import type { RecordView } from '../../read-record.ts';
import type { RowNode, StoredContact } from '../contacts/component.ts';
import { hiddenKey, readHidden, type StoredSection } from '../contacts/hidden-sections.ts';
import { findRecord, findSection } from './contact-entries.ts';
import type { WriteSession } from './write-session.ts';

/** A copy of the contact's record, which is read once. */
export function storedRecord(
  session: WriteSession,
  organizationId: number,
  contact: StoredContact,
): RecordView | undefined {
  if (contact.record === undefined) {
    const found = findRecord(session, { organizationId, contactId: contact.contactId });
    contact.record = found === undefined ? null : copyOf(found);
  }
  return contact.record ?? undefined;
}

function copyOf({ bytes, length }: RecordView): RecordView {
  return { bytes: Buffer.from(bytes.subarray(0, length)), length };
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
  const record = storedRecord(session, organizationId, home);
  return record && findSection(record, datasetId);
}
