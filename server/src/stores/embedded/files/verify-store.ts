/** Reads every entry of the store and counts the faults. It may run beside a writer. */
import { findRecordFault } from '../../contact-codec.ts';
import { contactIdText, isTombstone } from '../../read-record.ts';
import type { StoreFaults } from '../../store.ts';
import { indexFlags, isZero } from '../contacts/component.ts';
import { unpackIdentities } from '../contacts/contact-list.ts';
import type { Environment } from '../environment.ts';
import { CountedStore } from './counted-store.ts';
import { readEntries } from './read-entries.ts';

export async function verifyStore(environment: Environment): Promise<StoreFaults> {
  const { root, rec, id, ids } = environment;
  let tornContacts = 0;
  let danglingIdentities = 0;
  const counted = new CountedStore(environment);
  for await (const entries of readEntries(root, rec)) {
    for (const { key, value } of entries) {
      if (isTorn(key, value)) tornContacts += 1;
      else counted.addRecord(key, value);
    }
  }
  for await (const entries of readEntries(root, id)) {
    for (const { key } of entries) if (leadsNowhere(environment, key)) danglingIdentities += 1;
  }
  for await (const entries of readEntries(root, ids)) {
    for (const { key, value } of entries) {
      danglingIdentities += countLost(environment, key);
      counted.addIdentities(key, identitiesOf(value, value.length).length);
    }
  }
  const wrongCounts = counted.wrongCounts();
  return { tornContacts, danglingIdentities, wrongCounts };
}

function isTorn(key: Uint8Array, record: Uint8Array): boolean {
  if (findRecordFault(record, record.length) !== undefined) return true;
  return Buffer.from(key.subarray(2)).toString('hex') !== contactIdText(record);
}

/**
 * Whether an index entry is wrong: it leads to no contact, or to one that does not have the
 * identity.
 */
function leadsNowhere({ root, id, rec, ids }: Environment, key: Uint8Array): boolean {
  root.resetReadTxn();
  const entry = id.getBinaryFast(key);
  if (entry === undefined) return false;
  if (id.lastSize !== 17) return true;
  // An identity that leads nowhere has an entry only while it has links.
  if (isZero(entry)) return ((entry[16] ?? 0) & indexFlags.isLinked) === 0;
  const contactKey = Buffer.concat([key.subarray(0, 2), entry.subarray(0, 16)]);
  const record = rec.getBinaryFast(contactKey);
  if (record === undefined || isTombstone(record)) return true;
  const packed = ids.getBinaryFast(contactKey);
  if (packed === undefined) return true;
  const typeId = ((key[2] ?? 0) << 8) | (key[3] ?? 0);
  return !identitiesOf(packed, ids.lastSize).some(
    (identity) =>
      identity.typeId === typeId && Buffer.compare(identity.digest, key.subarray(4)) === 0,
  );
}

/**
 * How many of a contact's identities do not lead to it in the index. 1 if its list of identities is
 * damaged, or if the store has no record of the contact.
 */
function countLost({ root, id, rec, ids }: Environment, contactKey: Uint8Array): number {
  root.resetReadTxn();
  const packed = ids.getBinaryFast(contactKey);
  if (packed === undefined) return 0;
  const identities = identitiesOf(packed, ids.lastSize);
  if (identities.length === 0 || rec.getBinaryFast(contactKey) === undefined) return 1;
  return identities.filter(({ typeId, digest }) => {
    const type = Uint8Array.of(typeId >>> 8, typeId & 0xff);
    const entry = id.getBinaryFast(Buffer.concat([contactKey.subarray(0, 2), type, digest]));
    return (
      entry === undefined || Buffer.compare(entry.subarray(0, 16), contactKey.subarray(2)) !== 0
    );
  }).length;
}

function identitiesOf(packed: Uint8Array, length: number): ReturnType<typeof unpackIdentities> {
  try {
    return unpackIdentities(packed, length);
  } catch {
    return [];
  }
}
