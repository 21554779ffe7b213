/** Adds a contact of which no identity is known yet: most rows of a first load. */
import type { SectionView } from '../../contact-codec.ts';
import { maxRecordBytes } from '../../limits.ts';
import { composeRecord, emptySection, mergeSections, recordRoom } from '../../merge-section.ts';
import { hasEmptyValue } from '../../read-record.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { indexFlags } from '../contacts/component.ts';
import { type ListedRow, packList, type StoredRowKind } from '../contacts/contact-list.ts';
import { asValue, putHighest, putLast } from '../keyed-database.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { newContactId } from './contact-entries.ts';
import type { WriteSession } from './write-session.ts';

interface AddedRow {
  readonly identities: readonly KnownIdentity[];
  readonly section: SectionView;
}

/** Returns `undefined`, and writes nothing, if an identity is known or named twice. */
export function addContact(
  session: WriteSession,
  origin: ChangeOrigin,
  row: AddedRow,
): AppliedChange | undefined {
  const { identities } = row;
  const added = addHighest(session, origin, row);
  if (added !== undefined) return added;
  if (!areAllUnknown(session, origin.organizationId, identities)) return undefined;
  const section = withoutEmptyValues(session, row.section);
  if (recordRoom(1, section.length) > maxRecordBytes) return { outcome: 'value_invalid' };
  const revision = session.nextRevision();
  const contactId = newContactId(session, revision);
  return addNew(session, origin, { contactId, revision, identities, section, isIndexed: false });
}

/**
 * A run sends its rows by the digests of their keys: in a first load, each is above all others. To
 * put it as such finds that nobody has it, fills pages and is faster than to look first. Otherwise
 * it returns `undefined`, and no more rows of the transaction are tried.
 */
function addHighest(
  session: WriteSession,
  origin: ChangeOrigin,
  { identities, section: given }: AddedRow,
): AppliedChange | undefined {
  const [identity] = identities;
  if (!session.areKeysAscending || identities.length > 1 || identity === undefined)
    return undefined;
  const section = withoutEmptyValues(session, given);
  if (recordRoom(1, section.length) > maxRecordBytes) return undefined;
  const revision = session.nextRevision();
  const contactId = newContactId(session, revision);
  const key = session.identityKey(origin.organizationId, identity.typeId, identity.digest);
  const entry = indexEntry(session, contactId, identity);
  if (putHighest(session.environment.id, key, entry)) {
    return addNew(session, origin, { contactId, revision, identities, section, isIndexed: true });
  }
  session.areKeysAscending = false;
  session.returnRevision();
  return undefined;
}

function addNew(
  session: WriteSession,
  origin: ChangeOrigin,
  contact: Omit<NewContact, 'kind' | 'section'> & { readonly section: SectionView },
): AppliedChange {
  const { identities, section, revision } = contact;
  origin.rollbackLog?.noteNewRow(identities[0] as IdentityKey, 'section');
  session.tally(origin).add(section, 1);
  putNewContact(session, origin, { ...contact, kind: 'contact' });
  return { outcome: 'added', revision };
}

/** Also `false` if one identity comes twice, or several of one type: the rules decide then. */
export function areAllUnknown(
  session: WriteSession,
  organizationId: number,
  identities: readonly KnownIdentity[],
): boolean {
  const { id } = session.environment;
  return identities.every(({ typeId, digest }, place) => {
    for (let at = 0; at < place; at += 1) if (identities[at]?.typeId === typeId) return false;
    return id.getBinaryFast(session.identityKey(organizationId, typeId, digest)) === undefined;
  });
}

interface NewContact {
  readonly kind: StoredRowKind;
  readonly contactId: Uint8Array;
  readonly revision: bigint;
  readonly identities: readonly KnownIdentity[];
  readonly section: SectionView | undefined;
  /** Whether its identities are in the index already. */
  readonly isIndexed: boolean;
}

/** Writes a contact with one row. Counts everything but the section. */
export function putNewContact(
  session: WriteSession,
  origin: ChangeOrigin,
  contact: NewContact,
): void {
  const { organizationId, datasetId, asOfMs, sourceVersion, effects } = origin;
  const { contactId, identities, section, revision } = contact;
  const { rec, ids, id } = session.environment;
  const own = section === undefined ? [] : [{ datasetId, view: section, asOfMs, sourceVersion }];
  const amended = session.amendments.sectionOf(organizationId, identities.slice(0, 1));
  const sections = amended === undefined ? own : [...own, amended];
  const length = composeRecord(session.recordScratch, { contactId, revision, sections });
  const place = { organizationId, contactId };
  putLast(rec, session.contactKey(place), asValue(session.recordScratch.bytes, length));
  const row = rowOf(origin, contact);
  const listLength = packList(session.listScratch, {
    founder: 0,
    aliases: [],
    rows: [row],
    joins: [],
    identities: identities.map((it) => ({ ...it, leadsHere: true })),
  });
  putLast(ids, session.contactKey(place), asValue(session.listScratch.bytes, listLength));
  for (const identity of identities) {
    effects.noteLed(identity, undefined, contactId);
    if (contact.isIndexed) continue;
    const key = session.identityKey(organizationId, identity.typeId, identity.digest);
    id.put(key, indexEntry(session, contactId, identity));
  }
  session.count(organizationId, 1, identities.length);
}

function indexEntry(
  session: WriteSession,
  contactId: Uint8Array,
  { value }: Pick<KnownIdentity, 'value'>,
): Uint8Array {
  const bytes = session.listScratch.reserve(17);
  bytes.set(contactId, 0);
  bytes[16] = value === '' ? 0 : indexFlags.isValueKnown;
  return asValue(bytes, 17);
}

function rowOf(
  { datasetId, version, isOfSnapshot, isPush }: ChangeOrigin,
  { kind, identities }: { kind: StoredRowKind; identities: readonly KnownIdentity[] },
): ListedRow {
  const claims = identities.map((_, identity) => ({ identity, since: version, isOfSnapshot }));
  const flags = { isHidden: false, isPushed: isPush, isConverted: false };
  return { datasetId, kind, key: 0, claims, version, ...flags };
}

export function withoutEmptyValues(session: WriteSession, section: SectionView): SectionView {
  if (!hasEmptyValue(section)) return section;
  return mergeSections(session.sectionScratch, emptySection, section);
}
