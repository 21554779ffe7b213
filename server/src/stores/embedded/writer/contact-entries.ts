/** Reads and writes the entries of one contact in a write transaction. */
import { hasJourneyOrigins } from '../../../domain/membership/membership-ledger.ts';
import { requireSoundRecord } from '../../contact-codec.ts';
import {
  asOfAt,
  countDatasetSections,
  findSectionEntry,
  type RecordView,
  sectionAt,
  sourceVersionAt,
} from '../../read-record.ts';
import type { StoredSection } from '../contacts/hidden-sections.ts';
import { requireJourneys } from '../store-format.ts';
import type { ContactPlace, WriteSession } from './write-session.ts';

/** Valid until the next read. `undefined`: no such contact. */
export function findRecord(session: WriteSession, place: ContactPlace): RecordView | undefined {
  const { rec } = session.environment;
  const bytes = rec.getBinaryFast(session.contactKey(place));
  if (bytes === undefined) return undefined;
  const length = rec.lastSize;
  requireSoundRecord(bytes, length);
  return { bytes, length };
}

export function findSection(record: RecordView, datasetId: number): StoredSection | undefined {
  const entry = findSectionEntry(record, datasetId);
  if (entry < 0) return undefined;
  return {
    view: sectionAt(record, entry),
    asOfMs: asOfAt(record, entry),
    sourceVersion: sourceVersionAt(record, entry),
  };
}

export function hasRecord(session: WriteSession, place: ContactPlace): boolean {
  return session.environment.rec.getBinaryFast(session.contactKey(place)) !== undefined;
}

/** A copy of the contact's packed memberships; `undefined`: there are none. */
export function readMemberships(session: WriteSession, place: ContactPlace): Buffer | undefined {
  const { mem } = session.environment;
  const packed = mem.getBinaryFast(session.contactKey(place));
  return packed === undefined ? undefined : Buffer.from(packed.subarray(0, mem.lastSize));
}

/**
 * Earlier releases cannot read memberships with reported journeys, so they refuse the store from
 * then on.
 * @param packed `undefined`: removes the contact's memberships
 */
export function putMemberships(
  session: WriteSession,
  place: ContactPlace,
  packed: Uint8Array | undefined,
): void {
  const { mem, meta } = session.environment;
  const key = session.contactKey(place);
  if (packed === undefined) {
    mem.remove(key);
    return;
  }
  if (hasJourneyOrigins(packed)) requireJourneys(meta);
  mem.put(key, packed);
}

export function newContactId(session: WriteSession, revision: bigint): Uint8Array {
  const contactId = new Uint8Array(16);
  session.writeContactId(contactId, revision);
  return contactId;
}

/** Whether nothing of the contact is left to answer. */
export function isGone(session: WriteSession, place: ContactPlace): boolean {
  const record = findRecord(session, place);
  return (
    record === undefined || (countDatasetSections(record) === 0 && !hasMemberships(session, place))
  );
}

function hasMemberships(session: WriteSession, place: ContactPlace): boolean {
  return session.environment.mem.getBinaryFast(session.contactKey(place)) !== undefined;
}
