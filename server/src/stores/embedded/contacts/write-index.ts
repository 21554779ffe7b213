/** Writes where the identities of a component lead, and which rows wait at them. */
import { asValue } from '../keyed-database.ts';
import {
  type Component,
  type IdentityNode,
  type IndexEntry,
  indexFlags,
  isSameId,
  isSameIdentity,
  type RowNode,
  type StoredContact,
} from './component.ts';
import { type ComponentContact, type ComponentWork, isRow } from './component-work.ts';
import type { WaitingRow } from './identity-links.ts';
import { hasLinks } from './link-book.ts';

type EntryToBe = Pick<IndexEntry, 'contactId' | 'isValueKnown' | 'isLinked'>;

const nowhere = new Uint8Array(16);

/** A row waits at an identity that it claims and that leads elsewhere. */
export function writeWaits({ edit, decision }: ComponentWork): void {
  const { component, book } = edit;
  const { groupOf } = decision;
  const waiting = new Map<IdentityNode, RowNode[]>();
  for (const row of component.rows) {
    if (!isRow(row)) continue;
    const group = groupOf.get(row.key);
    for (const { node } of row.claims) {
      if (groupOf.get(node) === group) continue;
      const rows = waiting.get(node);
      if (rows === undefined) waiting.set(node, [row]);
      else rows.push(row);
    }
  }
  let ours: ReadonlyMap<IdentityNode, ReadonlySet<number>> | undefined;
  for (const node of component.nodes) {
    const now = waiting.get(node) ?? [];
    const known = node.links.waits;
    if (now.length === 0 && known.length === 0) continue;
    for (const wait of known) {
      if (now.some((row) => isWait(wait, row))) continue;
      // At a crowded identity, rows outside the component wait too.
      ours ??= datasetsOfKeys([...component.rows, ...edit.removed]);
      const key = component.find(wait.key);
      if (key && ours.get(key)?.has(wait.datasetId)) book.wait(node, wait, false);
    }
    for (const row of now) {
      if (known.some((wait) => isWait(wait, row))) continue;
      book.wait(node, { datasetId: row.datasetId, key: row.key }, true);
    }
  }
}

function isWait({ datasetId, key }: WaitingRow, row: RowNode): boolean {
  return datasetId === row.datasetId && isSameIdentity(key, row.key);
}

/** By row key, as it is or as it is stored: the datasets with such a row. */
function datasetsOfKeys(rows: readonly RowNode[]): Map<IdentityNode, Set<number>> {
  const datasets = new Map<IdentityNode, Set<number>>();
  for (const { datasetId, key, storedKey } of rows) {
    for (const one of key === storedKey ? [key] : [key, storedKey]) {
      const known = datasets.get(one);
      if (known === undefined) datasets.set(one, new Set([datasetId]));
      else known.add(datasetId);
    }
  }
  return datasets;
}

/** Call it once all links are written. */
export function writeIndex(work: ComponentWork, contacts: readonly ComponentContact[]): void {
  const contactOf = new Map(contacts.map((contact) => [contact.group, contact]));
  const claimed = new Claimed(work.edit.component);
  for (const group of work.decision.groups) {
    const contact = contactOf.get(group);
    for (const node of group.nodes) writeEntry(work, node, { contact, claimed });
  }
}

function writeEntry(
  work: ComponentWork,
  node: IdentityNode,
  {
    contact,
    claimed,
  }: {
    readonly contact: ComponentContact | undefined;
    readonly claimed: Claimed;
  },
): void {
  // Of an identity beyond the component, only the mark of a new link changes.
  const contactId = node.isBeyond ? node.entry?.contactId : contact?.contactId;
  const wasLinked = node.isBeyond && node.entry?.isLinked === true;
  const isLinked = hasLinks(node) || wasLinked;
  if (contactId === undefined && !isLinked && !claimed.has(node)) {
    if (node.entry === undefined) return;
    work.edit.effects?.noteForgotten(node, node.links.moves);
    work.edit.book.forgetMoves(node);
    removeEntry(work, node);
    return;
  }
  const isValueKnown = node.value !== '' || (node.isBeyond && node.entry?.isValueKnown === true);
  const entry = {
    contactId: contactId ?? nowhere,
    isValueKnown,
    isLinked: isLinked || node.links.moves.length > 0,
  };
  const isAtHome = node.contact !== undefined && node.contact === contact?.known;
  if (isSameEntry(node.entry, entry, isAtHome)) return;
  putEntry(work, node, entry);
}

/** The identities that rows claim, which few writes ask for. */
class Claimed {
  readonly #component: Component;
  #nodes: Set<IdentityNode> | undefined;

  constructor(component: Component) {
    this.#component = component;
  }

  has(node: IdentityNode): boolean {
    this.#nodes ??= new Set(this.#component.rows.filter(isRow).flatMap(claimedBy));
    return this.#nodes.has(node);
  }
}

function claimedBy({ key, claims }: RowNode): IdentityNode[] {
  return [key, ...claims.map(({ node }) => node)];
}

/** For a contact whose identities are connected with nothing else. */
export function writeIndexInPlace(
  work: ComponentWork,
  { contactId, group }: ComponentContact,
  { list, nodes }: StoredContact,
): void {
  const kept = new Set(group.nodes);
  for (const node of kept) {
    const isKnown = node.entry !== undefined && (node.entry.isValueKnown || node.value === '');
    if (isKnown) continue;
    const isLinked = node.entry?.isLinked ?? false;
    putEntry(work, node, { contactId, isValueKnown: node.value !== '', isLinked });
  }
  for (const [place, node] of nodes.entries()) {
    if (list.identities[place]?.leadsHere && !kept.has(node)) removeEntry(work, node);
  }
}

function putEntry(
  { session, edit }: ComponentWork,
  node: IdentityNode,
  { contactId, isValueKnown, isLinked }: EntryToBe,
): void {
  const { typeId, digest } = node;
  edit.effects?.noteLed(node, node.entry?.contactId, contactId);
  const bytes = session.listScratch.reserve(17);
  bytes.set(contactId, 0);
  bytes[16] = (isValueKnown ? indexFlags.isValueKnown : 0) | (isLinked ? indexFlags.isLinked : 0);
  const key = session.identityKey(edit.organizationId, typeId, digest);
  session.environment.id.put(key, asValue(bytes, 17));
}

function removeEntry({ session, edit }: ComponentWork, node: IdentityNode): void {
  const { typeId, digest, entry } = node;
  edit.effects?.noteLed(node, entry?.contactId, undefined);
  session.environment.id.remove(session.identityKey(edit.organizationId, typeId, digest));
}

/** @param isAtHome whether both are known to lead to the same contact */
function isSameEntry(one: IndexEntry | undefined, other: EntryToBe, isAtHome: boolean): boolean {
  return (
    one !== undefined &&
    (isAtHome || isSameId(one.contactId, other.contactId)) &&
    one.isValueKnown === other.isValueKnown &&
    one.isLinked === other.isLinked
  );
}
