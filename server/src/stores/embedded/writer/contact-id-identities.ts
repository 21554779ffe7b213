/** Finds contacts by their ids: a row that names one is about the contact's founder. */
import { isContact, winnerIdOf } from '../../read-record.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { isSameId, isZero } from '../contacts/component.ts';
import { unpackList } from '../contacts/contact-list.ts';
import type { ContactPlace, WriteSession } from './write-session.ts';

/**
 * The identities, with the founder in the place of each contact id. `undefined`: an id leads to no
 * contact.
 */
export function withoutContactIds(
  session: WriteSession,
  { organizationId }: { readonly organizationId: number },
  identities: readonly KnownIdentity[],
): readonly KnownIdentity[] | undefined {
  if (identities.every(({ typeId }) => typeId !== 0)) return identities;
  const found: KnownIdentity[] = [];
  for (const identity of identities) {
    const named =
      identity.typeId === 0
        ? founderOf(session, { organizationId, contactId: identity.digest })
        : identity;
    if (named === undefined) return undefined;
    found.push(named);
  }
  return found;
}

function founderOf(session: WriteSession, place: ContactPlace): KnownIdentity | undefined {
  const contactId = findById(session, place);
  if (contactId === undefined) return undefined;
  const { ids } = session.environment;
  const packed = ids.getBinaryFast(session.contactKey({ ...place, contactId }));
  if (packed === undefined) return undefined;
  const { identities, founder, aliases } = unpackList(packed, ids.lastSize);
  const alias = aliases.find((it) => isSameId(it.contactId, place.contactId));
  return identities[alias?.founder ?? founder];
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

/** The contact that an identity leads to. */
export function findContactId(
  session: WriteSession,
  organizationId: number,
  { typeId, digest }: IdentityKey,
): Uint8Array | undefined {
  if (typeId === 0) return findById(session, { organizationId, contactId: digest });
  const key = session.identityKey(organizationId, typeId, digest);
  const entry = session.environment.id.getBinaryFast(key);
  const contactId = entry && Uint8Array.from(entry.subarray(0, 16));
  return contactId === undefined || isZero(contactId) ? undefined : contactId;
}
