/**
 * What a transaction read of a large component, for its next writes: most of them change a few rows
 * of it. What is written to the databases that `watch` returns is forgotten here.
 */
import type { IdentityKey } from '../../store.ts';
import type { ContactKey, KeyedDatabase } from '../keyed-database.ts';
import {
  type ComponentCache,
  copyOfId,
  type KnownContact,
  type KnownNode,
  type ReadParts,
} from './component.ts';
import { IdMap } from './id-map.ts';

/** They take about 10 MB. */
const mostNodes = 20_000;

/** Keeping a smaller component costs more than reading it again. */
const usualLeastRows = 16;

export class ReadCache implements ComponentCache {
  readonly leastRows: number;
  readonly #nodes = new IdMap<KnownNode>();
  readonly #contacts = new IdMap<KnownContact>();
  #organizationId = 0;
  #transactionId = 0;

  constructor(leastRows = usualLeastRows) {
    this.leastRows = leastRows;
  }

  /**
   * What was kept is forgotten unless this transaction follows the last one: another process wrote,
   * or the last one failed.
   */
  begin(transactionId: number): void {
    const isNext = transactionId === this.#transactionId + 1;
    this.#transactionId = transactionId;
    if (!isNext || this.#nodes.size > mostNodes) this.clear();
  }

  clear(): void {
    this.#nodes.clear();
    this.#contacts.clear();
  }

  node(organizationId: number, { typeId, digest }: IdentityKey): KnownNode | undefined {
    return this.#has(organizationId) ? this.#nodes.get(digest, typeId) : undefined;
  }

  contact(organizationId: number, contactId: Uint8Array): KnownContact | undefined {
    return this.#has(organizationId) ? this.#contacts.get(contactId) : undefined;
  }

  keep(organizationId: number, { nodes, contacts }: ReadParts): void {
    if (organizationId !== this.#organizationId) this.clear();
    this.#organizationId = organizationId;
    for (const { typeId, digest, entry, read } of nodes) {
      const known = this.#nodes.get(digest, typeId);
      if (known !== undefined && (known.links !== undefined || read === undefined)) continue;
      this.#nodes.set(copyOfId(digest), { entry, links: read }, typeId);
    }
    for (const { contactId, list, packedList } of contacts) {
      if (this.#contacts.has(contactId)) continue;
      this.#contacts.set(contactId, { contactId, list, packedList });
    }
  }

  /** The same databases. Each write of an index entry, a list or a link is forgotten here. */
  watch<Databases extends WatchedDatabases>(databases: Databases): Databases {
    return {
      ...databases,
      id: watched(databases.id, (key) => {
        if (this.#has(organizationIn(key))) this.#forgetNode(identityIn(key));
      }),
      ids: watched(databases.ids, (key) => {
        if (this.#has(organizationIn(key))) this.#contacts.delete(contactIdIn(key));
      }),
      link: watched(databases.link, (key) => {
        if (this.#has(organizationIn(key))) this.#forgetNode(identityIn(key));
      }),
    };
  }

  #forgetNode({ typeId, digest }: IdentityKey): void {
    this.#nodes.delete(digest, typeId);
  }

  #has(organizationId: number): boolean {
    const isEmpty = this.#nodes.size === 0 && this.#contacts.size === 0;
    return !isEmpty && this.#organizationId === organizationId;
  }
}

type DatabaseKey = ContactKey | Uint8Array;

interface WatchedDatabases {
  readonly id: KeyedDatabase;
  readonly ids: KeyedDatabase;
  readonly link: KeyedDatabase;
}

function watched(database: KeyedDatabase, onWrite: (key: DatabaseKey) => void): KeyedDatabase {
  return {
    getBinaryFast: (key, options) => database.getBinaryFast(key, options),
    get lastSize() {
      return database.lastSize;
    },
    put: (key, value) => {
      onWrite(key);
      return database.put(key, value);
    },
    putSync: (key, value, options) => {
      onWrite(key);
      return database.putSync(key, value, options);
    },
    remove: (key) => {
      onWrite(key);
      return database.remove(key);
    },
    getRange: (range) => database.getRange(range),
    getStats: () => database.getStats(),
  };
}

function organizationIn(key: DatabaseKey): number {
  return key instanceof Uint8Array ? uint16At(key, 0) : key.organizationId;
}

/** The identity of a key of the index, and of a link. */
function identityIn(key: DatabaseKey): IdentityKey {
  if (!(key instanceof Uint8Array)) return { typeId: key.typeId, digest: sixteenAt(key) };
  return { typeId: uint16At(key, 2), digest: key.subarray(4, 20) };
}

function contactIdIn(key: DatabaseKey): Uint8Array {
  return key instanceof Uint8Array ? key.subarray(2, 18) : sixteenAt(key);
}

function sixteenAt({ bytes, start }: ContactKey): Uint8Array {
  return bytes.subarray(start, start + 16);
}

function uint16At(bytes: Uint8Array, place: number): number {
  return ((bytes[place] as number) << 8) | (bytes[place + 1] as number);
}
