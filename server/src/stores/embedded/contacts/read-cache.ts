/**
 * What a transaction read of a large component, for its next writes: most of them change a few rows
 * of it. What is written to the databases that `watch` returns is forgotten here.
 */
import type { IdentityKey } from '../../store.ts';
import type { ContactKey, KeyedDatabase } from '../keyed-database.ts';
import {
  type ComponentCache,
  contactIdName,
  type KnownContact,
  type KnownNode,
  nameOf,
  type ReadParts,
} from './component.ts';
import type { IdentityLinks } from './identity-links.ts';

/** They take about 10 MB. */
const mostNodes = 20_000;

/** Keeping a smaller component costs more than reading it again. */
const usualLeastRows = 16;

export class ReadCache implements ComponentCache {
  readonly leastRows: number;
  readonly #nodes = new Map<string, KnownNode>();
  readonly #contacts = new Map<string, KnownContact>();
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

  node(organizationId: number, name: string): KnownNode | undefined {
    return this.#has(organizationId) ? this.#nodes.get(name) : undefined;
  }

  contact(organizationId: number, name: string): KnownContact | undefined {
    return this.#has(organizationId) ? this.#contacts.get(name) : undefined;
  }

  keep(organizationId: number, { nodes, contacts }: ReadParts): void {
    if (organizationId !== this.#organizationId) this.clear();
    this.#organizationId = organizationId;
    for (const { name, entry, read } of nodes) {
      const known = this.#nodes.get(name);
      if (known !== undefined && (known.links !== undefined || read === undefined)) continue;
      this.#nodes.set(name, { entry, links: read && withNames(read) });
    }
    for (const { name, contactId, list, packedList, nodes: listed } of contacts) {
      if (this.#contacts.has(name)) continue;
      const names = listed.map((node) => node.name);
      this.#contacts.set(name, { name, contactId, list, packedList, names });
    }
  }

  /** The same databases. Each write of an index entry, a list or a link is forgotten here. */
  watch<Databases extends WatchedDatabases>(databases: Databases): Databases {
    return {
      ...databases,
      id: watched(databases.id, (key) => {
        if (this.#has(organizationIn(key))) this.#nodes.delete(nameOf(identityIn(key)));
      }),
      ids: watched(databases.ids, (key) => {
        if (this.#has(organizationIn(key))) this.#contacts.delete(contactIdName(contactIdIn(key)));
      }),
      link: watched(databases.link, (key) => {
        if (this.#has(organizationIn(key))) this.#nodes.delete(nameOf(identityIn(key)));
      }),
    };
  }

  #has(organizationId: number): boolean {
    const isEmpty = this.#nodes.size === 0 && this.#contacts.size === 0;
    return !isEmpty && this.#organizationId === organizationId;
  }
}

/** Names are looked up whenever the links are followed. */
function withNames(links: IdentityLinks): IdentityLinks {
  const named = <Key extends IdentityKey>(key: Key) => ({ ...key, name: nameOf(key) });
  return {
    ...links,
    waits: links.waits.map((it) => ({ ...it, key: named(it.key) })),
    bars: links.bars.map((it) => ({ ...it, other: named(it.other) })),
    memory: links.memory.map((it) => ({ ...it, other: named(it.other) })),
  };
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
