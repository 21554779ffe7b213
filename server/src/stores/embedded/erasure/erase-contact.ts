/**
 * Erases one contact: the rows that are keyed in it, its ids, and everything that is remembered of
 * its identities. Rows of others that name one of these let it go.
 */
import type { IdentityKey } from '../../store.ts';
import type { Suppressed } from '../../suppression/suppression-lists.ts';
import { claimedByNobodyElse } from '../contacts/claimed-by-nobody-else.ts';
import {
  copyOfId,
  type IdentityNode,
  nameOf,
  type RowNode,
  type StoredContact,
} from '../contacts/component.ts';
import { isRow } from '../contacts/component-work.ts';
import { decideComponent } from '../contacts/decide-component.ts';
import { identityBytes, isLapsed } from '../contacts/identity-links.ts';
import { organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { eraseAmendments } from '../writer/amend-contact.ts';
import { ComponentChange } from '../writer/component-change.ts';
import { hasRecord, readMemberships } from '../writer/contact-entries.ts';
import { identityScope, isLifted, rowScope } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';

export interface ErasedContact {
  /** `false`: the identity led to no contact, and what else was known of it is gone. */
  readonly isContact: boolean;
  readonly identities: readonly IdentityKey[];
  /** What must be on a list before the transaction is committed. */
  readonly suppressed: readonly Suppressed[];
  readonly rows: number;
  readonly keptRows: number;
  readonly hadMemberships: boolean;
  readonly amendments: number;
  /** Identities that more rows claim than were looked at: `letGo` is for those. */
  readonly stillClaimed: readonly IdentityKey[];
  /** The ids under which nobody will answer again. */
  readonly contactIds: readonly Uint8Array[];
}

/** Erases the contact of an identity. Returns `undefined` if there is none. */
export function eraseContact(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
): ErasedContact | undefined {
  const change = changeOf(session, organizationId);
  const { component } = change;
  const node = component.node(identity);
  component.gather();
  const group = decideComponent(component, change.context()).groupOf.get(node);
  if (!group?.rows.some(isRow)) return undefined;
  const nodes = [...group.nodes, ...claimedByNobodyElse(component, group)];
  return eraseNodes(session, change, { organizationId, nodes, isContact: true });
}

/**
 * Erases an identity that may lead to no contact: what people and rows joined with it or parted
 * from it, contact ids that wait for it, amendments, and claims of rows of others. An identity that
 * was lifted is known by its entry, and is suppressed again.
 * @param isNamed whether something else of the store names it
 * @returns `undefined`: nothing is known of it
 */
export function eraseIdentity(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
  isNamed: boolean,
): ErasedContact | undefined {
  const contact = eraseContact(session, organizationId, identity);
  if (contact !== undefined) return contact;
  const change = changeOf(session, organizationId);
  const node = change.component.node(identity);
  change.component.gather();
  const isKnown =
    isNamed ||
    node.entry !== undefined ||
    isLifted(session, organizationId, node) ||
    hasLinks(session, organizationId, node) ||
    session.amendments.of(organizationId, node).fields.length > 0;
  if (!isKnown) return undefined;
  return eraseNodes(session, change, { organizationId, nodes: [node], isContact: false });
}

function eraseNodes(
  session: WriteSession,
  change: ComponentChange,
  {
    organizationId,
    nodes,
    isContact,
  }: {
    readonly organizationId: number;
    readonly nodes: readonly IdentityNode[];
    readonly isContact: boolean;
  },
): ErasedContact {
  session.erasures += 1;
  const { component } = change;
  const erased = new Set(nodes);
  const isErased = (it: IdentityNode) => erased.has(it);
  gatherWhatNames(change, erased);
  const rows = component.rows.filter(({ key }) => isErased(key));
  const homes = new Set(rows.flatMap(({ home }) => home ?? []));
  const hadMemberships = [...homes].some(
    ({ contactId }: StoredContact) =>
      readMemberships(session, { organizationId, contactId }) !== undefined,
  );
  const amendments = eraseAmendments(session, organizationId, nodes);
  for (const row of rows) change.takeBackRow(row);
  const kept = letClaimsGo(component.rows, isErased);
  const { stillClaimed, contactIds } = writeWithout(session, change, { organizationId, erased });
  const identities = nodes.map(keyOf);
  return {
    isContact,
    identities,
    suppressed: [
      ...identities.map((it) => ({
        scope: identityScope(session, organizationId, it.typeId),
        digest: it.digest,
      })),
      ...keptRows(session, organizationId, kept),
    ],
    ...{ rows: rows.length, keptRows: kept.length, hadMemberships, amendments, stillClaimed },
    contactIds,
  };
}

/**
 * Lets rows of others go of an erased identity, at most `limit` of them.
 * @returns the rows, as kept rows; `isDone`: no row claims it now
 */
export function letGo(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
  limit: number,
): { readonly isDone: boolean; readonly kept: readonly Suppressed[] } {
  const change = changeOf(session, organizationId);
  const { component } = change;
  const node = component.node(identity);
  component.gather();
  const waiting = node.links.waits.slice(0, limit);
  const kept: RowNode[] = [];
  for (const { key } of waiting) {
    const one = changeOf(session, organizationId);
    const erased = one.component.node(identity);
    one.component.node(key);
    one.component.gather();
    kept.push(...letClaimsGo(one.component.rows, (it) => it === erased));
    writeWithout(session, one, { organizationId, erased: new Set([erased]) });
  }
  const isDone =
    waiting.length === node.links.waits.length && !hasLinks(session, organizationId, identity);
  return { isDone, kept: keptRows(session, organizationId, kept) };
}

/** Takes suppressed identities out of everything that is connected with these identities. */
export function takeOut(
  session: WriteSession,
  organizationId: number,
  {
    identities,
    isSuppressed,
    isKept,
  }: {
    readonly identities: readonly IdentityKey[];
    readonly isSuppressed: (identities: readonly IdentityKey[]) => ReadonlySet<string>;
    /** Whether the row stays, without its suppressed identities. */
    readonly isKept: (row: RowNode) => boolean;
  },
): Pick<ErasedContact, 'rows' | 'keptRows' | 'contactIds' | 'identities'> {
  const change = changeOf(session, organizationId);
  const { component } = change;
  for (const identity of identities) component.node(identity);
  component.gather();
  const names = isSuppressed(component.nodes);
  const erased = new Set(component.nodes.filter((it) => names.has(nameOf(it))));
  const isErased = (it: IdentityNode) => erased.has(it);
  gatherWhatNames(change, erased);
  const gone = component.rows.filter(
    (row) => isErased(row.key) || (row.claims.some(({ node }) => isErased(node)) && !isKept(row)),
  );
  eraseAmendments(session, organizationId, [...erased]);
  for (const row of gone) change.takeBackRow(row);
  const kept = letClaimsGo(component.rows, isErased);
  const { contactIds } = writeWithout(session, change, { organizationId, erased });
  const identitiesGone = [...erased].map(keyOf);
  return { rows: gone.length, keptRows: kept.length, contactIds, identities: identitiesGone };
}

function changeOf(session: WriteSession, organizationId: number): ComponentChange {
  return new ComponentChange(session, { organizationId, version: session.nextVersion() });
}

/** Reads what people and rows joined with these identities, or parted from them. */
function gatherWhatNames({ component }: ComponentChange, erased: ReadonlySet<IdentityNode>): void {
  for (const { links } of erased) {
    for (const { other } of [...links.bars, ...links.memory]) component.node(other);
    for (const entry of links.merges) {
      const merge = component.merges.get(entry);
      for (const key of merge === undefined ? [] : [...merge.keys, ...merge.sides.flat()]) {
        component.node(key);
      }
    }
  }
  component.gather();
}

/** @returns the rows that claimed one */
function letClaimsGo(
  rows: readonly RowNode[],
  isErased: (node: IdentityNode) => boolean,
): RowNode[] {
  const kept = rows.filter(({ claims }) => claims.some(({ node }) => isErased(node)));
  for (const row of kept) row.claims = row.claims.filter(({ node }) => !isErased(node));
  return kept;
}

function keptRows(
  session: WriteSession,
  organizationId: number,
  rows: readonly RowNode[],
): Suppressed[] {
  return rows.filter(isRow).map(({ datasetId, key }) => ({
    scope: rowScope(session, { organizationId, datasetId }, key),
    digest: Uint8Array.from(key.digest),
  }));
}

/**
 * Writes the component, and nothing of these identities.
 * @returns `stillClaimed`: those that rows outside the component claim
 */
function writeWithout(
  session: WriteSession,
  change: ComponentChange,
  {
    organizationId,
    erased,
  }: { readonly organizationId: number; readonly erased: ReadonlySet<IdentityNode> },
): Pick<ErasedContact, 'stillClaimed' | 'contactIds'> {
  for (const node of erased) forgetLinks(change, node, erased);
  const founded = idsFoundedBy(change, erased);
  change.write();
  const stillClaimed: IdentityKey[] = [];
  for (const node of erased) {
    // Ids of the contact do not wait for its return.
    for (const { contactId } of node.links.tombstones) {
      change.book.tombstone(node, contactId, undefined);
    }
    if (hasLinks(session, organizationId, node)) stillClaimed.push(keyOf(node));
    else
      session.environment.id.remove(session.identityKey(organizationId, node.typeId, node.digest));
  }
  // Some may have passed on to rows of others.
  const contactIds = founded.filter((contactId) => {
    return !hasRecord(session, { organizationId, contactId });
  });
  return { stillClaimed, contactIds };
}

/** The contact ids that belong to one of these row keys, or wait for it. */
function idsFoundedBy(
  { component }: ComponentChange,
  erased: ReadonlySet<IdentityNode>,
): Uint8Array[] {
  const ofContacts = component.contacts.flatMap(({ contactId, list, nodes }) =>
    [{ contactId, founder: list.founder }, ...list.aliases]
      .filter(({ founder }) => erased.has(nodes[founder] as IdentityNode))
      .map((it) => copyOfId(it.contactId)),
  );
  const waiting = [...erased].flatMap(({ links }) => links.tombstones);
  return [...ofContacts, ...waiting.map(({ contactId }) => copyOfId(contactId))];
}

function forgetLinks(
  { component, book, log }: ComponentChange,
  node: IdentityNode,
  erased: ReadonlySet<IdentityNode>,
): void {
  const { bars, memory, merges, brokenAt } = node.links;
  if (brokenAt !== undefined) book.break(node, undefined);
  for (const { other } of bars) book.bar(node, component.node(other), undefined);
  for (const { other, ...join } of memory) {
    // The search for what was joined with the person must not find it.
    if (isLapsed(join)) log.removeJoin(join.version, [node, other]);
    book.memory(node, component.node(other), undefined);
  }
  for (const entry of merges) {
    const merge = component.merges.get(entry);
    book.merge(node, entry, false);
    // A merge of other keys stays.
    if (!merge?.keys.some((it) => erased.has(component.node(it)))) continue;
    component.merges.delete(entry);
    for (const it of new Set([...merge.keys, ...merge.sides.flat()])) {
      book.merge(component.node(it), entry, false);
    }
  }
  book.forgetMoves(node);
}

export function hasLinks(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
): boolean {
  const organization = organizationPrefix(organizationId);
  const prefix = Buffer.concat([organization, identityBytes(identity)]);
  const range = { ...rangeUnder(prefix), limit: 1 };
  return [...session.environment.link.getRange(range)].length > 0;
}

function keyOf({ typeId, digest }: IdentityKey): IdentityKey {
  return { typeId, digest: Uint8Array.from(digest) };
}
