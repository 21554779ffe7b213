/** Moves recorded memberships with the rows that they came by, when contacts join or part. */
import { joinLedgers, partLedger, withoutKeys } from '../../../domain/membership/join-ledgers.ts';
import { putMemberships, readMemberships } from '../writer/contact-entries.ts';
import { type IdentityNode, isSameId, type RowNode, type StoredContact } from './component.ts';
import { type ComponentContact, type ComponentWork, isRow } from './component-work.ts';
import type { Group } from './decide-component.ts';
import { identityBytes } from './identity-links.ts';

interface LedgerPiece {
  readonly packed: Buffer;
  readonly key: string;
}

/** Reads the memberships of before. Call the result once all contacts are written. */
export function moveLedgers(
  work: ComponentWork,
  contacts: readonly ComponentContact[],
): () => void {
  if (areInPlace(work, contacts)) return () => undefined;
  const pieces = new Map<Group, LedgerPiece[]>();
  const emptied = work.edit.component.contacts.filter((stored) =>
    partStored(work, contacts, stored, pieces),
  );
  return () => {
    for (const { contactId } of emptied) {
      putMemberships(work.session, work.placeOf(contactId), undefined);
    }
    for (const { group, contactId } of contacts) {
      const packed = joinPieces(group, pieces.get(group) ?? []);
      if (packed !== undefined) putMemberships(work.session, work.placeOf(contactId), packed);
    }
  };
}

/**
 * Whether each stored contact stays one contact, under its id and without others, and its reports
 * note their keys as before: only those of a contact with several keys do.
 */
function areInPlace({ edit }: ComponentWork, contacts: readonly ComponentContact[]): boolean {
  const contactOf = new Map<StoredContact, ComponentContact>();
  for (const contact of contacts) {
    for (const { home } of contact.group.rows) {
      if (home === undefined) continue;
      if ((contactOf.get(home) ?? contact) !== contact) return false;
      contactOf.set(home, contact);
    }
  }
  return edit.component.contacts.every((stored) => {
    const only = contactOf.get(stored);
    return (
      only?.known === stored &&
      only.group.rows.every(({ home }) => home === undefined || home === stored) &&
      hasOneKey(only.group.rows, 'key') === hasOneKey(stored.rows, 'storedKey')
    );
  });
}

/** @returns whether the contact has memberships */
function partStored(
  work: ComponentWork,
  contacts: readonly ComponentContact[],
  stored: StoredContact,
  pieces: Map<Group, LedgerPiece[]>,
): boolean {
  const packed = readMemberships(work.session, work.placeOf(stored.contactId));
  if (packed === undefined) return false;
  const stillFounder = stored.nodes[stored.list.founder] as IdentityNode;
  const founder = work.edit.renamed.get(stillFounder) ?? stillFounder;
  const homeOf = (key: string | null) => placeOfKey(work, contacts, { key, founder, stored });
  const parts = partLedger(packed, homeOf, contacts.length + 1);
  for (const [place, { group }] of contacts.entries()) {
    const part = parts[place];
    if (part === undefined) continue;
    const known = pieces.get(group) ?? [];
    pieces.set(group, [...known, { packed: part, key: keyText(founder) }]);
  }
  return true;
}

/**
 * The place of the contact that takes the reports which came by a row key. If that is gone, the
 * contact that has the id of before takes them; if nobody is left, they go.
 */
function placeOfKey(
  { edit, decision }: ComponentWork,
  contacts: readonly ComponentContact[],
  {
    key,
    founder,
    stored,
  }: {
    readonly key: string | null;
    readonly founder: IdentityNode;
    readonly stored: StoredContact;
  },
): number {
  const placeOf = (node: IdentityNode | undefined) => {
    const group = node && decision.groupOf.get(node);
    return contacts.findIndex((it) => it.group === group);
  };
  const noted = key === null ? founder : edit.component.nodes.find((node) => keyText(node) === key);
  const place = placeOf(noted);
  if (place >= 0) return place;
  const heir = contacts.findIndex(({ ids }) =>
    ids.some(({ contactId }) => isSameId(contactId, stored.contactId)),
  );
  return heir >= 0 ? heir : contacts.length;
}

function joinPieces({ rows }: Group, pieces: readonly LedgerPiece[]): Buffer | undefined {
  const [first, ...others] = pieces;
  if (first === undefined) return undefined;
  const [only, ...further] = new Set(rows.filter(isRow).map(({ key }) => key));
  if (only === undefined || further.length > 0) return joinLedgers(pieces);
  const packed = others.length === 0 ? first.packed : joinLedgers(pieces);
  return withoutKeys(packed, keyText(only));
}

function hasOneKey(rows: readonly RowNode[], name: 'key' | 'storedKey'): boolean {
  const first = rows.find(isRow);
  return first !== undefined && rows.every((row) => !isRow(row) || row[name] === first[name]);
}

/** As ledgers note row keys. */
function keyText(key: IdentityNode): string {
  return identityBytes(key).toString('hex');
}
