/** Adds a contact of which no identity is known yet: most rows of a first load. */
import type { SectionView } from '../../contact-codec.ts';
import { maxRecordBytes } from '../../limits.ts';
import { composeRecord, emptySection, mergeSections, recordRoom } from '../../merge-section.ts';
import { hasEmptyValue } from '../../read-record.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { indexFlags } from '../contacts/component.ts';
import { type ListedRow, packList, type StoredRowKind } from '../contacts/contact-list.ts';
import { asValue, putLast } from '../keyed-database.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { newContactId } from './contact-entries.ts';
import type { WriteSession } from './write-session.ts';

/** Returns `undefined`, and writes nothing, if an identity is known or named twice. */
export function addContact(
  session: WriteSession,
  origin: ChangeOrigin,
  row: { readonly identities: readonly KnownIdentity[]; readonly section: SectionView },
): AppliedChange | undefined {
  const { identities } = row;
  if (!areAllUnknown(session, origin.organizationId, identities)) return undefined;
  const section = withoutEmptyValues(session, row.section);
  if (recordRoom(1, section.length) > maxRecordBytes) return { outcome: 'value_invalid' };
  const revision = session.nextRevision();
  const contactId = newContactId(session, revision);
  origin.rollbackLog?.noteNewRow(identities[0] as IdentityKey, 'section');
  session.tally(origin).add(section, 1);
  putNewContact(session, origin, { kind: 'contact', contactId, revision, identities, section });
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

/** Writes a contact with one row. Counts everything but the section. */
export function putNewContact(
  session: WriteSession,
  origin: ChangeOrigin,
  contact: {
    readonly kind: StoredRowKind;
    readonly contactId: Uint8Array;
    readonly revision: bigint;
    readonly identities: readonly KnownIdentity[];
    readonly section: SectionView | undefined;
  },
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
    const { typeId, digest, value } = identity;
    const bytes = session.listScratch.reserve(17);
    bytes.set(contactId, 0);
    bytes[16] = value === '' ? 0 : indexFlags.isValueKnown;
    effects.noteLed(identity, undefined, contactId);
    id.put(session.identityKey(organizationId, typeId, digest), asValue(bytes, 17));
  }
  session.count(organizationId, 1, identities.length);
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
