/**
 * Gives the contacts of a decided component their ids. An id belongs to a row key, its founder: the
 * contact with that key has the id. If the founder is gone, its ids pass to the strongest key that
 * is left of its contact, or wait in a tombstone until the founder returns. An id that came back
 * with a row waits again if a rollback takes the row back.
 */

import type { IdentityRules } from '../../../domain/contact/identity-rules.ts';
import { compareStrength } from '../../../domain/contact/identity-strength.ts';
import type { ReturnedId } from '../rollback/returned-ids.ts';
import { type Component, compareIds, type IdentityNode, type StoredContact } from './component.ts';
import type { ComponentDecision, Group } from './decide-component.ts';
import type { LinkBook } from './link-book.ts';

export interface FoundedId {
  readonly contactId: Uint8Array;
  readonly founder: IdentityNode;
  /** The contact that is stored under the id, if it is known. */
  readonly known?: StoredContact;
}

export interface IdPassing {
  readonly rules: IdentityRules;
  readonly nowMs: number;
  /** How long the id of a contact that is gone waits for it, in milliseconds. */
  readonly tombstoneMs: number;
  readonly newContactId: () => Uint8Array;
  /** Row keys that a stronger key replaces. */
  readonly renamed: ReadonlyMap<IdentityNode, IdentityNode>;
  readonly returns: IdReturns;
}

export interface IdReturns {
  /** Notes for a rollback that an id came back with its founder. */
  readonly note: (id: ReturnedId, sinceMs: number) => void;
  /** In a rollback: since when the id had waited before the run. */
  readonly waitedSince: (id: ReturnedId) => number | undefined;
}

/** The ids of each group that has rows, the oldest first: that one answers. */
export function passOnIds(
  component: Component,
  { groups, groupOf }: ComponentDecision,
  book: LinkBook,
  passing: IdPassing,
): Map<Group, FoundedId[]> {
  const idsOf = new Map<Group, FoundedId[]>();
  const isKey = keysOf(component);
  const give = (id: FoundedId) => {
    const group = groupOf.get(id.founder) as Group;
    const ids = idsOf.get(group);
    if (ids === undefined) idsOf.set(group, [id]);
    else ids.push(id);
  };
  for (const contact of component.contacts) {
    const ids = idsOfContact(contact);
    const keyOf = ({ founder }: FoundedId) => passing.renamed.get(founder) ?? founder;
    // A contact never loses its last id.
    const isNamed = ids.some((id) => isKey.has(keyOf(id)));
    for (const id of ids) {
      const { contactId, founder } = id;
      const key = keyOf(id);
      const sinceMs = isNamed && !isKey.has(key) ? passing.returns.waitedSince(id) : undefined;
      const heir = sinceMs === undefined ? heirOf(contact, key, isKey, passing.rules) : undefined;
      if (heir === undefined) book.tombstone(founder, contactId, sinceMs ?? passing.nowMs);
      else give(heir === founder ? id : { ...id, founder: heir });
    }
  }
  for (const key of isKey) {
    for (const { contactId, atMs } of key.links.tombstones) {
      book.tombstone(key, contactId, undefined);
      if (passing.nowMs - atMs > passing.tombstoneMs) continue;
      give({ contactId, founder: key });
      passing.returns.note({ contactId, founder: key }, atMs);
    }
  }
  for (const ids of idsOf.values()) {
    if (ids.length > 1) ids.sort((a, b) => compareIds(a.contactId, b.contactId));
  }
  const unnamed = groups.flatMap((group) => {
    return idsOf.has(group) ? [] : strongestFirst(group.rows, passing.rules).slice(0, 1);
  });
  // Whatever the order of the rows, the stronger key gets the older id.
  unnamed.sort((one, other) => compareStrength(passing.rules, one, other));
  for (const founder of unnamed) give({ contactId: passing.newContactId(), founder });
  return idsOf;
}

function idsOfContact(known: StoredContact): FoundedId[] {
  const { contactId, list, nodes } = known;
  const at = (place: number) => nodes[place] as IdentityNode;
  const own = { contactId, founder: at(list.founder), known };
  if (list.aliases.length === 0) return [own];
  return [
    own,
    ...list.aliases.map((alias) => ({ contactId: alias.contactId, founder: at(alias.founder) })),
  ];
}

/** Row keys. A mark of a list is not a row. */
function keysOf({ rows }: Component): Set<IdentityNode> {
  return new Set(rows.filter(({ kind }) => kind !== 'list').map(({ key }) => key));
}

function heirOf(
  { rows }: StoredContact,
  founder: IdentityNode,
  isKey: ReadonlySet<IdentityNode>,
  rules: IdentityRules,
): IdentityNode | undefined {
  if (isKey.has(founder)) return founder;
  return strongestFirst(rows, rules).find((key) => isKey.has(key));
}

function strongestFirst(
  rows: Group['rows'] | StoredContact['rows'],
  rules: IdentityRules,
): IdentityNode[] {
  const keys = new Set(rows.filter(({ kind }) => kind !== 'list').map(({ key }) => key));
  return [...keys].sort((one, other) => compareStrength(rules, one, other));
}
