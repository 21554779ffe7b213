/** Reads and writes a contact's record, identities and index entries in a write transaction. */
import { requireSoundRecord, type SectionView } from '../../contact-codec.ts';
import { maxRecordBytes } from '../../limits.ts';
import { writeRecord } from '../../merge-section.ts';
import {
  asOfAt,
  findSectionEntry,
  type RecordView,
  sectionAt,
  sourceVersionAt,
} from '../../read-record.ts';
import type { DatasetPlace } from '../../run-lease.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { packIdentities, unpackIdentities } from '../identity-list.ts';
import { asValue, putLast } from '../keyed-database.ts';
import type { PreviousSection } from '../rollback/rollback-entry.ts';
import type { RollbackLog } from '../rollback/rollback-log.ts';
import { isSameIdentity, type Resolution } from './resolve-contact.ts';
import type { ContactPlace, WriteSession } from './write-session.ts';

/** A section to be written: its contact, dataset and version. */
export interface ContactTarget extends ContactPlace, DatasetPlace {
  readonly sourceVersion: bigint;
  /** Encoded as `section-age.ts` describes. */
  readonly asOfMs: number;
}

/** Valid until the next read. `undefined`: no such contact. */
export function findRecord(session: WriteSession, place: ContactPlace): RecordView | undefined {
  const { rec } = session.environment;
  const bytes = rec.getBinaryFast(session.contactKey(place));
  if (bytes === undefined) return undefined;
  const length = rec.lastSize;
  requireSoundRecord(bytes, length);
  return { bytes, length };
}

export function findSection(record: RecordView, datasetId: number): PreviousSection | undefined {
  const entry = findSectionEntry(record, datasetId);
  if (entry < 0) return undefined;
  return {
    view: sectionAt(record, entry),
    asOfMs: asOfAt(record, entry),
    sourceVersion: sourceVersionAt(record, entry),
  };
}

export interface RecordChange {
  /** `undefined`: a new contact. */
  readonly previous: RecordView | undefined;
  /** The dataset's section in it. */
  readonly old: PreviousSection | undefined;
  /** `undefined` removes the section. */
  readonly section: SectionView | undefined;
  readonly revision: bigint;
  /** Identities that the change adds. */
  readonly added?: readonly IdentityKey[];
  readonly valued?: readonly IdentityKey[];
}

/**
 * `false`: the record would be too long, and nothing was written. Overwrites the bytes of the last
 * read.
 */
export function putRecord(
  session: WriteSession,
  target: ContactTarget,
  change: RecordChange,
  rollbackLog?: RollbackLog,
): boolean {
  const { contactId } = target;
  const { previous, old, section, added = [], valued = [] } = change;
  const length = writeRecord(session.recordScratch, { ...target, ...change });
  if (length > maxRecordBytes) return false;
  const tally = session.tally(target);
  if (old !== undefined) tally.add(old.view, -1);
  if (section !== undefined) tally.add(section, 1);
  const record = { bytes: session.recordScratch.bytes, length };
  const isAdded = previous === undefined;
  rollbackLog?.noteSection({ contactId, record, isAdded, added, valued, section: old });
  const key = session.contactKey(target);
  const value = asValue(session.recordScratch.bytes, length);
  if (isAdded) putLast(session.environment.rec, key, value);
  else session.environment.rec.put(key, value);
  return true;
}

export function readIdentities(session: WriteSession, place: ContactPlace): KnownIdentity[] {
  const { ids } = session.environment;
  const packed = ids.getBinaryFast(session.contactKey(place));
  return packed === undefined ? [] : unpackIdentities(packed, ids.lastSize);
}

/** The contact's identities followed by the new ones, with values where only hashes were known. */
export function joinIdentities(
  session: WriteSession,
  place: ContactPlace,
  { unknown, valued }: Resolution,
): KnownIdentity[] {
  const known = readIdentities(session, place);
  return [
    ...known.map((identity) => valued.find((it) => isSameIdentity(it, identity)) ?? identity),
    ...unknown,
  ];
}

/** Writes the contact's list, and the index entries of identities that are new or newly valued. */
export function putIdentities(
  session: WriteSession,
  place: ContactPlace,
  all: readonly KnownIdentity[],
  indexed: readonly KnownIdentity[],
): void {
  const { ids, id } = session.environment;
  const length = packIdentities(session.listScratch, all);
  const key = session.contactKey(place);
  const list = asValue(session.listScratch.bytes, length);
  // All identities are new only if the contact is new.
  if (all === indexed) putLast(ids, key, list);
  else ids.put(key, list);
  for (const { typeId, digest, value } of indexed) {
    const bytes = session.listScratch.reserve(17);
    bytes.set(place.contactId, 0);
    bytes[16] = value === '' ? 0 : 1;
    id.put(session.identityKey(place.organizationId, typeId, digest), asValue(bytes, 17));
  }
}

/** A copy of the contact's packed memberships; `undefined`: there are none. */
export function readMemberships(session: WriteSession, place: ContactPlace): Buffer | undefined {
  const { mem } = session.environment;
  const packed = mem.getBinaryFast(session.contactKey(place));
  return packed === undefined ? undefined : Buffer.from(packed.subarray(0, mem.lastSize));
}

/** @param packed `undefined`: removes the contact's memberships */
export function putMemberships(
  session: WriteSession,
  place: ContactPlace,
  packed: Uint8Array | undefined,
): void {
  const { mem } = session.environment;
  const key = session.contactKey(place);
  if (packed === undefined) mem.remove(key);
  else mem.put(key, packed);
}

export function newContactId(session: WriteSession, revision: bigint): Uint8Array {
  const contactId = new Uint8Array(16);
  session.writeContactId(contactId, revision);
  return contactId;
}

export function hasMemberships(session: WriteSession, place: ContactPlace): boolean {
  return session.environment.mem.getBinaryFast(session.contactKey(place)) !== undefined;
}

/** Removes index entries that lead to the contact. */
export function removeFromIndex(
  session: WriteSession,
  { organizationId, contactId }: ContactPlace,
  identities: readonly IdentityKey[],
): void {
  const { id } = session.environment;
  for (const { typeId, digest } of identities) {
    const key = session.identityKey(organizationId, typeId, digest);
    const found = id.getBinaryFast(key);
    if (found === undefined || Buffer.compare(found.subarray(0, 16), contactId) !== 0) continue;
    id.remove(session.identityKey(organizationId, typeId, digest));
  }
}

/** Removes the contact and everything that leads to it. */
export function removeContact(session: WriteSession, target: ContactTarget): void {
  const { rec, ids, mem } = session.environment;
  const identities = readIdentities(session, target);
  removeFromIndex(session, target, identities);
  const record = findRecord(session, target);
  const old = record === undefined ? undefined : findSection(record, target.datasetId);
  if (old !== undefined) session.tally(target).add(old.view, -1);
  for (const database of [rec, ids, mem]) database.remove(session.contactKey(target));
  session.count(target.organizationId, -1, -identities.length);
}
