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
  /** When they were parted while a run was unfinished; 0: they are one contact. */
  readonly partedAt: bigint;
  /** The versions of runs that were unfinished. It counts once they have ended. */
  readonly pendingOn: readonly bigint[];
  /**
   * Whether it is stored as links. If not, it is in the list of the contact that both are part of.
   */
  readonly isLinked: boolean;
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

/** @param limit more rows than that are not read */
export function readLinks(
  link: KeyedDatabase,
  organizationId: number,
  identity: IdentityKey,
  limit: number,
): IdentityLinks {
  const waits: WaitingRow[] = [];
  const bars: Bar[] = [];
  const merges: bigint[] = [];
  const memory: JoinMemory[] = [];
  const tombstones: Tombstone[] = [];
  const moves: CountedMoves[] = [];
  let brokenAt: bigint | undefined;
  const waitRange = rangeUnder(linkKey(organizationId, identity, linkKinds.wait));
  for (const { key } of link.getRange({ ...waitRange, limit })) {
    const bytes = Buffer.from(key);
    const datasetId = bytes.readUInt16BE(prefixLength);
    waits.push({ datasetId, key: identityAt(bytes, prefixLength + 2) });
  }
  const start = linkKey(organizationId, identity, linkKinds.break);
  const { end } = rangeUnder(start.subarray(0, prefixLength - 1));
  const others = { start, ...(end && { end }), limit: Number.MAX_SAFE_INTEGER };
  for (const { key, value } of link.getRange(others)) {
    const bytes = Buffer.from(key);
    const held = Buffer.from(value);
    switch (bytes[prefixLength - 1]) {
      case linkKinds.break:
        brokenAt = held.readBigUInt64LE(0);
        break;
      case linkKinds.bar:
        bars.push({ other: identityAt(bytes, prefixLength), version: held.readBigUInt64LE(0) });
        break;
      case linkKinds.merge:
        merges.push(bytes.readBigUInt64BE(prefixLength));
        break;
      case linkKinds.memory:
        memory.push({
          other: identityAt(bytes, prefixLength),
          version: held.readBigUInt64LE(0),
          partedAt: held.readBigUInt64LE(8),
          pendingOn: versionsAt(held, 16),
          isLinked: true,
        });
        break;
      case linkKinds.tombstone: {
        const contactId = Uint8Array.from(bytes.subarray(prefixLength));
        tombstones.push({ contactId, atMs: held.readDoubleLE(0) });
        break;
      }
      case linkKinds.moves:
        moves.push({ datasetId: bytes.readUInt16BE(prefixLength), count: held[0] ?? 0 });
        break;
    }
  }
  return { waits, brokenAt, bars, merges, memory, tombstones, moves };
}

function versionsAt(bytes: Buffer, start: number): bigint[] {
  const count = (bytes.length - start) / 8;
  return Array.from({ length: count }, (_, place) => bytes.readBigUInt64LE(start + place * 8));
}

function identityAt(bytes: Buffer, at: number): IdentityKey {
  const digest = Uint8Array.from(bytes.subarray(at + 2, at + 18));
  return { typeId: bytes.readUInt16BE(at), digest };
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
  const bytes = Buffer.alloc(18);
  bytes.writeUInt16BE(typeId, 0);
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

  wait(identity: IdentityKey, { datasetId, key }: WaitingRow, isWaiting: boolean): void {
    const rest = Buffer.concat([datasetBytes(datasetId), identityBytes(key)]);
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
