/** Finds the contact that a change's identities lead to, and which of them are new to it. */
import { isContact, winnerIdOf } from '../../read-record.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import type { ContactPlace, WriteSession } from './write-session.ts';

export interface Resolution {
  /** `undefined`: none of the identities is known. */
  readonly contactId: Uint8Array | undefined;
  /** Identities that lead to no contact yet, each once. */
  readonly unknown: readonly KnownIdentity[];
  /** Identities that were known by their hash alone, and whose value is known now. */
  readonly valued: readonly KnownIdentity[];
}

/**
 * `identity_conflict`: the identities lead to different contacts. `value_invalid`: an unknown
 * contact id.
 */
export function resolveContact(
  session: WriteSession,
  organizationId: number,
  identities: readonly KnownIdentity[],
): Resolution | 'identity_conflict' | 'value_invalid' {
  let contactId: Uint8Array | undefined;
  const unknown: KnownIdentity[] = [];
  const valued: KnownIdentity[] = [];
  for (const identity of identities) {
    const found = findContactId(session, organizationId, identity);
    if (found === undefined && identity.typeId === 0) return 'value_invalid';
    if (found === undefined) {
      if (!unknown.some((it) => isSameIdentity(it, identity))) unknown.push(identity);
      continue;
    }
    if (contactId !== undefined && Buffer.compare(contactId, found.contactId) !== 0) {
      return 'identity_conflict';
    }
    contactId = found.contactId;
    if (!found.isValueKnown && identity.value !== '') valued.push(identity);
  }
  return { contactId, unknown, valued };
}

interface FoundContact {
  /** A copy. */
  readonly contactId: Uint8Array;
  readonly isValueKnown: boolean;
}

export function findContactId(
  session: WriteSession,
  organizationId: number,
  { typeId, digest }: IdentityKey,
): FoundContact | undefined {
  if (typeId === 0) {
    const contactId = findById(session, { organizationId, contactId: digest });
    return contactId === undefined ? undefined : { contactId, isValueKnown: true };
  }
  const entry = session.environment.id.getBinaryFast(
    session.identityKey(organizationId, typeId, digest),
  );
  if (entry === undefined) return undefined;
  return { contactId: Uint8Array.from(entry.subarray(0, 16)), isValueKnown: entry[16] === 1 };
}

/** Follows one redirect, like a reader. */
function findById(session: WriteSession, place: ContactPlace): Uint8Array | undefined {
  const { rec } = session.environment;
  const record = rec.getBinaryFast(session.contactKey(place));
  if (record === undefined) return undefined;
  if (isContact(record)) return Uint8Array.from(place.contactId);
  const winner = winnerIdOf(record);
  if (winner === undefined) return undefined;
  const winning = rec.getBinaryFast(session.contactKey({ ...place, contactId: winner }));
  return winning !== undefined && isContact(winning) ? winner : undefined;
}

export function isSameIdentity(one: IdentityKey, other: IdentityKey): boolean {
  return one.typeId === other.typeId && Buffer.compare(one.digest, other.digest) === 0;
}
