/** The faults of one entry: of a contact, of an identity, of a link or of a hidden section. */
import { amendmentsDatasetId } from '../../contact-codec.ts';
import type { RecordSection } from '../../merge-section.ts';
import {
  countDatasetSections,
  findSectionEntry,
  isContact,
  isSameSection,
  type RecordView,
  sectionAt,
  winnerIdOf,
} from '../../read-record.ts';
import type { IdentityKey } from '../../store.ts';
import { unpackAmended } from '../contacts/amendment-book.ts';
import { isSameIdentity } from '../contacts/component.ts';
import type { ContactList } from '../contacts/contact-list.ts';
import { hiddenKey, readHiddenKey } from '../contacts/hidden-sections.ts';
import { readLinkKey, waitKey } from '../contacts/identity-links.ts';
import { indexKeyOf, type StoredContacts } from './stored-contacts.ts';

/**
 * How many identities of a contact's list do not lead to it in the index, or lead to it although
 * the list says that they do not, or are not linked with the rows that claim them without effect.
 * 1 if the list is damaged, or if there is no record of the contact.
 */
export function countLost(contacts: StoredContacts, contactKey: Uint8Array): number {
  const { ids, rec } = contacts.environment;
  if (!contacts.has(ids, contactKey)) return 0;
  const list = contacts.listAt(contactKey);
  if (list === undefined || !contacts.has(rec, contactKey)) return 1;
  const [organization, contactId] = [
    Buffer.from(contactKey).subarray(0, 2),
    contactKey.subarray(2),
  ];
  const isLinked = (key: Uint8Array) => contacts.has(contacts.environment.link, key);
  return list.identities.filter((identity, place) => {
    const entry = contacts.entryAt(indexKeyOf(organization, identity));
    if (entry === undefined) return true;
    const leadsHere = Buffer.compare(entry.contactId, contactId) === 0;
    if (leadsHere !== identity.leadsHere) return true;
    return !leadsHere && !waitKeys(organization, list, place).every(isLinked);
  }).length;
}

/** The links of the rows that claim an identity of the list, which leads elsewhere. */
function waitKeys(
  organization: Buffer,
  { rows, identities }: ContactList,
  place: number,
): readonly Buffer[] {
  const claiming = rows.filter(({ claims }) => claims.some(({ identity }) => identity === place));
  return claiming.map(({ datasetId, key }) => {
    const row = { datasetId, key: identities[key] as IdentityKey };
    return waitKey(organization.readUInt16BE(0), identities[place] as IdentityKey, row);
  });
}

/**
 * Whether the contact's rows and its sections differ: a row without its section, a section without
 * its row, a row whose key leads elsewhere, another id of the contact that does not redirect to it,
 * or amendments of its row keys that its record does not have.
 */
export function isMisplaced(contacts: StoredContacts, contactKey: Uint8Array): boolean {
  const list = contacts.listAt(contactKey);
  const record = contacts.recordAt(contactKey);
  // Without rows, a list is of an older format. The other faults are counted elsewhere.
  if (list === undefined || record === undefined || list.rows.length === 0) return false;
  const organization = Buffer.from(contactKey.subarray(0, 2));
  const organizationId = organization.readUInt16BE(0);
  const answering = new Set<number>();
  for (const { datasetId, kind, key, isHidden } of list.rows) {
    const identity = list.identities[key];
    if (identity === undefined || !identity.leadsHere) return true;
    if (kind !== 'contact' && kind !== 'list') continue;
    if (!isHidden && answering.has(datasetId)) return true;
    if (!isHidden) answering.add(datasetId);
    const at = hiddenKey({ organizationId, datasetId }, identity);
    if (contacts.has(contacts.environment.row, at) !== isHidden) return true;
  }
  return (
    countDatasetSections(record) !== answering.size ||
    [...answering].some((datasetId) => findSectionEntry(record, datasetId) < 0) ||
    !isAmendedAs(contacts, { organizationId, record, list }) ||
    !doRedirect(contacts, contactKey, list)
  );
}

/** Whether the record has what was amended of its row keys. */
function isAmendedAs(
  { amendments }: StoredContacts,
  {
    organizationId,
    record,
    list,
  }: {
    readonly organizationId: number;
    readonly record: RecordView;
    readonly list: ContactList;
  },
): boolean {
  const entry = findSectionEntry(record, amendmentsDatasetId);
  const rows = list.rows.filter(({ kind }) => kind !== 'list');
  const keys = [...new Set(rows.map(({ key }) => key))];
  const identities = keys.map((place) => list.identities[place] as IdentityKey);
  let amended: RecordSection | undefined;
  try {
    amended = amendments.sectionOf(organizationId, identities);
  } catch {
    return false;
  }
  if (entry < 0 || amended === undefined) return entry < 0 && amended === undefined;
  return isSameSection(sectionAt(record, entry), amended.view);
}

function doRedirect(
  contacts: StoredContacts,
  contactKey: Uint8Array,
  { aliases }: ContactList,
): boolean {
  return aliases.every(({ contactId }) => {
    const alias = contacts.recordAt(Buffer.concat([contactKey.subarray(0, 2), contactId]));
    const winnerId = alias && winnerIdOf(alias.bytes);
    return winnerId !== undefined && Buffer.compare(winnerId, contactKey.subarray(2)) === 0;
  });
}

/**
 * Whether an index entry is wrong: it leads to no contact, or to one that does not have the
 * identity.
 */
export function isDangling(contacts: StoredContacts, indexKey: Uint8Array): boolean {
  const { id } = contacts.environment;
  if (!contacts.has(id, indexKey)) return false;
  const entry = contacts.entryAt(indexKey);
  if (entry === undefined) return true;
  // An identity that leads nowhere has an entry only while it has links.
  if (!entry.isLeading) return !entry.isLinked;
  const organization = indexKey.subarray(0, 2);
  const contactKey = Buffer.concat([organization, entry.contactId]);
  const record = contacts.recordAt(contactKey);
  if (record !== undefined && !isContact(record.bytes)) return true;
  if (!contacts.has(contacts.environment.rec, contactKey)) return true;
  const found = contacts.listAt(contactKey)?.identities.find((identity) => {
    return Buffer.compare(indexKeyOf(organization, identity), indexKey) === 0;
  });
  return found === undefined || !found.leadsHere;
}

/** Whether a link is of an identity that is not marked, or names a row that does not claim it. */
export function isLostLink(contacts: StoredContacts, linkKey: Uint8Array): boolean {
  if (!contacts.has(contacts.environment.link, linkKey)) return false;
  const { identity, waiting } = readLinkKey(linkKey);
  const organization = linkKey.subarray(0, 2);
  if (!contacts.entryAt(indexKeyOf(organization, identity))?.isLinked) return true;
  if (waiting === undefined) return false;
  const found = contacts.rowAt(organization, waiting);
  return !found?.row.claims.some((claim) => {
    const claimed = found.list.identities[claim.identity];
    return claimed !== undefined && !claimed.leadsHere && isSameIdentity(claimed, identity);
  });
}

/** Whether what was amended of a row key cannot be read. */
export function isTornAmendment(contacts: StoredContacts, key: Uint8Array): boolean {
  const { amend } = contacts.environment;
  const packed = amend.getBinaryFast(key);
  if (packed === undefined) return false;
  try {
    unpackAmended(packed.subarray(0, amend.lastSize));
    return false;
  } catch {
    return true;
  }
}

/** Whether a hidden section is of no row, or of one that answers. */
export function isLostSection(contacts: StoredContacts, key: Uint8Array): boolean {
  if (!contacts.has(contacts.environment.row, key)) return false;
  const found = contacts.rowAt(key.subarray(0, 2), readHiddenKey(key));
  return found === undefined || !found.row.isHidden;
}
