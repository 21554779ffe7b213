/**
 * The rows and identities that are connected: an identity leads to a contact, a contact has rows,
 * and a row claims further identities. What one write may change is all in one component, which is
 * read as a whole, decided again (`decide-component.ts`) and written back (`write-component.ts`).
 */
import { maxComponentRows, maxWaitingRows } from '../../limits.ts';
import type { RecordView } from '../../read-record.ts';
import type { IdentityKey } from '../../store.ts';
import type { ContactKey, KeyedDatabase } from '../keyed-database.ts';
import {
  type ContactList,
  type ListedClaim,
  type StoredRowKind,
  unpackLent,
} from './contact-list.ts';
import { IdMap } from './id-map.ts';
import { type IdentityLinks, type JoinMemory, noLinks, readLinks } from './identity-links.ts';
import type { StoredMerge } from './join-log.ts';

/** An identity of a component. */
export interface IdentityNode extends IdentityKey {
  /** Its place among the nodes of the component. */
  readonly place: number;
  /** The normalised value; `''` while only the hash is known. */
  value: string;
  /** Its entry in the index; `undefined`: there is none. */
  entry: IndexEntry | undefined;
  links: IdentityLinks;
  /** Its links as stored, if they were read. */
  read: IdentityLinks | undefined;
  /** The contact that it leads to, if that is part of the component. */
  contact: StoredContact | undefined;
  /** More rows claim it than are looked at, so that it joins nobody. */
  isCrowded: boolean;
  /** Its contact is not part of the component, which is large enough. */
  isBeyond: boolean;
}

export interface IndexEntry {
  /** 16 bytes; zeros: it leads nowhere. */
  readonly contactId: Uint8Array;
  /** Whether it leads to a contact. */
  readonly isLeading: boolean;
  readonly isValueKnown: boolean;
  /** Whether it has links. */
  readonly isLinked: boolean;
}

export interface NodeClaim {
  readonly node: IdentityNode;
  readonly since: bigint;
  readonly isOfSnapshot: boolean;
}

export interface RowNode {
  readonly datasetId: number;
  readonly kind: StoredRowKind;
  key: IdentityNode;
  claims: readonly NodeClaim[];
  version: bigint;
  isPushed: boolean;
  isConverted: boolean;
  /** The contact in whose list it is stored; `undefined`: it is new. */
  readonly home: StoredContact | undefined;
  /** Whether its stored section is apart from the record. */
  readonly wasHidden: boolean;
  /** Its row key as stored, which names its hidden section. */
  readonly storedKey: IdentityNode;
  /** The row as stored; `undefined`: it is new. */
  readonly stored: StoredRow | undefined;
}

export type StoredRow = Readonly<
  Pick<RowNode, 'key' | 'claims' | 'version' | 'isPushed' | 'isConverted'>
>;

/** Whether nothing of the row was changed, except perhaps its section. */
export function isAsStored(row: RowNode): boolean {
  const { stored } = row;
  return (
    stored !== undefined &&
    row.key === stored.key &&
    row.claims === stored.claims &&
    row.version === stored.version &&
    row.isPushed === stored.isPushed &&
    row.isConverted === stored.isConverted
  );
}

/** A contact as stored. */
export interface StoredContact {
  readonly contactId: Uint8Array;
  readonly list: ContactList;
  /** The packed list, to see whether it changes. */
  readonly packedList: Buffer;
  /** The nodes of the list's identities. */
  readonly nodes: readonly IdentityNode[];
  readonly rows: readonly RowNode[];
  /** A copy of its record, once that was read (`storedRecord`); `null`: there is none. */
  record?: RecordView | null;
}

/** What a component reads. Each read overwrites the bytes of the last one. */
export interface ComponentSource {
  readonly organizationId: number;
  readonly id: KeyedDatabase;
  readonly ids: KeyedDatabase;
  readonly link: KeyedDatabase;
  /** What earlier writes of the transaction read. */
  readonly cache?: ComponentCache;
  identityKey(organizationId: number, typeId: number, digest: Uint8Array): ContactKey;
  contactKey(place: { organizationId: number; contactId: Uint8Array }): ContactKey;
  /** The merge of an entry of the log; `undefined`: it was taken back. */
  mergeAt(entry: bigint): StoredMerge | undefined;
}

/** What is stored of large components (`read-cache.ts`). */
export interface ComponentCache {
  /** Smaller components are not kept. */
  readonly leastRows: number;
  node(organizationId: number, identity: IdentityKey): KnownNode | undefined;
  contact(organizationId: number, contactId: Uint8Array): KnownContact | undefined;
  /** Keeps what was just read. */
  keep(organizationId: number, parts: ReadParts): void;
}

export interface KnownNode {
  readonly entry: IndexEntry | undefined;
  /** `undefined` if they were not read. */
  readonly links: IdentityLinks | undefined;
}

export type KnownContact = Pick<StoredContact, 'contactId' | 'list' | 'packedList'>;

export type ReadParts = Pick<Component, 'nodes' | 'contacts'>;

/** A short text for each identity, to find it in maps. */
export function nameOf({ typeId, digest }: IdentityKey): string {
  return String.fromCharCode(typeId) + contactIdName(digest);
}

/** A short text for each contact id. */
export function contactIdName(id: Uint8Array): string {
  // To ask for the buffer of a small array would make the engine copy the array.
  return String.fromCharCode(
    id[0] as number,
    id[1] as number,
    id[2] as number,
    id[3] as number,
    id[4] as number,
    id[5] as number,
    id[6] as number,
    id[7] as number,
    id[8] as number,
    id[9] as number,
    id[10] as number,
    id[11] as number,
    id[12] as number,
    id[13] as number,
    id[14] as number,
    id[15] as number,
  );
}

/** Whether two contact ids or digests are the same. */
export function isSameId(one: Uint8Array, other: Uint8Array | undefined): boolean {
  if (other === undefined) return false;
  for (let place = 0; place < 16; place += 1) if (one[place] !== other[place]) return false;
  return true;
}

/** As `Buffer.compare`, but without a call of native code. */
export function compareIds(one: Uint8Array, other: Uint8Array): number {
  for (let place = 0; place < 16; place += 1) {
    const difference = (one[place] as number) - (other[place] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A copy of the first 16 bytes. Usual ways to copy cost more than so few bytes. */
export function copyOfId(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(16);
  for (let place = 0; place < 16; place += 1) copy[place] = bytes[place] as number;
  return copy;
}

export function isSameIdentity(one: IdentityKey, other: IdentityKey): boolean {
  return one.typeId === other.typeId && isSameId(one.digest, other.digest);
}

export function isZero(contactId: Uint8Array): boolean {
  for (let place = 0; place < 16; place += 1) if (contactId[place] !== 0) return false;
  return true;
}

/** The entry of an identity in the index: a copy. */
function readIndexEntry(source: ComponentSource, identity: IdentityKey): IndexEntry | undefined {
  const { id, organizationId } = source;
  const key = source.identityKey(organizationId, identity.typeId, identity.digest);
  const bytes = id.getBinaryFast(key);
  return bytes && unpackIndexEntry(bytes);
}

/** Returns a copy. */
export function unpackIndexEntry(bytes: Uint8Array): IndexEntry {
  const flags = bytes[16] as number;
  const contactId = copyOfId(bytes);
  return {
    contactId,
    isLeading: !isZero(contactId),
    isValueKnown: (flags & indexFlags.isValueKnown) !== 0,
    isLinked: (flags & indexFlags.isLinked) !== 0,
  };
}

/** The bits of the byte after the contact id in the index. */
export const indexFlags = { isValueKnown: 1, isLinked: 2 } as const;

export class Component {
  readonly source: ComponentSource;
  /** In the order in which they were found. */
  readonly nodes: IdentityNode[] = [];
  readonly contacts: StoredContact[] = [];
  readonly rows: RowNode[] = [];
  /** What people merged, by the entry of the log. */
  readonly merges = new Map<bigint, StoredMerge>();
  readonly #byIdentity = new IdMap<IdentityNode>();
  readonly #byContactId = new IdMap<StoredContact>();
  #read = 0;
  /** Whether everything that is connected was read. What is added then is read at once. */
  #isGathered = false;
  /** How many of them earlier calls of `gather` read. */
  #kept = { nodes: 0, contacts: 0 };

  constructor(source: ComponentSource) {
    this.source = source;
  }

  /** The node of an identity. Its links and its contact are known after `gather`. */
  node(identity: IdentityKey, value = ''): IdentityNode {
    const node = this.#nodeOf(identity, value);
    if (this.#isGathered) this.gather();
    return node;
  }

  #nodeOf(identity: IdentityKey, value = ''): IdentityNode {
    const known = this.find(identity);
    if (known !== undefined) {
      if (known.value === '') known.value = value;
      return known;
    }
    return this.#addNode(identity, value);
  }

  #addNode(identity: IdentityKey, value: string): IdentityNode {
    const { cache, organizationId } = this.source;
    const cached = cache?.node(organizationId, identity);
    const node: IdentityNode = {
      place: this.nodes.length,
      typeId: identity.typeId,
      digest: identity.digest,
      value,
      entry: cached === undefined ? readIndexEntry(this.source, identity) : cached.entry,
      links: noLinks,
      read: cached?.links,
      contact: undefined,
      isCrowded: false,
      isBeyond: false,
    };
    this.#byIdentity.set(node.digest, node, node.typeId);
    this.nodes.push(node);
    return node;
  }

  find({ typeId, digest }: IdentityKey): IdentityNode | undefined {
    return this.#byIdentity.get(digest, typeId);
  }

  /** Reads everything that is connected with the nodes, up to `maxComponentRows` rows. */
  gather(): void {
    this.#isGathered = true;
    while (this.#read < this.nodes.length) {
      const node = this.nodes[this.#read] as IdentityNode;
      this.#read += 1;
      this.#gatherFrom(node);
    }
    this.#keep();
  }

  /** What was read by an earlier call may have been written since. */
  #keep(): void {
    const { cache, organizationId } = this.source;
    const from = this.#kept;
    this.#kept = { nodes: this.nodes.length, contacts: this.contacts.length };
    if (cache === undefined || this.rows.length < cache.leastRows) return;
    const nodes = this.nodes.slice(from.nodes);
    const contacts = this.contacts.slice(from.contacts);
    cache.keep(organizationId, { nodes, contacts });
  }

  #gatherFrom(node: IdentityNode): void {
    const { entry } = node;
    if (entry === undefined) return;
    if (entry.isLeading) {
      node.contact = this.contactAt(entry.contactId);
      node.isBeyond = node.contact === undefined;
    }
    if (!entry.isLinked || node.isBeyond) return;
    const { link, organizationId } = this.source;
    const listed = node.links.memory;
    node.read ??= readLinks(link, organizationId, node, maxWaitingRows + 1);
    const { read } = node;
    node.links = listed.length === 0 ? read : { ...read, memory: [...listed, ...read.memory] };
    const { waits, memory, merges } = node.links;
    node.isCrowded = waits.length > maxWaitingRows;
    if (!node.isCrowded) for (const { key } of waits) this.#nodeOf(key);
    for (const { other } of memory) this.#nodeOf(other);
    for (const entry of merges) this.addMerge(entry);
  }

  addMerge(entry: bigint): void {
    const merge = this.merges.has(entry) ? undefined : this.source.mergeAt(entry);
    if (merge === undefined) return;
    this.merges.set(entry, merge);
    for (const key of merge.keys) this.#nodeOf(key);
  }

  /** The contact, if it is part of the component. */
  contactWith(contactId: Uint8Array): StoredContact | undefined {
    return this.#byContactId.get(contactId);
  }

  /** `undefined` if there is none, or the component is large enough. */
  contactAt(contactId: Uint8Array): StoredContact | undefined {
    const known = this.#byContactId.get(contactId);
    if (known !== undefined) return known;
    if (this.rows.length > maxComponentRows) return undefined;
    const { organizationId, cache } = this.source;
    const stored = cache?.contact(organizationId, contactId) ?? this.#readContact(contactId);
    if (stored === undefined) return undefined;
    const contact = this.#load(stored);
    this.#byContactId.set(contact.contactId, contact);
    this.contacts.push(contact);
    this.rows.push(...contact.rows);
    return contact;
  }

  #readContact(contactId: Uint8Array): KnownContact | undefined {
    const { ids, organizationId } = this.source;
    const packed = ids.getBinaryFast(this.source.contactKey({ organizationId, contactId }));
    if (packed === undefined) return undefined;
    const packedList = Buffer.from(packed.subarray(0, ids.lastSize));
    const list = unpackLent(packedList);
    return { contactId: copyOfId(contactId), packedList, list };
  }

  #load(stored: KnownContact): StoredContact {
    const { list } = stored;
    const nodes = list.identities.map((it) => this.#nodeOf(it, it.value));
    const rows: RowNode[] = [];
    const contact = { ...stored, nodes, rows };
    for (const { keys, version, pendingOn } of list.joins) {
      const memory = { version, partedAt: 0n, pendingOn, isLinked: false };
      const [one, other] = keys.map((place) => nodes[place]) as [IdentityNode, IdentityNode];
      remember(one, { ...memory, other });
      remember(other, { ...memory, other: one });
    }
    for (const row of list.rows) {
      const key = nodes[row.key] as IdentityNode;
      const claims = row.claims.map((claim) => nodeClaim(nodes, claim));
      const { datasetId, kind, version, isPushed, isConverted, isHidden } = row;
      rows.push({
        datasetId,
        kind,
        key,
        claims,
        version,
        isPushed,
        isConverted,
        home: contact,
        wasHidden: isHidden,
        storedKey: key,
        stored: { key, claims, version, isPushed, isConverted },
      });
    }
    return contact;
  }
}

function remember(node: IdentityNode, memory: JoinMemory): void {
  node.links = { ...node.links, memory: [...node.links.memory, memory] };
}

function nodeClaim(nodes: readonly IdentityNode[], claim: ListedClaim): NodeClaim {
  const { identity, since, isOfSnapshot } = claim;
  return { node: nodes[identity] as IdentityNode, since, isOfSnapshot };
}
