/**
 * Writes a component after its rows changed: decides who answers, and stores what differs from
 * before: records, lists, hidden sections, memberships, the index and the links of identities.
 */
import { joinLedgers, partLedger, withoutKeys } from '../../../domain/membership/join-ledgers.ts';
import type { IdentityRules } from '../../../domain/contact/identity-rules.ts';
import { compareStrength } from '../../../domain/contact/identity-strength.ts';
import { tombstoneMs } from '../../limits.ts';
import { composeRecord, writeRedirect } from '../../merge-section.ts';
import { countSections, eachSection, type RecordView } from '../../read-record.ts';
import { asValue, putLast } from '../keyed-database.ts';
import { findRecord, findSection, putMemberships, readMemberships } from '../writer/contact-entries.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { newContactId } from '../writer/contact-entries.ts';
import {
  type Component,
  type IdentityNode,
  type IndexEntry,
  indexFlags,
  isZero,
  type RowNode,
  type StoredContact,
} from './component.ts';
import { packList } from './contact-list.ts';
import {
  type ComponentDecision,
  type DecisionContext,
  decideComponent,
  type Group,
} from './decide-component.ts';
import { hiddenKey, putHidden, readHidden, type StoredSection } from './hidden-sections.ts';
import { identityBytes } from './identity-links.ts';
import { hasLinks, type LinkBook } from './link-book.ts';
import { type FoundedId, passOnIds } from './pass-on-ids.ts';
import { rememberJoins, type JoinNotes } from './remember-joins.ts';

export interface ComponentEdit {
  readonly organizationId: number;
  readonly component: Component;
  /** New sections of rows. */
  readonly sections: ReadonlyMap<RowNode, StoredSection>;
  /** Rows that are no longer in the component. */
  readonly removed: readonly RowNode[];
  /** Row keys that a stronger key replaces. */
  readonly renamed: ReadonlyMap<IdentityNode, IdentityNode>;
  readonly book: LinkBook;
  readonly notes: JoinNotes;
}

export interface WrittenComponent {
  /** The revision of the last record written; `undefined`: none was. */
  readonly revision: bigint | undefined;
  readonly decision: ComponentDecision;
  /** The contact that an identity leads to now. */
  readonly contactIdOf: (node: IdentityNode) => Uint8Array | undefined;
  /** Datasets that lost marks of lists, because the identities of these lead nowhere now. */
  readonly unmarked: ReadonlySet<number>;
  /** How many contacts became part of another one. */
  readonly joined: number;
}

const nowhere = new Uint8Array(16);

export function writeComponent(
  session: WriteSession,
  edit: ComponentEdit,
  context: DecisionContext,
): WrittenComponent {
  const decision = decideComponent(edit.component, context);
  return new ComponentWriter(session, edit, context.rules, decision).write();
}

/**
 * Writes one contact whose rows stay together, and whose identities are connected with nothing else.
 * @returns the revision of its record, if that was written
 */
export function writeInPlace(
  session: WriteSession,
  edit: ComponentEdit,
  contact: StoredContact,
): bigint | undefined {
  const { component, organizationId } = edit;
  const rows = component.rows.filter(({ home }) => home === contact || home === undefined);
  const claimed = new Set(rows.flatMap(({ claims }) => claims.map(({ node }) => node)));
  const stayed = contact.nodes.filter(
    (node, place) => contact.list.identities[place]?.leadsHere && claimed.has(node),
  );
  const added = component.nodes.filter((node) => node.entry === undefined && claimed.has(node));
  const group = { nodes: [...stayed, ...added], rows };
  const groupOf = new Map(group.nodes.map((node) => [node, group]));
  const decision = { groupOf, groups: [group], refusals: [], evidence: [] };
  const rules = session.rules(organizationId);
  return new ComponentWriter(session, edit, rules, decision).writeInPlace(contact, group);
}

interface Written {
  readonly contactId: Uint8Array;
  readonly ids: readonly FoundedId[];
  readonly group: Group;
  readonly answering: ReadonlyMap<number, RowNode>;
}

class ComponentWriter {
  readonly #session: WriteSession;
  readonly #edit: ComponentEdit;
  readonly #rules: IdentityRules;
  readonly #decision: ComponentDecision;
  readonly #book: LinkBook;
  /** Copies of the records of before. */
  readonly #records = new Map<StoredContact, RecordView | undefined>();
  readonly #sections = new Map<RowNode, StoredSection | undefined>();
  #revision: bigint | undefined;

  constructor(
    session: WriteSession,
    edit: ComponentEdit,
    rules: IdentityRules,
    decision: ComponentDecision,
  ) {
    this.#session = session;
    this.#edit = edit;
    this.#rules = rules;
    this.#decision = decision;
    this.#book = edit.book;
  }

  write(): WrittenComponent {
    const { component, notes, renamed } = this.#edit;
    const groups = this.#decision.groups.filter(({ rows }) => rows.some(isRow));
    const answering = new Map(groups.map((group) => [group, this.#answeringRows(group)]));
    for (const contact of component.contacts) this.#recordOf(contact);
    for (const { rows } of groups) for (const row of rows) this.#sectionOf(row);
    rememberJoins(component, this.#decision, this.#book, notes);
    const ids = passOnIds(component, this.#decision, this.#book, {
      rules: this.#rules,
      nowMs: this.#session.nowMs(),
      tombstoneMs,
      newContactId: () => newContactId(this.#session, this.#session.nextRevision()),
      renamed,
    });
    const written = groups.map((group): Written => {
      const own = ids.get(group) as FoundedId[];
      const contactId = own[0]?.contactId as Uint8Array;
      return { contactId, ids: own, group, answering: answering.get(group) ?? new Map() };
    });
    const ledgers = this.#moveLedgers(written);
    this.#removeOthers(written);
    for (const one of written) this.#writeContact(one);
    this.#writeLedgers(written, ledgers);
    this.#writeHidden(written);
    this.#writeWaits();
    this.#writeIndex(written);
    this.#count(written, component.contacts);
    const contactIds = new Map(written.map(({ group, contactId }) => [group, contactId]));
    return {
      revision: this.#revision,
      decision: this.#decision,
      contactIdOf: (node) => contactIds.get(this.#decision.groupOf.get(node) as Group),
      unmarked: this.#unmarkedLists(groups),
      joined: Math.max(0, this.#joinedContacts(written)),
    };
  }

  /** For one contact whose rows stay together. */
  writeInPlace(contact: StoredContact, group: Group): bigint | undefined {
    const answering = this.#answeringRows(group);
    for (const row of group.rows) this.#sectionOf(row);
    const { contactId, list, nodes } = contact;
    const founders = [{ contactId, founder: list.founder }, ...list.aliases];
    const ids = founders.map((it) => {
      return { contactId: it.contactId, founder: nodes[it.founder] as IdentityNode };
    });
    const written = { contactId, ids, group, answering };
    this.#writeContact(written);
    this.#writeHidden([written]);
    this.#indexInPlace(written, contact);
    this.#count([written], [contact]);
    return this.#revision;
  }

  #indexInPlace({ contactId, group }: Written, { list, nodes }: StoredContact): void {
    const kept = new Set(group.nodes);
    for (const node of kept) {
      const isKnown = node.entry !== undefined && (node.entry.isValueKnown || node.value === '');
      if (!isKnown) this.#putEntry(node, contactId, node.entry?.isLinked ?? false);
    }
    for (const [place, node] of nodes.entries()) {
      if (!list.identities[place]?.leadsHere || kept.has(node)) continue;
      const { organizationId } = this.#edit;
      const key = this.#session.identityKey(organizationId, node.typeId, node.digest);
      this.#session.environment.id.remove(key);
    }
  }

  /** Of each dataset the newest row answers; at a tie the one with the stronger key. */
  #answeringRows({ rows }: Group): ReadonlyMap<number, RowNode> {
    const answering = new Map<number, RowNode>();
    for (const row of rows) {
      if (!hasSection(row)) continue;
      const known = answering.get(row.datasetId);
      if (known === undefined || this.#comesBefore(row, known)) answering.set(row.datasetId, row);
    }
    return answering;
  }

  #comesBefore(row: RowNode, known: RowNode): boolean {
    if (row.version !== known.version) return row.version > known.version;
    return compareStrength(this.#rules, row.key, known.key) < 0;
  }

  /** The section of a row, as it is to be stored. */
  #sectionOf(row: RowNode): StoredSection | undefined {
    const edited = this.#edit.sections.get(row);
    if (edited !== undefined) return edited;
    if (this.#sections.has(row)) return this.#sections.get(row);
    const section = this.storedSection(row);
    this.#sections.set(row, section);
    return section;
  }

  storedSection(row: RowNode): StoredSection | undefined {
    const { organizationId } = this.#edit;
    if (row.home === undefined || !hasSection(row)) return undefined;
    if (row.wasHidden) {
      const key = hiddenKey({ organizationId, datasetId: row.datasetId }, row.storedKey);
      return readHidden(this.#session.environment.row, key);
    }
    const record = this.#recordOf(row.home);
    return record && findSection(record, row.datasetId);
  }

  #recordOf(contact: StoredContact): RecordView | undefined {
    if (this.#records.has(contact)) return this.#records.get(contact);
    const { organizationId } = this.#edit;
    const found = findRecord(this.#session, { organizationId, contactId: contact.contactId });
    const copy = found && {
      bytes: Buffer.from(found.bytes.subarray(0, found.length)),
      length: found.length,
    };
    this.#records.set(contact, copy);
    return copy;
  }

  #writeContact(written: Written): void {
    const { contactId, ids } = written;
    const known = this.#storedAt(contactId);
    const isListNew = this.#writeList(written, known);
    const isSame = known !== undefined && this.#isSameRecord(written, known);
    if (!isSame || isListNew) this.#writeRecord(written, known);
    for (const { contactId: alias } of ids.slice(1)) {
      const isThere = known?.list.aliases.some((it) => isSameId(it.contactId, alias)) ?? false;
      if (!isThere) this.#writeRedirect(alias, contactId);
    }
  }

  #storedAt(contactId: Uint8Array): StoredContact | undefined {
    return this.#edit.component.contacts.find((it) => isSameId(it.contactId, contactId));
  }

  /** @returns whether it differs from the stored one in more than the age of claims */
  #writeList(written: Written, known: StoredContact | undefined): boolean {
    const { environment, listScratch } = this.#session;
    const list = this.#listOf(written);
    const length = packList(listScratch, list);
    const packed = listScratch.bytes.subarray(0, length);
    if (known !== undefined && Buffer.compare(packed, known.packedList) === 0) return false;
    const place = { organizationId: this.#edit.organizationId, contactId: written.contactId };
    environment.ids.put(this.#session.contactKey(place), asValue(listScratch.bytes, length));
    return known === undefined || namesOf(known.list) !== namesOf(list);
  }

  #listOf({ contactId, ids, group, answering }: Written) {
    const leading = new Set(group.nodes);
    const claimed = new Set(group.rows.flatMap(({ claims }) => claims.map(({ node }) => node)));
    for (const { key } of group.rows) claimed.add(key);
    // Every identity that leads here, and what rows claim without effect. Known ones keep their order.
    const known = this.#storedAt(contactId)?.nodes ?? [];
    const nodes = [...new Set([...known, ...this.#edit.component.nodes])].filter(
      (node) => leading.has(node) || claimed.has(node),
    );
    const placeOf = new Map(nodes.map((node, place) => [node, place]));
    const at = (node: IdentityNode) => placeOf.get(node) as number;
    const [own, ...aliases] = ids;
    return {
      founder: at(own?.founder as IdentityNode),
      aliases: aliases.map(({ contactId, founder }) => ({ contactId, founder: at(founder) })),
      rows: group.rows.map((row) => {
        const { datasetId, kind, key, version, isPushed, isConverted } = row;
        const isHidden = hasSection(row) && answering.get(datasetId) !== row;
        const claims = row.claims.map(({ node, ...claim }) => ({ ...claim, identity: at(node) }));
        return {
          ...{ datasetId, kind, key: at(key), claims, version },
          ...{ isHidden, isPushed, isConverted },
        };
      }),
      identities: nodes.map((node) => ({
        typeId: node.typeId,
        digest: node.digest,
        value: node.value,
        leadsHere: leading.has(node),
      })),
    };
  }

  /** Whether the record has the sections that are to be stored. */
  #isSameRecord({ answering }: Written, known: StoredContact): boolean {
    const record = this.#recordOf(known);
    if (record === undefined || countSections(record) !== answering.size) return false;
    for (const row of answering.values()) {
      if (row.home !== known || row.wasHidden || this.#edit.sections.has(row)) return false;
    }
    return true;
  }

  #writeRecord({ contactId, answering }: Written, known: StoredContact | undefined): void {
    const session = this.#session;
    const { organizationId } = this.#edit;
    const revision = session.nextRevision();
    const sections = [...answering]
      .sort(([one], [other]) => one - other)
      .map(([datasetId, row]) => ({ datasetId, ...(this.#sectionOf(row) as StoredSection) }));
    const length = composeRecord(session.recordScratch, { contactId, revision, sections });
    const value = asValue(session.recordScratch.bytes, length);
    const key = session.contactKey({ organizationId, contactId });
    if (known === undefined) putLast(session.environment.rec, key, value);
    else session.environment.rec.put(key, value);
    const before = known && this.#recordOf(known);
    if (before !== undefined) this.#tally(before, -1);
    for (const { datasetId, view } of sections) {
      session.tally({ organizationId, datasetId }).add(view, 1);
    }
    this.#revision = revision;
  }

  #tally(record: RecordView, by: 1 | -1): void {
    const { organizationId } = this.#edit;
    eachSection(record, (datasetId, section) => {
      this.#session.tally({ organizationId, datasetId }).add(section, by);
    });
  }

  #writeRedirect(contactId: Uint8Array, winnerId: Uint8Array): void {
    const session = this.#session;
    const { organizationId } = this.#edit;
    const length = writeRedirect(session.recordScratch, {
      contactId,
      winnerId,
      revision: session.nextRevision(),
    });
    const key = session.contactKey({ organizationId, contactId });
    session.environment.rec.put(key, asValue(session.recordScratch.bytes, length));
  }

  /** Removes contacts that are no longer there under their id, and ids that lead nowhere. */
  #removeOthers(written: readonly Written[]): void {
    const { rec, ids } = this.#session.environment;
    const { organizationId, component } = this.#edit;
    const answering = new Set(written.map(({ contactId }) => hexOf(contactId)));
    const given = new Set(written.flatMap((it) => it.ids.map(({ contactId }) => hexOf(contactId))));
    for (const contact of component.contacts) {
      const all = [contact.contactId, ...contact.list.aliases.map(({ contactId }) => contactId)];
      for (const contactId of all) {
        if (given.has(hexOf(contactId))) continue;
        rec.remove(this.#session.contactKey({ organizationId, contactId }));
      }
      if (answering.has(hexOf(contact.contactId))) continue;
      ids.remove(this.#session.contactKey({ organizationId, contactId: contact.contactId }));
      const record = this.#recordOf(contact);
      if (record !== undefined) this.#tally(record, -1);
    }
  }

  /** The memberships of each contact after its rows moved; `undefined`: nothing moves. */
  #moveLedgers(written: readonly Written[]): Map<Group, Buffer | undefined> | undefined {
    const { organizationId, component } = this.#edit;
    const isInPlace = component.contacts.every((contact) => {
      const homes = written.filter(({ group }) => group.rows.some(({ home }) => home === contact));
      const [only] = homes;
      return (
        homes.length === 1 &&
        only !== undefined &&
        isSameId(only.contactId, contact.contactId) &&
        only.group.rows.every(({ home }) => home === undefined || home === contact) &&
        // The reports of a contact with several keys note theirs.
        hasOneKey(only.group.rows, 'key') === hasOneKey(contact.rows, 'storedKey')
      );
    });
    if (isInPlace) return undefined;
    const pieces = new Map<Group, { packed: Buffer; key: string }[]>();
    for (const contact of component.contacts) {
      const packed = readMemberships(this.#session, { organizationId, contactId: contact.contactId });
      if (packed === undefined) continue;
      const founder = this.#founderOf(contact);
      const parts = partLedger(
        packed,
        (key) => this.#homeOf(key, founder, written),
        written.length + 1,
      );
      for (const [place, { group }] of written.entries()) {
        const part = parts[place];
        if (part === undefined) continue;
        const known = pieces.get(group) ?? [];
        pieces.set(group, [...known, { packed: part, key: keyText(founder) }]);
      }
    }
    return new Map(written.map(({ group }) => [group, joinPieces(group, pieces.get(group))]));
  }

  /** The founder of a contact's own id, as it was stored. */
  #founderOf({ list, nodes }: StoredContact): IdentityNode {
    const founder = nodes[list.founder] as IdentityNode;
    return this.#edit.renamed.get(founder) ?? founder;
  }

  /** The place of the contact that takes the reports which came by a row key. */
  #homeOf(key: string | null, founder: IdentityNode, written: readonly Written[]): number {
    const node = this.#edit.component.nodes.find((it) => keyText(it) === key);
    const placeOf = (one: IdentityNode | undefined) => {
      const group = one && this.#decision.groupOf.get(one);
      return written.findIndex((it) => it.group === group);
    };
    const place = placeOf(node);
    if (place >= 0) return place;
    const heir = written.findIndex(({ ids }) => ids.some((it) => it.founder === founder));
    if (heir >= 0) return heir;
    const atFounder = placeOf(founder);
    // Nobody is left: the reports go.
    return atFounder >= 0 ? atFounder : written.length;
  }

  #writeLedgers(
    written: readonly Written[],
    ledgers: Map<Group, Buffer | undefined> | undefined,
  ): void {
    if (ledgers === undefined) return;
    const { organizationId, component } = this.#edit;
    for (const { contactId } of component.contacts) {
      putMemberships(this.#session, { organizationId, contactId }, undefined);
    }
    for (const { group, contactId } of written) {
      const packed = ledgers.get(group);
      if (packed === undefined) continue;
      putMemberships(this.#session, { organizationId, contactId }, packed);
    }
  }

  #writeHidden(written: readonly Written[]): void {
    const { row: hidden } = this.#session.environment;
    const { organizationId, removed } = this.#edit;
    const keyFor = ({ datasetId }: RowNode, key: IdentityNode) =>
      hiddenKey({ organizationId, datasetId }, key);
    for (const row of removed) if (row.wasHidden) hidden.remove(keyFor(row, row.storedKey));
    for (const { group, answering } of written) {
      for (const row of group.rows) {
        if (!hasSection(row)) continue;
        const isHidden = answering.get(row.datasetId) !== row;
        const isMoved = row.storedKey !== row.key;
        if (row.wasHidden && (!isHidden || isMoved)) hidden.remove(keyFor(row, row.storedKey));
        if (!isHidden || (row.wasHidden && !isMoved && !this.#edit.sections.has(row))) continue;
        const section = this.#sectionOf(row) as StoredSection;
        putHidden(hidden, keyFor(row, row.key), section, this.#session.rollbackScratch);
      }
    }
  }

  /** A row waits at an identity that it claims and that leads elsewhere. */
  #writeWaits(): void {
    const { component } = this.#edit;
    const { groupOf } = this.#decision;
    const waiting = new Map<IdentityNode, Map<string, RowNode>>();
    for (const row of component.rows) {
      if (row.kind === 'list') continue;
      for (const { node } of row.claims) {
        if (groupOf.get(node) === groupOf.get(row.key)) continue;
        const rows = waiting.get(node) ?? new Map<string, RowNode>();
        waiting.set(node, rows.set(`${row.datasetId} ${keyText(row.key)}`, row));
      }
    }
    for (const node of component.nodes) {
      const now = waiting.get(node) ?? new Map<string, RowNode>();
      const known = new Set<string>();
      for (const wait of node.links.waits) {
        const name = `${wait.datasetId} ${keyText(wait.key)}`;
        known.add(name);
        // Of a crowded identity, rows outside the component wait too.
        const isOurs = this.#isOurRow(name);
        if (!now.has(name) && isOurs) this.#book.wait(node, wait, false);
      }
      for (const [name, row] of now) {
        if (!known.has(name)) this.#book.wait(node, { datasetId: row.datasetId, key: row.key }, true);
      }
    }
  }

  #ours: Set<string> | undefined;

  /** Whether a row is, or was, part of the component. */
  #isOurRow(name: string): boolean {
    if (this.#ours === undefined) {
      const { component, removed } = this.#edit;
      const rows = [...component.rows, ...removed];
      this.#ours = new Set(
        rows.flatMap(({ datasetId, key, storedKey }) => [
          `${datasetId} ${keyText(key)}`,
          `${datasetId} ${keyText(storedKey)}`,
        ]),
      );
    }
    return this.#ours.has(name);
  }

  #writeIndex(written: readonly Written[]): void {
    const { environment } = this.#session;
    const { organizationId, component } = this.#edit;
    const contactIds = new Map(written.map(({ group, contactId }) => [group, contactId]));
    const claimed = new Set<IdentityNode>();
    for (const { key, claims } of component.rows) {
      claimed.add(key);
      for (const { node } of claims) claimed.add(node);
    }
    for (const node of component.nodes) {
      if (node.isBeyond) continue;
      const contactId = contactIds.get(this.#decision.groupOf.get(node) as Group);
      const isLinked = hasLinks(node);
      const key = this.#session.identityKey(organizationId, node.typeId, node.digest);
      if (contactId === undefined && !isLinked && !claimed.has(node)) {
        if (node.entry !== undefined) environment.id.remove(key);
        continue;
      }
      const leads = contactId ?? nowhere;
      const isValueKnown = node.value !== '';
      if (isSameEntry(node.entry, { contactId: leads, isValueKnown, isLinked })) continue;
      this.#putEntry(node, leads, isLinked);
    }
  }

  #putEntry(node: IdentityNode, contactId: Uint8Array, isLinked: boolean): void {
    const { environment, listScratch } = this.#session;
    const bytes = listScratch.reserve(17);
    bytes.set(contactId, 0);
    bytes[16] =
      (node.value === '' ? 0 : indexFlags.isValueKnown) | (isLinked ? indexFlags.isLinked : 0);
    const { organizationId } = this.#edit;
    const key = this.#session.identityKey(organizationId, node.typeId, node.digest);
    environment.id.put(key, asValue(bytes, 17));
  }

  #count(written: readonly Written[], stored: readonly StoredContact[]): void {
    const { organizationId } = this.#edit;
    const before = stored.reduce(
      (sum, { list }) => sum + list.identities.filter(({ leadsHere }) => leadsHere).length,
      0,
    );
    const after = written.reduce((sum, { group }) => sum + group.nodes.length, 0);
    const contacts = written.length - stored.length;
    if (contacts !== 0 || after !== before) this.#session.count(organizationId, contacts, after - before);
  }

  #unmarkedLists(groups: readonly Group[]): ReadonlySet<number> {
    const kept = new Set(groups.flatMap(({ rows }) => rows));
    const lost = this.#edit.component.rows.filter((row) => row.kind === 'list' && !kept.has(row));
    return new Set(lost.map(({ datasetId }) => datasetId));
  }

  #joinedContacts(written: readonly Written[]): number {
    const homes = written.map(
      ({ group }) => new Set(group.rows.flatMap(({ home }) => (home === undefined ? [] : [home]))).size,
    );
    return homes.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  }
}

function joinPieces(
  { rows }: Group,
  pieces: readonly { packed: Buffer; key: string }[] | undefined,
): Buffer | undefined {
  const [first, ...others] = pieces ?? [];
  if (first === undefined) return undefined;
  const keys = new Set(rows.filter(isRow).map(({ key }) => key));
  const [only] = keys;
  if (keys.size > 1 || only === undefined) return joinLedgers([first, ...others]);
  const packed = others.length === 0 ? first.packed : joinLedgers([first, ...others]);
  return withoutKeys(packed, keyText(only));
}

/** Marks of lists are no rows: they claim nothing. */
function isRow({ kind }: RowNode): boolean {
  return kind !== 'list';
}

function hasOneKey(rows: readonly RowNode[], name: 'key' | 'storedKey'): boolean {
  return new Set(rows.filter(isRow).map((row) => row[name])).size === 1;
}

function hasSection({ kind }: RowNode): boolean {
  return kind === 'contact' || kind === 'list';
}

function keyText(key: Parameters<typeof identityBytes>[0]): string {
  return identityBytes(key).toString('hex');
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function isSameId(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function isSameEntry(one: IndexEntry | undefined, other: IndexEntry): boolean {
  if (one === undefined) return false;
  const isSame =
    isSameId(one.contactId, other.contactId) &&
    one.isValueKnown === other.isValueKnown &&
    one.isLinked === other.isLinked;
  return isSame || (isZero(one.contactId) && isZero(other.contactId) && one.isLinked && other.isLinked);
}

/** The identities of a list that lead to its contact, as text to compare. */
function namesOf({ identities }: { identities: readonly { leadsHere: boolean; digest: Uint8Array; typeId: number; value: string }[] }): string {
  return identities
    .filter(({ leadsHere }) => leadsHere)
    .map((it) => `${keyText(it)} ${it.value}`)
    .sort()
    .join('\n');
}
