/**
 * Finds a contact and lends it. The hot path: synchronous, and without allocation.
 */
import { ByteScratch } from '../byte-scratch.ts';
import { recordKinds, recordLayout, recordVersion } from '../contact-codec.ts';
import { countDatasetSections } from '../read-record.ts';
import type { ContactParts, ContactQuery, Kept, KnownIdentity, LentContact } from '../store.ts';
import { unpackIdentities } from './contacts/contact-list.ts';
import type { Environment } from './environment.ts';
import { ContactKey, type ReadTransaction } from './keyed-database.ts';
import { readFailure, unreadableRecord } from './read-failures.ts';

interface ReusedBytes {
  bytes: Buffer;
  length: number;
}

interface ReusedContact {
  readonly record: ReusedBytes;
  memberships: ReusedBytes | undefined;
  identities: readonly KnownIdentity[];
}

const noBytes = Buffer.alloc(0);
const noIdentities: readonly KnownIdentity[] = [];

export class ContactLender {
  readonly #environment: Environment;
  readonly #key = new ContactKey();
  /** The contact that is lent. Each read overwrites it. */
  readonly #lent: ReusedContact = {
    record: { bytes: noBytes, length: 0 },
    memberships: undefined,
    identities: noIdentities,
  };
  readonly #memberships: ReusedBytes = { bytes: noBytes, length: 0 };
  /**
   * Holds a record while the contact's other parts are read: each read overwrites the library's one
   * buffer.
   */
  readonly #recordScratch = new ByteScratch();
  #isLending = false;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Whether the callback of `lend` runs. Nothing may be read meanwhile. */
  get isLending(): boolean {
    return this.#isLending;
  }

  /**
   * Reads the contact and the requested parts, for `lend`.
   * @returns whether the contact exists
   */
  find({ organizationId, identity, parts }: ContactQuery, transaction: ReadTransaction): boolean {
    const key = this.#contactKey(organizationId, identity.digest);
    try {
      if (identity.typeId !== 0) {
        key.typeId = identity.typeId;
        const contactId = this.#environment.id.getBinaryFast(key, transaction);
        if (contactId === undefined) return false;
        key.typeId = -1;
        // The next read's key is filled from these bytes before the library writes over them.
        key.bytes = contactId;
      }
      if (!this.#readRecord(key, transaction, true)) return false;
      const isEmpty = countDatasetSections(this.#lent.record) === 0;
      if (isEmpty && !this.#hasMemberships(key, transaction)) return false;
      if (parts.memberships || parts.identities) this.#readParts(key, transaction, parts);
      return true;
    } catch (error) {
      throw readFailure(error);
    }
  }

  /** Lends the contact that was just found. */
  lend<Query extends ContactQuery, Result extends Kept>(
    query: Query,
    read: (contact: LentContact, query: Query) => Result,
  ): Result {
    this.#isLending = true;
    try {
      return read(this.#lent, query);
    } finally {
      this.#endLending();
    }
  }

  #endLending(): void {
    const lent = this.#lent;
    // A caller that keeps the contact finds no bytes, instead of another person's.
    lent.record.bytes = noBytes;
    lent.memberships = undefined;
    lent.identities = noIdentities;
    this.#isLending = false;
  }

  #readRecord(key: ContactKey, transaction: ReadTransaction, mayFollow: boolean): boolean {
    const { rec } = this.#environment;
    const bytes = rec.getBinaryFast(key, transaction);
    if (bytes === undefined) return false;
    if (bytes[recordLayout.version] !== recordVersion || rec.lastSize < recordLayout.directory) {
      throw unreadableRecord(bytes[recordLayout.version]);
    }
    const kind = bytes[recordLayout.kind];
    if (kind === recordKinds.contact) {
      this.#lent.record.bytes = bytes;
      this.#lent.record.length = rec.lastSize;
      return true;
    }
    if (kind !== recordKinds.redirect || !mayFollow) return false;
    key.bytes = bytes;
    key.start = recordLayout.directory;
    return this.#readRecord(key, transaction, false);
  }

  #hasMemberships(key: ContactKey, transaction: ReadTransaction): boolean {
    this.#keepRecord(key);
    return this.#environment.mem.getBinaryFast(key, transaction) !== undefined;
  }

  /** Copies the record, since the next read overwrites it, and sets `key` to its contact's id. */
  #keepRecord(key: ContactKey): void {
    const { record } = this.#lent;
    const copy = this.#recordScratch.reserve(record.length);
    record.bytes.copy(copy, 0, 0, record.length);
    record.bytes = copy;
    key.bytes = copy;
    key.start = recordLayout.contactId;
  }

  #readParts(key: ContactKey, transaction: ReadTransaction, parts: ContactParts): void {
    const { ids, mem } = this.#environment;
    this.#keepRecord(key);
    if (parts.identities) {
      const packed = ids.getBinaryFast(key, transaction);
      if (packed !== undefined) this.#lent.identities = unpackIdentities(packed, ids.lastSize);
    }
    if (!parts.memberships) return;
    const packed = mem.getBinaryFast(key, transaction);
    if (packed === undefined) return;
    this.#memberships.bytes = packed;
    this.#memberships.length = mem.lastSize;
    this.#lent.memberships = this.#memberships;
  }

  #contactKey(organizationId: number, contactId: Uint8Array): ContactKey {
    const key = this.#key;
    key.organizationId = organizationId;
    key.typeId = -1;
    key.bytes = contactId;
    key.start = 0;
    return key;
  }
}
