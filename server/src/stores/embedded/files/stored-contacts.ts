/**
 * Looks entries of contacts up by their keys, for checks of a whole store. All results are copies.
 */
import { findRecordFault } from '../../contact-codec.ts';
import type { RecordView } from '../../read-record.ts';
import type { IdentityKey } from '../../store.ts';
import { AmendmentBook } from '../contacts/amendment-book.ts';
import { type IndexEntry, isSameIdentity, unpackIndexEntry } from '../contacts/component.ts';
import { type ContactList, type ListedRow, unpackList } from '../contacts/contact-list.ts';
import type { WaitingRow } from '../contacts/identity-links.ts';
import type { Environment } from '../environment.ts';
import type { KeyedDatabase } from '../keyed-database.ts';

export class StoredContacts {
  readonly environment: Environment;
  readonly amendments: AmendmentBook;

  constructor(environment: Environment) {
    this.environment = environment;
    this.amendments = new AmendmentBook(environment.amend);
  }

  /** Runs a check that sees one moment. */
  now<Result>(check: () => Result): Result {
    this.environment.root.resetReadTxn();
    this.amendments.begin();
    return check();
  }

  has(database: KeyedDatabase, key: Uint8Array): boolean {
    return database.getBinaryFast(key) !== undefined;
  }

  /** `undefined` if there is none, or it is damaged. */
  entryAt(indexKey: Uint8Array): IndexEntry | undefined {
    const { id } = this.environment;
    const bytes = id.getBinaryFast(indexKey);
    return bytes === undefined || id.lastSize !== 17 ? undefined : unpackIndexEntry(bytes);
  }

  /** `undefined` if there is none, or it is torn. */
  recordAt(contactKey: Uint8Array): RecordView | undefined {
    const { rec } = this.environment;
    const found = rec.getBinaryFast(contactKey);
    if (found === undefined || findRecordFault(found, rec.lastSize) !== undefined) return undefined;
    return { bytes: Buffer.from(found.subarray(0, rec.lastSize)), length: rec.lastSize };
  }

  /** `undefined` if there is none, or it is damaged. */
  listAt(contactKey: Uint8Array): ContactList | undefined {
    const { ids } = this.environment;
    const packed = ids.getBinaryFast(contactKey);
    if (packed === undefined) return undefined;
    try {
      return unpackList(packed, ids.lastSize);
    } catch {
      return undefined;
    }
  }

  /** A row, found by where its key leads; `undefined`: there is no such row. */
  rowAt(
    organization: Uint8Array,
    { datasetId, key }: WaitingRow,
  ): { readonly row: ListedRow; readonly list: ContactList } | undefined {
    const entry = this.entryAt(indexKeyOf(organization, key));
    if (entry === undefined || !entry.isLeading) return undefined;
    const list = this.listAt(Buffer.concat([organization, entry.contactId]));
    const row = list?.rows.find((it) => {
      return (
        it.datasetId === datasetId && isSameIdentity(list.identities[it.key] as IdentityKey, key)
      );
    });
    return list && row && { row, list };
  }
}

export function indexKeyOf(organization: Uint8Array, { typeId, digest }: IdentityKey): Buffer {
  const type = Uint8Array.of(typeId >>> 8, typeId & 0xff);
  return Buffer.concat([organization, type, digest]);
}
