/**
 * A store that answers later, as a store on another machine would: the real reader, delayed by some
 * turns of the event loop. It lends copies and overwrites each copy when the loan ends, so that
 * code that keeps lent bytes answers nonsense instead of data that happens to be still there.
 */
import { setImmediate } from 'node:timers/promises';
import type {
  ContactQuery,
  ContactReader,
  Kept,
  LentBytes,
  LentContact,
} from '../../src/stores/store.ts';

/** @param turns how many turns of the event loop to wait before the next answer */
export function slowReader(real: ContactReader, turns: () => number): ContactReader {
  const wait = async () => {
    for (let left = turns(); left > 0; left -= 1) await setImmediate();
  };
  const slow: Pick<ContactReader, 'lendContact' | 'readContacts' | 'asOf' | 'revision'> = {
    lendContact: async (query, read) => {
      await wait();
      return real.lendContact(query, (contact, asked) => readCopy(contact, asked, read));
    },
    readContacts: async (queries, read) => {
      await wait();
      return real.readContacts(queries, (contact, query) => readCopy(contact, query, read));
    },
    asOf: async (organizationId, datasetId) => {
      await wait();
      return real.asOf(organizationId, datasetId);
    },
    revision: async () => {
      await wait();
      return real.revision();
    },
  };
  return Object.assign(Object.create(real) as ContactReader, slow);
}

function readCopy<Query extends ContactQuery, Result extends Kept>(
  contact: LentContact,
  query: Query,
  read: (contact: LentContact, query: Query) => Result,
): Result {
  const record = copyOf(contact.record);
  const memberships = contact.memberships && copyOf(contact.memberships);
  try {
    return read({ ...contact, record, memberships }, query);
  } finally {
    record.bytes.fill('x');
    memberships?.bytes.fill('x');
  }
}

function copyOf({ bytes, length }: LentBytes): LentBytes {
  return { bytes: Buffer.from(bytes.subarray(0, length)), length };
}
