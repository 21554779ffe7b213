/** Reads every entry of the store and counts the faults. It may run beside a writer. */
import { findRecordFault } from '../../contact-codec.ts';
import { contactIdText } from '../../read-record.ts';
import type { StoreFaults } from '../../store.ts';
import { unpackIdentities } from '../contacts/contact-list.ts';
import type { Environment } from '../environment.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { CountedStore } from './counted-store.ts';
import { readEntries } from './read-entries.ts';
import { StoredContacts } from './stored-contacts.ts';
import {
  countLost,
  isDangling,
  isLostLink,
  isLostSection,
  isMisplaced,
  isTornAmendment,
} from './verify-contact.ts';

export async function verifyStore(environment: Environment): Promise<StoreFaults> {
  const { root, rec, id, ids, link, row, amend } = environment;
  const contacts = new StoredContacts(environment);
  let [tornContacts, danglingIdentities] = [0, 0];
  const counted = new CountedStore(environment);
  for await (const entries of readEntries(root, rec)) {
    for (const { key, value } of entries) {
      if (isTorn(key, value)) tornContacts += 1;
      else counted.addRecord(key, value);
    }
  }
  for await (const entries of readEntries(root, ids)) {
    for (const { key, value } of entries) {
      danglingIdentities += contacts.now(() => countLost(contacts, key));
      tornContacts += Number(contacts.now(() => isMisplaced(contacts, key)));
      counted.addIdentities(key, countIdentities(value));
    }
  }
  const count = (database: KeyedDatabase, isWrong: (key: Uint8Array) => boolean) =>
    countKeys(environment, database, (key) => contacts.now(() => isWrong(key)));
  danglingIdentities += await count(id, (key) => isDangling(contacts, key));
  danglingIdentities += await count(link, (key) => isLostLink(contacts, key));
  tornContacts += await count(row, (key) => isLostSection(contacts, key));
  tornContacts += await count(amend, (key) => isTornAmendment(contacts, key));
  const wrongCounts = counted.wrongCounts();
  return { tornContacts, danglingIdentities, wrongCounts };
}

async function countKeys(
  { root }: Environment,
  database: KeyedDatabase,
  isWrong: (key: Uint8Array) => boolean,
): Promise<number> {
  let count = 0;
  for await (const entries of readEntries(root, database)) {
    for (const { key } of entries) if (isWrong(key)) count += 1;
  }
  return count;
}

function isTorn(key: Uint8Array, record: Uint8Array): boolean {
  if (findRecordFault(record, record.length) !== undefined) return true;
  return Buffer.from(key.subarray(2)).toString('hex') !== contactIdText(record);
}

function countIdentities(packed: Uint8Array): number {
  try {
    return unpackIdentities(packed, packed.length).length;
  } catch {
    return 0;
  }
}
