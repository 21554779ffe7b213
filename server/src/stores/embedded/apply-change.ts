/**
 * Applies one change inside a write transaction: finds the contact, judges whether the change is newer, and writes its record,
 * its identities and their index entries together.
 */
import { maxIdentitiesPerContact, maxIdentityBytes, maxRecordBytes } from '../../domain/limits.ts';
import { requireSoundRecord, type SectionView, viewSection } from '../contact-codec.ts';
import {
  asOfAt,
  emptySection,
  findSectionEntry,
  hasEmptyValue,
  isSameSection,
  mergeSections,
  type RecordView,
  sectionAt,
  sourceVersionAt,
  writeRecord,
} from '../merge-section.ts';
import type { ContactChange, KnownIdentity, RefusedChange } from '../store.ts';
import { packIdentities, unpackIdentities } from './identity-list.ts';
import { asValue, putLast } from './keyed-database.ts';
import { isSameIdentity, type Resolution, resolveContact } from './resolve-contact.ts';
import type { WriteSession } from './write-session.ts';

export type ChangeOutcome = 'added' | 'changed' | 'unchanged' | 'stale' | 'cleared' | RefusedChange;

/** Whose change it is. */
export interface ChangeOrigin {
  readonly organizationId: number;
  readonly datasetId: number;
  readonly sourceVersion: bigint;
  /** Of the section; 0: the dataset's last run says it. */
  readonly asOfMs: number;
}

export interface AppliedChange {
  readonly outcome: ChangeOutcome;
  /** Of the record written, if one was. */
  readonly revision?: bigint;
}

/** Writes nothing at all where the outcome is a rejection, `unchanged` or `stale`. */
export function applyChange(
  session: WriteSession,
  origin: ChangeOrigin,
  change: ContactChange,
): AppliedChange {
  const section = change.kind === 'clear' ? emptySection : viewSection(change.section);
  if (section === undefined || !areIdentitiesValid(change.identities)) return rejected;
  const resolution = resolveContact(session, origin.organizationId, change.identities);
  if (typeof resolution === 'string') return { outcome: resolution };
  const { contactId } = resolution;
  if (contactId === undefined) {
    if (change.kind === 'clear') return unchanged;
    return addContact(session, origin, resolution.unknown, section);
  }
  const target = { ...origin, contactId };
  if (change.kind === 'clear') return clearSection(session, target);
  return changeContact(session, target, { kind: change.kind, section, resolution });
}

const rejected: AppliedChange = { outcome: 'value_invalid' };
const unchanged: AppliedChange = { outcome: 'unchanged' };
const stale: AppliedChange = { outcome: 'stale' };
const repeated: AppliedChange = { outcome: 'identity_repeated' };

interface Target extends ChangeOrigin {
  readonly contactId: Uint8Array;
}

function areIdentitiesValid(identities: readonly KnownIdentity[]): boolean {
  if (identities.length === 0 || identities.length > maxIdentitiesPerContact) return false;
  return identities.every(
    ({ typeId, digest, value }) =>
      typeId >= 0 &&
      typeId <= 65_535 &&
      digest.length === 16 &&
      // A UTF-16 unit is at most 3 bytes of UTF-8, so that short values need no counting.
      (value.length * 3 <= maxIdentityBytes || Buffer.byteLength(value) <= maxIdentityBytes),
  );
}

function addContact(
  session: WriteSession,
  origin: ChangeOrigin,
  identities: readonly KnownIdentity[],
  given: SectionView,
): AppliedChange {
  const revision = session.nextRevision();
  const contactId = new Uint8Array(16);
  session.writeContactId(contactId, revision);
  const section = withoutEmptyValues(session, given);
  const target = { ...origin, contactId };
  if (!putRecord(session, target, { previous: undefined, old: undefined, section, revision }))
    return rejected;
  putIdentities(session, target, identities, identities);
  session.count(origin.organizationId, 1, identities.length);
  return { outcome: 'added', revision };
}

interface SectionChange {
  readonly kind: 'replace' | 'patch';
  readonly section: SectionView;
  readonly resolution: Resolution;
}

function changeContact(
  session: WriteSession,
  target: Target,
  { kind, section: given, resolution }: SectionChange,
): AppliedChange {
  const { unknown, valued } = resolution;
  // Before the record is read, since each read takes the bytes of the last one.
  const identities =
    unknown.length + valued.length > 0 ? joinIdentities(session, target, resolution) : undefined;
  if (identities !== undefined && identities.length > maxIdentitiesPerContact) return rejected;

  const previous = readRecord(session, target);
  const entry = findSectionEntry(previous, target.datasetId);
  const version = entry < 0 ? 0n : sourceVersionAt(previous, entry);
  if (version > target.sourceVersion) return stale;
  const old = entry < 0 ? emptySection : sectionAt(previous, entry);
  const section =
    kind === 'patch'
      ? mergeSections(session.sectionScratch, old, given)
      : withoutEmptyValues(session, given);
  const isSame = identities === undefined && entry >= 0 && isSameSection(old, section);
  const asOfMs = entry < 0 ? 0 : asOfAt(previous, entry);
  if (isSame && target.asOfMs <= asOfMs) return unchanged;
  if (version === target.sourceVersion) return repeated;

  const revision = session.nextRevision();
  const written = entry < 0 ? undefined : old;
  if (!putRecord(session, target, { previous, old: written, section, revision })) return rejected;
  if (identities !== undefined) {
    putIdentities(session, target, identities, [...unknown, ...valued]);
    session.count(target.organizationId, 0, unknown.length);
  }
  return { outcome: isSame ? 'unchanged' : 'changed', revision };
}

function clearSection(session: WriteSession, target: Target): AppliedChange {
  const previous = readRecord(session, target);
  const entry = findSectionEntry(previous, target.datasetId);
  if (entry < 0) return unchanged;
  if (sourceVersionAt(previous, entry) >= target.sourceVersion) return stale;
  const revision = session.nextRevision();
  const old = sectionAt(previous, entry);
  putRecord(session, target, { previous, old, section: undefined, revision });
  return { outcome: 'cleared', revision };
}

/** Valid until the next read. */
function readRecord(session: WriteSession, { organizationId, contactId }: Target): RecordView {
  const { rec } = session.environment;
  const bytes = rec.getBinaryFast(session.contactKey(organizationId, contactId));
  const length = bytes === undefined ? 0 : rec.lastSize;
  requireSoundRecord(bytes ?? Buffer.alloc(0), length);
  return { bytes: bytes as Buffer, length };
}

interface RecordChange {
  readonly previous: RecordView | undefined;
  /** The dataset's section in it. */
  readonly old: SectionView | undefined;
  readonly section: SectionView | undefined;
  readonly revision: bigint;
}

/** `false`, and nothing written: the record would be too long. */
function putRecord(session: WriteSession, target: Target, change: RecordChange): boolean {
  const { organizationId, datasetId, contactId } = target;
  const length = writeRecord(session.recordScratch, { ...target, ...change });
  if (length > maxRecordBytes) return false;
  const tally = session.tally(organizationId, datasetId);
  if (change.old !== undefined) tally.add(change.old, -1);
  if (change.section !== undefined) tally.add(change.section, 1);
  const key = session.contactKey(organizationId, contactId);
  const value = asValue(session.recordScratch.bytes, length);
  if (change.previous === undefined) putLast(session.environment.rec, key, value);
  else session.environment.rec.put(key, value);
  return true;
}

function withoutEmptyValues(session: WriteSession, section: SectionView): SectionView {
  if (!hasEmptyValue(section)) return section;
  return mergeSections(session.sectionScratch, emptySection, section);
}

/** The contact's identities with the new ones behind them, and values where only hashes were known. */
function joinIdentities(
  session: WriteSession,
  { organizationId, contactId }: Target,
  { unknown, valued }: Resolution,
): KnownIdentity[] {
  const { ids } = session.environment;
  const packed = ids.getBinaryFast(session.contactKey(organizationId, contactId));
  const known = packed === undefined ? [] : unpackIdentities(packed, ids.lastSize);
  return [
    ...known.map((identity) => valued.find((it) => isSameIdentity(it, identity)) ?? identity),
    ...unknown,
  ];
}

/** Writes the contact's whole list, and the index entries of those that are new or newly valued. */
function putIdentities(
  session: WriteSession,
  { organizationId, contactId }: Target,
  all: readonly KnownIdentity[],
  indexed: readonly KnownIdentity[],
): void {
  const { ids, id } = session.environment;
  const length = packIdentities(session.listScratch, all);
  const key = session.contactKey(organizationId, contactId);
  const list = asValue(session.listScratch.bytes, length);
  // Only of a new contact are all identities new.
  if (all === indexed) putLast(ids, key, list);
  else ids.put(key, list);
  for (const { typeId, digest, value } of indexed) {
    const bytes = session.listScratch.reserve(17);
    bytes.set(contactId, 0);
    bytes[16] = value === '' ? 0 : 1;
    id.put(session.identityKey(organizationId, typeId, digest), asValue(bytes, 17));
  }
}
