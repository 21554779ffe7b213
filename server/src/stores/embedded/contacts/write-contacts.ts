/** Writes the records, lists and hidden sections of a component's contacts. */
import { amendmentsDatasetId } from '../../contact-codec.ts';
import { composeRecord, type RecordSection, writeRedirect } from '../../merge-section.ts';
import {
  countDatasetSections,
  eachSection,
  findSectionEntry,
  isSameSection,
  type RecordView,
  sectionAt,
} from '../../read-record.ts';
import { asValue, putLast } from '../keyed-database.ts';
import {
  type Component,
  type IdentityNode,
  isAsStored,
  isSameId,
  type RowNode,
  type StoredContact,
} from './component.ts';
import { type ComponentContact, type ComponentWork, hasSection, isRow } from './component-work.ts';
import { type ContactList, type ListedJoin, packList } from './contact-list.ts';
import { hiddenKey, putHidden, type StoredSection } from './hidden-sections.ts';
import { IdMap } from './id-map.ts';

/** Whether the contact is stored as it is to be. */
export function isUntouched(work: ComponentWork, contact: ComponentContact): boolean {
  const { known, ids, group, answering } = contact;
  const { sections, book } = work.edit;
  if (known === undefined || known.rows.length !== group.rows.length) return false;
  const [own, ...aliases] = ids;
  if (own?.founder !== known.nodes[known.list.founder]) return false;
  const areSameAliases =
    aliases.length === known.list.aliases.length &&
    aliases.every(({ contactId, founder }, place) => {
      const alias = known.list.aliases[place];
      return (
        alias !== undefined &&
        isSameId(alias.contactId, contactId) &&
        known.nodes[alias.founder] === founder
      );
    });
  return (
    areSameAliases &&
    group.rows.every((row) => {
      const isHidden = hasSection(row) && answering.get(row.datasetId) !== row;
      return (
        row.home === known && isAsStored(row) && !sections.has(row) && isHidden === row.wasHidden
      );
    }) &&
    areSameIdentities(work, contact, known) &&
    known.nodes.every((node) => !book.hasEdited(node))
  );
}

/** @returns the revision of its record, if that was written */
export function writeContact(work: ComponentWork, contact: ComponentContact): bigint | undefined {
  const { contactId, known, ids } = contact;
  const isListNew = writeList(work, contact, known);
  const amended = amendedSection(work, contact);
  const isSame = known !== undefined && isSameRecord(work, contact, { known, amended });
  const revision =
    isSame && !isListNew ? undefined : writeRecord(work, contact, { known, amended });
  for (const { contactId: alias } of ids.slice(1)) {
    const isThere = known?.list.aliases.some((it) => isSameId(it.contactId, alias)) ?? false;
    if (!isThere) putRedirect(work, alias, contactId);
  }
  return revision;
}

/** @returns whether other identities lead to the contact than before */
function writeList(
  work: ComponentWork,
  contact: ComponentContact,
  known: StoredContact | undefined,
): boolean {
  const { environment, listScratch } = work.session;
  const length = packList(listScratch, listOf(work, contact, known));
  const packed = listScratch.bytes.subarray(0, length);
  if (known !== undefined && Buffer.compare(packed, known.packedList) === 0) return false;
  const key = work.session.contactKey(work.placeOf(contact.contactId));
  environment.ids.put(key, asValue(listScratch.bytes, length));
  return known === undefined || !areSameIdentities(work, contact, known);
}

function areSameIdentities(
  { decision: { groupOf } }: ComponentWork,
  { group }: ComponentContact,
  { list: { identities }, nodes }: StoredContact,
): boolean {
  let leading = 0;
  for (const [place, { leadsHere, value }] of identities.entries()) {
    const node = nodes[place] as IdentityNode;
    if (node.value !== value || (leadsHere && groupOf.get(node) !== group)) return false;
    if (leadsHere) leading += 1;
  }
  return leading === group.nodes.length;
}

/**
 * Every identity that leads to the contact, and what its rows claim without effect. Those that were
 * known keep their order.
 */
function listOf(
  { edit }: ComponentWork,
  { ids, group, answering }: ComponentContact,
  known: StoredContact | undefined,
): ContactList {
  const leading = new Set(group.nodes);
  const listed = new Set(leading);
  for (const { key, claims } of group.rows) {
    listed.add(key);
    for (const { node } of claims) listed.add(node);
  }
  const ordered = new Set([...(known?.nodes ?? []), ...edit.component.nodes]);
  const nodes = [...ordered].filter((node) => listed.has(node));
  const placeOf = new Map(nodes.map((node, place) => [node, place]));
  const at = (node: IdentityNode) => placeOf.get(node) as number;
  const [own, ...aliases] = ids;
  return {
    founder: at(own?.founder as IdentityNode),
    aliases: aliases.map(({ contactId, founder }) => ({ contactId, founder: at(founder) })),
    rows: group.rows.map((row) => ({
      datasetId: row.datasetId,
      kind: row.kind,
      key: at(row.key),
      claims: row.claims.map(({ node, since, isOfSnapshot }) => {
        return { identity: at(node), since, isOfSnapshot };
      }),
      version: row.version,
      isHidden: hasSection(row) && answering.get(row.datasetId) !== row,
      isPushed: row.isPushed,
      isConverted: row.isConverted,
    })),
    joins: joinsOf(edit.component, placeOf, leading),
    identities: nodes.map((node) => ({
      typeId: node.typeId,
      digest: node.digest,
      value: node.value,
      leadsHere: leading.has(node),
    })),
  };
}

/** Joins of two keys that lead to the contact, so that no other list has them, nor a link. */
function joinsOf(
  component: Component,
  placeOf: ReadonlyMap<IdentityNode, number>,
  leading: ReadonlySet<IdentityNode>,
): ListedJoin[] {
  const joins: ListedJoin[] = [];
  for (const [node, place] of placeOf) {
    if (!leading.has(node)) continue;
    for (const { other, version, pendingOn, isLinked } of node.links.memory) {
      const that = isLinked ? undefined : component.find(other);
      if (that === undefined || !leading.has(that)) continue;
      const end = placeOf.get(that) as number;
      if (end > place) joins.push({ keys: [place, end], version, pendingOn });
    }
  }
  return joins;
}

/** What was amended of the contact's row keys. */
function amendedSection(
  { session, edit }: ComponentWork,
  { group }: ComponentContact,
): RecordSection | undefined {
  const { amendments } = session;
  if (!amendments.hasAny(edit.organizationId)) return undefined;
  const keys = new Set(group.rows.filter(isRow).map(({ key }) => key));
  return amendments.sectionOf(edit.organizationId, keys);
}

/** Whether the record has the sections that are to be stored. */
function isSameRecord(
  work: ComponentWork,
  { answering }: ComponentContact,
  {
    known,
    amended,
  }: { readonly known: StoredContact; readonly amended: RecordSection | undefined },
): boolean {
  const record = work.recordOf(known);
  if (record === undefined || countDatasetSections(record) !== answering.size) return false;
  if (!isSameAmended(record, amended)) return false;
  for (const row of answering.values()) {
    if (row.home !== known || row.wasHidden || work.edit.sections.has(row)) return false;
  }
  return true;
}

function isSameAmended(record: RecordView, amended: RecordSection | undefined): boolean {
  const entry = findSectionEntry(record, amendmentsDatasetId);
  if (entry < 0 || amended === undefined) return entry < 0 && amended === undefined;
  return isSameSection(sectionAt(record, entry), amended.view);
}

function writeRecord(
  work: ComponentWork,
  { contactId, answering }: ComponentContact,
  {
    known,
    amended,
  }: {
    readonly known: StoredContact | undefined;
    readonly amended: RecordSection | undefined;
  },
): bigint {
  const { session, edit } = work;
  const { organizationId } = edit;
  const revision = session.nextRevision();
  const sections = [...answering]
    .sort(([one], [other]) => one - other)
    .map(([datasetId, row]) => ({ datasetId, ...(work.sectionOf(row) as StoredSection) }));
  const all = amended === undefined ? sections : [...sections, amended];
  const length = composeRecord(session.recordScratch, { contactId, revision, sections: all });
  const value = asValue(session.recordScratch.bytes, length);
  const key = session.contactKey(work.placeOf(contactId));
  if (known === undefined) putLast(session.environment.rec, key, value);
  else session.environment.rec.put(key, value);
  edit.effects?.noteRecord(contactId, undefined);
  const before = known && work.recordOf(known);
  if (before !== undefined) untally(work, before);
  for (const { datasetId, view } of sections) {
    session.tally({ organizationId, datasetId }).add(view, 1);
  }
  return revision;
}

function untally({ session, edit }: ComponentWork, record: RecordView): void {
  const { organizationId } = edit;
  eachSection(record, (datasetId, section) => {
    session.tally({ organizationId, datasetId }).add(section, -1);
  });
}

function putRedirect(work: ComponentWork, contactId: Uint8Array, winnerId: Uint8Array): void {
  const { session, edit } = work;
  edit.effects?.noteRecord(contactId, winnerId);
  const revision = session.nextRevision();
  const length = writeRedirect(session.recordScratch, { contactId, winnerId, revision });
  const key = session.contactKey(work.placeOf(contactId));
  session.environment.rec.put(key, asValue(session.recordScratch.bytes, length));
}

/** Removes contacts that are no longer there under their id, and ids that lead nowhere. */
export function removeOthers(work: ComponentWork, contacts: readonly ComponentContact[]): void {
  const { rec, ids } = work.session.environment;
  const answering = new Set(contacts.map(({ known }) => known));
  const changing = work.edit.component.contacts.filter(
    (stored) => !answering.has(stored) || stored.list.aliases.length > 0,
  );
  if (changing.length === 0) return;
  const given = new IdMap<true>();
  for (const contact of contacts) {
    for (const { contactId } of contact.ids) given.set(contactId, true);
  }
  for (const stored of changing) {
    if (!answering.has(stored)) {
      const record = work.recordOf(stored);
      if (record !== undefined) untally(work, record);
      ids.remove(work.session.contactKey(work.placeOf(stored.contactId)));
    }
    const aliases = stored.list.aliases.map(({ contactId }) => contactId);
    for (const contactId of [stored.contactId, ...aliases]) {
      if (given.has(contactId)) continue;
      rec.remove(work.session.contactKey(work.placeOf(contactId)));
      work.edit.effects?.noteRecord(contactId, undefined);
    }
  }
}

/**
 * Puts the sections of rows that do not answer apart from the records.
 * @param gone rows that are part of no contact now
 */
export function writeHidden(
  work: ComponentWork,
  contacts: readonly ComponentContact[],
  gone: readonly RowNode[] = [],
): void {
  const { edit, session } = work;
  const { row: hidden } = session.environment;
  const keyFor = ({ datasetId }: RowNode, key: IdentityNode) =>
    hiddenKey({ organizationId: edit.organizationId, datasetId }, key);
  for (const row of gone) if (row.wasHidden) hidden.remove(keyFor(row, row.storedKey));
  for (const { group, answering } of contacts) {
    for (const row of group.rows) {
      if (!hasSection(row)) continue;
      const isHidden = answering.get(row.datasetId) !== row;
      const isMoved = row.storedKey !== row.key;
      if (row.wasHidden && (!isHidden || isMoved)) hidden.remove(keyFor(row, row.storedKey));
      if (!isHidden || (row.wasHidden && !isMoved && !edit.sections.has(row))) continue;
      const section = work.sectionOf(row) as StoredSection;
      putHidden(hidden, keyFor(row, row.key), section, session.rollbackScratch);
    }
  }
}
