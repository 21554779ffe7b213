/**
 * What is known of an identity besides where it leads. Each link is an entry of its own, under the
 * identity: organization u16, type u16, digest 16, u8 kind, then what `linkForms` says. All numbers
 * in keys are big endian. The entry of an identity in the index is marked while it has links.
 */
import type { IdentityKey } from '../../store.ts';
import { type KeyedDatabase, rangeUnder } from '../keyed-database.ts';

/** The key and the value of each kind. An identity in a key is u16 type, 16 digest. */
const linkKinds = {
  /** A row of another contact claims it without effect: dataset u16, row key. No value. */
  wait: 1,
  /** A row let it go that others still claim. Value: u64 version. */
  break: 2,
  /** A person parted it from another: identity. Value: u64 version. */
  bar: 3,
  /** A person joined it with another: u64 entry of the log. No value. */
  merge: 4,
  /**
   * Rows joined it with another row key: identity. Value: u64 version, u64 parted at or 0, u64 for
   * each run that must end first.
   */
  memory: 5,
  /** The founder of a contact id that is gone: contact id 16. Value: f64 milliseconds. */
  tombstone: 6,
  /** Runs moved it from one contact to another: dataset u16. Value: u8, how often. */
  moves: 7,
} as const;

export interface WaitingRow {
  readonly datasetId: number;
  readonly key: IdentityKey;
}

export interface Bar {
  readonly other: IdentityKey;
  readonly version: bigint;
}

export interface JoinMemory {
  readonly other: IdentityKey;
  /** The version that joined them. */
  readonly version: bigint;
  /**
   * When they were parted while a run was unfinished; 0: they are one contact. If it lapsed before
   * it counted, this is the version of the run in whose midst it did.
   */
  readonly partedAt: bigint;
  /** The versions of runs that were unfinished. It counts once they have ended. */
  readonly pendingOn: readonly bigint[];
  /**
   * Whether it is stored as links. If not, it is in the list of the contact that both are part of.
   */
  readonly isLinked: boolean;
}

/** Whether rows joined the keys, and in the midst of a run did so no longer before it counted. */
export function isLapsed({
  partedAt,
  pendingOn,
}: Pick<JoinMemory, 'partedAt' | 'pendingOn'>): boolean {
  return partedAt !== 0n && pendingOn.length > 0;
}

/**
 * Whether the keys are joined no longer. It is stored until the next write of their contacts.
 * @param quietAt the last version at which no run was unfinished
 */
export function isOver(memory: JoinMemory, quietAt: bigint): boolean {
  return memory.partedAt !== 0n && (memory.partedAt <= quietAt || isLapsed(memory));
}

export interface Tombstone {
  readonly contactId: Uint8Array;
  readonly atMs: number;
}

/** How often runs of a dataset moved an identity from one contact to another. */
export interface CountedMoves {
  readonly datasetId: number;
  /** At most `mostMoves`. */
  readonly count: number;
}

export interface IdentityLinks {
  readonly waits: readonly WaitingRow[];
  readonly brokenAt: bigint | undefined;
  readonly bars: readonly Bar[];
  /** Entries of the log. */
  readonly merges: readonly bigint[];
  readonly memory: readonly JoinMemory[];
  readonly tombstones: readonly Tombstone[];
  readonly moves: readonly CountedMoves[];
}

export const noLinks: IdentityLinks = {
  waits: [],
  brokenAt: undefined,
  bars: [],
  merges: [],
  memory: [],
  tombstones: [],
  moves: [],
};

const prefixLength = 21;

/** @param limit more waiting rows than that are not read */
export function readLinks(
  link: KeyedDatabase,
  organizationId: number,
  identity: IdentityKey,
  limit: number,
): IdentityLinks {
  const prefix = linkKey(organizationId, identity, linkKinds.wait).subarray(0, prefixLength - 1);
  const all = [...link.getRange({ ...rangeUnder(prefix), limit })].map(copyEntry);
  const links = new ReadLinks();
  for (const entry of all) links.add(entry);
  if (all.length < limit) return links;
  // There may be more of other kinds, behind rows that wait.
  const rest = rangeUnder(prefix);
  const start = Uint8Array.from(all.at(-1)?.key ?? prefix);
  const from = links.isWaiting ? linkKey(organizationId, identity, linkKinds.break) : start;
  const exclusiveStart = !links.isWaiting;
  const others = { ...rest, start: from, exclusiveStart, limit: Number.MAX_SAFE_INTEGER };
  for (const entry of link.getRange(others)) links.add(copyEntry(entry));
  return links;
}

interface LinkEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

function copyEntry({ key, value }: { key: Uint8Array; value: Uint8Array }): LinkEntry {
  return { key: Buffer.from(key), value: Buffer.from(value) };
}

class ReadLinks implements IdentityLinks {
  readonly waits: WaitingRow[] = [];
  brokenAt: bigint | undefined = undefined;
  readonly bars: Bar[] = [];
  readonly merges: bigint[] = [];
  readonly memory: JoinMemory[] = [];
  readonly tombstones: Tombstone[] = [];
  readonly moves: CountedMoves[] = [];
  /** Whether the last entry was a row that waits. */
  isWaiting = false;

  add({ key, value }: LinkEntry): void {
    const kind = key[prefixLength - 1];
    this.isWaiting = kind === linkKinds.wait;
    switch (kind) {
      case linkKinds.wait: {
        const datasetId = key.readUInt16BE(prefixLength);
        this.waits.push({ datasetId, key: identityAt(key, prefixLength + 2) });
        break;
      }
      case linkKinds.break:
        this.brokenAt = value.readBigUInt64LE(0);
        break;
      case linkKinds.bar:
        this.bars.push({ other: identityAt(key, prefixLength), version: value.readBigUInt64LE(0) });
        break;
      case linkKinds.merge:
        this.merges.push(key.readBigUInt64BE(prefixLength));
        break;
      case linkKinds.memory:
        this.memory.push({
          other: identityAt(key, prefixLength),
          ...memoryIn(value),
          isLinked: true,
        });
        break;
      case linkKinds.tombstone: {
        const contactId = Uint8Array.from(key.subarray(prefixLength));
        this.tombstones.push({ contactId, atMs: value.readDoubleLE(0) });
        break;
      }
      case linkKinds.moves:
        this.moves.push({ datasetId: key.readUInt16BE(prefixLength), count: value[0] ?? 0 });
        break;
    }
  }
}

function memoryIn(value: Buffer): Pick<JoinMemory, 'version' | 'partedAt' | 'pendingOn'> {
  return {
    version: value.readBigUInt64LE(0),
    partedAt: value.readBigUInt64LE(8),
    pendingOn: versionsAt(value, 16),
  };
}

function versionsAt(bytes: Buffer, start: number): bigint[] {
  const count = (bytes.length - start) / 8;
  return Array.from({ length: count }, (_, place) => bytes.readBigUInt64LE(start + place * 8));
}

function identityAt(bytes: Buffer, at: number): IdentityKey {
  return identityOf(bytes.subarray(at));
}

/** The reverse of `identityBytes`. */
export function identityOf(bytes: Buffer): IdentityKey {
  return { typeId: bytes.readUInt16BE(0), digest: Uint8Array.from(bytes.subarray(2, 18)) };
}

export interface ReadLinkKey {
  readonly identity: IdentityKey;
  /** The row that claims it without effect, if the link is of that kind. */
  readonly waiting: WaitingRow | undefined;
}

export function readLinkKey(key: Uint8Array): ReadLinkKey {
  const bytes = Buffer.from(key);
  const isWait = bytes[prefixLength - 1] === linkKinds.wait;
  return { identity: identityAt(bytes, 2), waiting: isWait ? waitingRowOf(bytes) : undefined };
}

/** The identities that a link is about. Of a row that waits only the one that it claims. */
export function linkedIdentities(key: Buffer): IdentityKey[] {
  const kind = key[prefixLength - 1];
  const isPair = kind === linkKinds.bar || kind === linkKinds.memory;
  const identity = identityAt(key, 2);
  return isPair ? [identity, identityAt(key, prefixLength)] : [identity];
}

/** Whether what rows joined lapsed, and nothing was written of the two since. */
export function hasLapsed(
  link: KeyedDatabase,
  organizationId: number,
  [one, other]: readonly [IdentityKey, IdentityKey],
): boolean {
  const value = link.getBinaryFast(
    linkKey(organizationId, one, linkKinds.memory, identityBytes(other)),
  );
  return value !== undefined && isLapsed(memoryIn(value.subarray(0, link.lastSize)));
}

/** What the keys of all rows that wait for an identity begin with. */
export function waitPrefix(organizationId: number, identity: IdentityKey): Buffer {
  return linkKey(organizationId, identity, linkKinds.wait);
}

/** Whether a row claims the identity without effect. */
export function isAwaited(
  link: KeyedDatabase,
  organizationId: number,
  identity: IdentityKey,
): boolean {
  const range = { ...rangeUnder(waitPrefix(organizationId, identity)), limit: 1 };
  return [...link.getRange(range)].length > 0;
}

/** The key of the link of a row that claims an identity without effect. */
export function waitKey(organizationId: number, identity: IdentityKey, row: WaitingRow): Buffer {
  return linkKey(organizationId, identity, linkKinds.wait, waitingRowBytes(row));
}

function waitingRowOf(bytes: Buffer): WaitingRow {
  const datasetId = bytes.readUInt16BE(prefixLength);
  return { datasetId, key: identityAt(bytes, prefixLength + 2) };
}

function waitingRowBytes({ datasetId, key }: WaitingRow): Buffer {
  const dataset = Buffer.alloc(2);
  dataset.writeUInt16BE(datasetId, 0);
  return Buffer.concat([dataset, identityBytes(key)]);
}

function linkKey(
  organizationId: number,
  { typeId, digest }: IdentityKey,
  kind: number,
  rest: Uint8Array = new Uint8Array(0),
): Buffer {
  const key = Buffer.alloc(prefixLength + rest.length);
  key.writeUInt16BE(organizationId, 0);
  key.writeUInt16BE(typeId, 2);
  key.set(digest, 4);
  key[prefixLength - 1] = kind;
  key.set(rest, prefixLength);
  return key;
}

/** 18 bytes: u16 type, big endian, 16 digest. */
export function identityBytes({ typeId, digest }: IdentityKey): Buffer {
  const bytes = Buffer.allocUnsafe(18);
  bytes[0] = typeId >>> 8;
  bytes[1] = typeId;
  bytes.set(digest, 2);
  return bytes;
}

function numberBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function datasetBytes(datasetId: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(datasetId);
  return bytes;
}

const nothing = new Uint8Array(0);
/** More moves than a byte holds are not counted. */
const mostMoves = 255;
/** The value of links that have none. */
const present = Uint8Array.of(1);

/** Writes the links of one identity. The caller marks the identity's entry in the index. */
export class LinkWriter {
  readonly #link: KeyedDatabase;
  readonly #organizationId: number;

  constructor(link: KeyedDatabase, organizationId: number) {
    this.#link = link;
    this.#organizationId = organizationId;
  }

  wait(identity: IdentityKey, row: WaitingRow, isWaiting: boolean): void {
    const rest = waitingRowBytes(row);
    this.#put(identity, linkKinds.wait, rest, isWaiting ? present : undefined);
  }

  break(identity: IdentityKey, version: bigint | undefined): void {
    this.#put(identity, linkKinds.break, nothing, version === undefined ? undefined : u64(version));
  }

  /** For both ends. */
  bar(one: IdentityKey, other: IdentityKey, version: bigint | undefined): void {
    const value = version === undefined ? undefined : u64(version);
    this.#put(one, linkKinds.bar, identityBytes(other), value);
    this.#put(other, linkKinds.bar, identityBytes(one), value);
  }

  merge(identity: IdentityKey, entry: bigint, isMerged: boolean): void {
    this.#put(identity, linkKinds.merge, numberBytes(entry), isMerged ? present : undefined);
  }

  /** For both ends. `undefined` forgets the join. */
  memory(
    one: IdentityKey,
    other: IdentityKey,
    memory: Omit<JoinMemory, 'other' | 'isLinked'> | undefined,
  ): void {
    const numbers = memory && [memory.version, memory.partedAt, ...memory.pendingOn];
    const value = numbers && Buffer.concat(numbers.map(u64));
    this.#put(one, linkKinds.memory, identityBytes(other), value);
    this.#put(other, linkKinds.memory, identityBytes(one), value);
  }

  tombstone(identity: IdentityKey, contactId: Uint8Array, atMs: number | undefined): void {
    const value = atMs === undefined ? undefined : Buffer.alloc(8);
    value?.writeDoubleLE(atMs ?? 0, 0);
    this.#put(identity, linkKinds.tombstone, contactId, value);
  }

  moves(identity: IdentityKey, { datasetId, count }: CountedMoves): void {
    const value = count === 0 ? undefined : Uint8Array.of(Math.min(count, mostMoves));
    this.#put(identity, linkKinds.moves, datasetBytes(datasetId), value);
  }

  /** How often runs of the dataset moved the identity. */
  movesOf(identity: IdentityKey, datasetId: number): number {
    const { moves } = linkKinds;
    const key = linkKey(this.#organizationId, identity, moves, datasetBytes(datasetId));
    return this.#link.getBinaryFast(key)?.[0] ?? 0;
  }

  /** @param value `undefined` removes the link */
  #put(identity: IdentityKey, kind: number, rest: Uint8Array, value: Uint8Array | undefined): void {
    const key = linkKey(this.#organizationId, identity, kind, rest);
    if (value === undefined) this.#link.remove(key);
    else this.#link.put(key, value);
  }
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
