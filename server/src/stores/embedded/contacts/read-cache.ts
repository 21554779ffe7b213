/**
 * What a transaction read of a large component, for its next writes: most of them change a few rows
 * of it. Whoever writes an entry of the index, a list or a link forgets it here.
 */
import type { IdentityKey } from '../../store.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import {
  type ComponentCache,
  contactIdName,
  type KnownContact,
  type KnownNode,
  nameOf,
  type ReadParts,
} from './component.ts';
import { type IdentityLinks, readLinkKey } from './identity-links.ts';

/** They take about 10 MB. */
const mostNodes = 20_000;

export class ReadCache implements ComponentCache {
  readonly #nodes = new Map<string, KnownNode>();
  readonly #contacts = new Map<string, KnownContact>();
  #organizationId = 0;
  #transactionId = 0;

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

  forgetIdentity(organizationId: number, identity: IdentityKey): void {
    if (this.#has(organizationId)) this.#nodes.delete(nameOf(identity));
  }

  forgetContact(organizationId: number, contactId: Uint8Array): void {
    if (this.#has(organizationId)) this.#contacts.delete(contactIdName(contactId));
  }

  /** The database of links. What is written to it is forgotten here. */
  linksOf(link: KeyedDatabase, organizationId: number): KeyedDatabase {
    const forget = (key: Parameters<KeyedDatabase['put']>[0]) => {
      if (!this.#has(organizationId)) return;
      if (key instanceof Uint8Array) this.#nodes.delete(nameOf(readLinkKey(key).identity));
      else this.clear();
    };
    return {
      getBinaryFast: (key, options) => link.getBinaryFast(key, options),
      get lastSize() {
        return link.lastSize;
      },
      put: (key, value) => {
        forget(key);
        return link.put(key, value);
      },
      putSync: (key, value, options) => {
        forget(key);
        return link.putSync(key, value, options);
      },
      remove: (key) => {
        forget(key);
        return link.remove(key);
      },
      getRange: (range) => link.getRange(range),
      getStats: () => link.getStats(),
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
