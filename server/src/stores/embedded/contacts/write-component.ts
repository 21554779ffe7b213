/**
 * Writes a component after its rows changed: decides who answers, and stores what differs from
 * before.
 */
import { tombstoneMs } from '../../limits.ts';
import { revisionOf } from '../../read-record.ts';
import { newContactId } from '../writer/contact-entries.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { IdentityNode, RowNode, StoredContact } from './component.ts';
import {
  type ComponentContact,
  type ComponentEdit,
  ComponentWork,
  isRow,
} from './component-work.ts';
import type { ComponentDecision, Group } from './decide-component.ts';
import { moveLedgers } from './move-ledgers.ts';
import { type FoundedId, passOnIds } from './pass-on-ids.ts';
import { rememberJoins } from './remember-joins.ts';
import { isUntouched, removeOthers, writeContact, writeHidden } from './write-contacts.ts';
import { writeIndex, writeIndexInPlace, writeWaits } from './write-index.ts';

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

export function writeComponent(
  session: WriteSession,
  edit: ComponentEdit,
  decision: ComponentDecision,
): WrittenComponent {
  const { component, book, notes, renamed, returns } = edit;
  const work = new ComponentWork(session, edit, decision);
  const groups = decision.groups.filter(({ rows }) => rows.some(isRow));
  rememberJoins(component, decision, book, notes);
  const newId = () => newContactId(session, session.nextRevision());
  const passing = { rules: work.rules, nowMs: session.nowMs(), tombstoneMs, renamed, returns };
  const ids = passOnIds(component, decision, book, { ...passing, newContactId: newId });
  const contacts = groups.map((group) => contactOf(work, group, ids.get(group) ?? []));
  const together = new Set(groups);
  book.writeMemory((one, other) => {
    const group = decision.groupOf.get(one);
    return group !== undefined && together.has(group) && group === decision.groupOf.get(other);
  });
  const changed = contacts.filter((contact) => !isUntouched(work, contact));
  work.readStored(changed);
  const writeLedgers = moveLedgers(work, contacts);
  removeOthers(work, contacts);
  let revision: bigint | undefined;
  for (const contact of changed) revision = writeContact(work, contact) ?? revision;
  writeLedgers();
  const lostMarks = component.rows.filter((row) => !isRow(row) && !isIn(groups, row));
  writeHidden(work, changed, [...edit.removed, ...lostMarks]);
  writeWaits(work);
  writeIndex(work, contacts);
  noteContacts(work, contacts);
  count(work, contacts, component.contacts);
  const contactIds = new Map(contacts.map(({ group, contactId }) => [group, contactId]));
  return {
    revision,
    decision,
    contactIdOf: (node) => contactIds.get(decision.groupOf.get(node) as Group),
    unmarked: new Set(lostMarks.map(({ datasetId }) => datasetId)),
    joined: countJoined(groups),
  };
}

/**
 * Writes one contact whose rows stay together, and whose identities are connected with nothing
 * else.
 * @returns the revision of its record, if that was written
 */
export function writeInPlace(
  session: WriteSession,
  edit: ComponentEdit,
  stored: StoredContact,
): bigint | undefined {
  const group = groupInPlace(edit, stored);
  const groupOf = new Map(group.nodes.map((node) => [node, group]));
  const decision = { groupOf, groups: [group], refusals: [], evidence: [] };
  const work = new ComponentWork(session, edit, decision);
  for (const row of group.rows) work.sectionOf(row);
  const { contactId, list, nodes } = stored;
  const founders = [{ contactId, founder: list.founder }, ...list.aliases];
  const ids = founders.map((it) => {
    return { contactId: it.contactId, founder: nodes[it.founder] as IdentityNode };
  });
  const contact = contactOf(work, group, ids);
  const revision = writeContact(work, contact);
  writeHidden(work, [contact]);
  writeIndexInPlace(work, contact, stored);
  count(work, [contact], [stored]);
  return revision;
}

function groupInPlace({ component }: ComponentEdit, stored: StoredContact): Group {
  const rows = component.rows.filter(({ home }) => home === stored || home === undefined);
  const claimed = new Set(rows.flatMap(({ claims }) => claims.map(({ node }) => node)));
  const stayed = stored.nodes.filter(
    (node, place) => stored.list.identities[place]?.leadsHere && claimed.has(node),
  );
  const added = component.nodes.filter((node) => node.entry === undefined && claimed.has(node));
  return { nodes: [...stayed, ...added], rows };
}

function contactOf(work: ComponentWork, group: Group, ids: readonly FoundedId[]): ComponentContact {
  const { contactId, known = work.edit.component.contactWith(contactId) } = ids[0] as FoundedId;
  return { contactId, known, ids, group, answering: work.answeringRows(group) };
}

function count(
  { session, edit }: ComponentWork,
  contacts: readonly ComponentContact[],
  stored: readonly StoredContact[],
): void {
  let before = 0;
  for (const { list } of stored) {
    for (const { leadsHere } of list.identities) before += leadsHere ? 1 : 0;
  }
  const after = contacts.reduce((sum, { group }) => sum + group.nodes.length, 0);
  const added = contacts.length - stored.length;
  if (added !== 0 || after !== before) session.count(edit.organizationId, added, after - before);
}

/** Notes which contacts began or ceased to answer, and which are several now. */
function noteContacts(work: ComponentWork, contacts: readonly ComponentContact[]): void {
  const { decision } = work;
  const { effects, component, removed } = work.edit;
  if (effects === undefined) return;
  const answering = new Set(contacts.map(({ known }) => known));
  for (const stored of component.contacts) {
    if (answering.has(stored)) continue;
    const record = work.recordOf(stored);
    effects.noteCeased(stored.contactId, record === undefined ? 0n : revisionOf(record));
  }
  for (const { contactId, known } of contacts) {
    if (known === undefined) effects.noteRisen(contactId);
  }
  const isLeft = (row: RowNode) => isRow(row) && !removed.includes(row);
  for (const stored of component.contacts) {
    if (stored.rows.length < 2) continue;
    const first = stored.rows.find(isLeft);
    const group = first && decision.groupOf.get(first.key);
    const isOne = stored.rows.every(
      (row) => decision.groupOf.get(row.key) === group || !isLeft(row),
    );
    if (!isOne) effects.noteParted(stored, stored.rows.filter(isLeft));
  }
}

function isIn(groups: readonly Group[], row: RowNode): boolean {
  return groups.some(({ rows }) => rows.includes(row));
}

function countJoined(groups: readonly Group[]): number {
  let joined = 0;
  for (const { rows } of groups) {
    if (rows.length < 2) continue;
    const homes = new Set(rows.map(({ home }) => home));
    homes.delete(undefined);
    joined += Math.max(0, homes.size - 1);
  }
  return joined;
}
