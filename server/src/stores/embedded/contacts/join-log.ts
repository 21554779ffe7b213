/**
 * The log of joins and partings of an organization. Key, big endian: organization u16, version u64,
 * then for a join by rows the two keys (18 bytes each), the larger one first. Value: JSON.
 *
 * Of two contacts that are joined, the one with the larger key is mostly the younger one. Rows that
 * join are sent in the order of the younger ones (`sync/apply/sort-joins.ts`), and so fill the log
 * in its own order.
 */
import { hash } from 'node:crypto';
import { formatRevision, parseRevision } from '../../../domain/revision.ts';
import type { JoinLogPage, JoinSearch, LoggedJoin } from '../../join-answer.ts';
import type { IdentityKey } from '../../store.ts';
import { type KeyedDatabase, rangeUnder } from '../keyed-database.ts';
import { identityBytes } from './identity-links.ts';

/** What a person joined. */
export interface StoredMerge {
  readonly kind: 'merge';
  readonly atMs: number;
  readonly by: string | null;
  readonly keys: readonly [IdentityKey, IdentityKey];
  /** The row keys of both contacts: rows of one dataset with keys of both may be one contact. */
  readonly sides: readonly [readonly IdentityKey[], readonly IdentityKey[]];
  /** The bars that the merge lifted. */
  readonly lifted: readonly LoggedPair[];
  /** The join memory that ended with the merge. */
  readonly forgotten: readonly LoggedPair[];
  /** Whether it was taken back. */
  readonly isTakenBack: boolean;
}

export interface LoggedPair {
  readonly keys: readonly [IdentityKey, IdentityKey];
  readonly version: bigint;
}

/** What rows joined. */
export interface StoredJoin {
  readonly kind: 'join';
  readonly atMs: number;
  readonly datasetId: number;
  readonly keys: readonly [IdentityKey, IdentityKey];
  /** The identity by which they were joined. */
  readonly identity: IdentityKey;
  /** Of a join by rows that were there before: what they said. */
  readonly said?: readonly LoggedClaim[];
}

/** A row of the dataset claims since this version what makes the join. */
export interface LoggedClaim {
  readonly datasetId: number;
  readonly version: bigint;
}

/** What a person parted: an identity from row keys, or an entry or storm of joins. */
export interface StoredParting {
  readonly kind: 'split' | 'unmerge' | 'storm';
  readonly atMs: number;
  readonly by: string | null;
  readonly pairs: readonly (readonly [IdentityKey, IdentityKey])[];
}

export type LogEntry = StoredMerge | StoredJoin | StoredParting;

export interface LoggedEntry {
  /** Its key, in hexadecimal. */
  readonly at: string;
  readonly version: bigint;
  readonly entry: LogEntry;
}

const headLength = 10;
const identityLength = 18;
/**
 * What a place in the log tells of the key of a join by rows: the type of its first identity and 2
 * bytes of the digest. They lead to about 15 of a million joins of one run, and to no person.
 */
const seekLength = headLength + 4;

function logKey(
  organizationId: number,
  version: bigint,
  keys: readonly IdentityKey[],
  order = largerFirst,
): Buffer {
  const key = Buffer.allocUnsafe(headLength + keys.length * identityLength);
  key.writeUInt16BE(organizationId, 0);
  key.writeBigUInt64BE(version, 2);
  let end = headLength;
  for (const bytes of keys.map(identityBytes).sort(order)) {
    key.set(bytes, end);
    end += identityLength;
  }
  return key;
}

function largerFirst(one: Buffer, other: Buffer): number {
  return Buffer.compare(other, one);
}

/** The name of an entry: the revision, and for a join by rows a digest of its keys. */
export function entryName(version: bigint, entry: LogEntry): string {
  const revision = formatRevision(version);
  if (entry.kind !== 'join') return revision;
  const keys = entry.keys.map(identityBytes).sort(Buffer.compare);
  return `${revision}-${hash('sha256', Buffer.concat(keys)).slice(0, 12)}`;
}

interface LogRange {
  readonly since: string;
  readonly after: string | null;
}

interface StoredEntry {
  readonly key: Buffer;
  readonly value: Uint8Array;
}

export class JoinLog {
  readonly #log: KeyedDatabase;
  readonly #organizationId: number;

  constructor(log: KeyedDatabase, organizationId: number) {
    this.#log = log;
    this.#organizationId = organizationId;
  }

  put(version: bigint, entry: LogEntry): void {
    this.#log.put(this.#keyOf(version, entry), Buffer.from(packEntry(entry)));
  }

  /** Removes a join by rows. */
  removeJoin(version: bigint, keys: readonly [IdentityKey, IdentityKey]): void {
    for (const at of this.#keysOfJoin(version, keys)) this.#log.remove(at);
  }

  /** An earlier release put the smaller key first. */
  #keysOfJoin(version: bigint, keys: readonly [IdentityKey, IdentityKey]): readonly Buffer[] {
    return [largerFirst, Buffer.compare].map((order) =>
      logKey(this.#organizationId, version, keys, order),
    );
  }

  /** Gives a join by rows the keys that its rows have now. Its name changes with them. */
  renameJoin(
    version: bigint,
    before: readonly [IdentityKey, IdentityKey],
    keys: readonly [IdentityKey, IdentityKey],
  ): void {
    for (const at of this.#keysOfJoin(version, before)) {
      const bytes = this.#log.getBinaryFast(at);
      if (bytes === undefined) continue;
      const entry = unpackEntry(bytes.subarray(0, this.#log.lastSize));
      this.#log.remove(at);
      if (entry.kind === 'join') this.put(version, { ...entry, keys });
    }
  }

  #keyOf(version: bigint, entry: LogEntry): Buffer {
    return logKey(this.#organizationId, version, entry.kind === 'join' ? entry.keys : []);
  }

  mergeAt(version: bigint): StoredMerge | undefined {
    const bytes = this.#log.getBinaryFast(logKey(this.#organizationId, version, []));
    if (bytes === undefined) return undefined;
    const entry = unpackEntry(bytes.subarray(0, this.#log.lastSize));
    return entry.kind === 'merge' && !entry.isTakenBack ? entry : undefined;
  }

  /** The entry of a name. */
  find(version: bigint, name: string): LogEntry | undefined {
    const prefix = logKey(this.#organizationId, version, []);
    for (const { value } of this.#log.getRange({
      ...rangeUnder(prefix),
      limit: Number.MAX_SAFE_INTEGER,
    })) {
      const entry = unpackEntry(value);
      if (entryName(version, entry) === name) return entry;
    }
    return undefined;
  }

  /**
   * The entries from a revision on, the oldest first; or from `after`, where an earlier call ended.
   * @returns `next`: where to continue, or `null`
   */
  readFrom(
    range: LogRange,
    limit: number,
  ): { readonly entries: readonly LoggedEntry[]; readonly next: string | null } {
    const { stored, next } = this.#storedFrom(range, limit);
    return { entries: stored.map(loggedEntry), next };
  }

  /**
   * The same without entries that name no identity, in hexadecimal, that `mayName` accepts. It is
   * asked when an entry is reached, so that it may follow from the entries before.
   */
  searchFrom(
    range: LogRange & { readonly mayName: (identity: string) => boolean },
    limit: number,
  ): { readonly entries: Iterable<LoggedEntry>; readonly next: string | null } {
    const { stored, next } = this.#storedFrom(range, limit);
    return { entries: entriesNaming(stored, range.mayName), next };
  }

  #storedFrom({ since, after }: LogRange, limit: number) {
    const start =
      after === null
        ? logKey(this.#organizationId, parseRevision(since) ?? 0n, [])
        : Buffer.from(after, 'hex');
    const { end } = rangeUnder(logKey(this.#organizationId, 0n, []).subarray(0, 2));
    const range = { start, exclusiveStart: after !== null, ...(end && { end }), limit };
    const stored = [...this.#log.getRange(range)].map(({ key, value }): StoredEntry => {
      return { key: Buffer.from(key), value: Uint8Array.from(value) };
    });
    const last = stored.length < limit ? undefined : stored.at(-1);
    return { stored, next: last?.key.toString('hex') ?? null };
  }

  /**
   * The entries before a place, the newest first.
   * @param before the `next` of an earlier call, or the name of an entry
   */
  readBack(before: string | null, limit: number): JoinLogPage {
    const organization = Buffer.alloc(2);
    organization.writeUInt16BE(this.#organizationId, 0);
    const place = before === null ? null : this.#placeOf(before);
    const { end: from = Uint8Array.of(0xff) } = rangeUnder(place?.prefix ?? organization);
    const range = { start: from, end: organization, limit: Number.MAX_SAFE_INTEGER };
    const joins: LoggedJoin[] = [];
    let isPast = place === null;
    let next: string | null = null;
    for (const { key, value } of this.#log.getRange({ ...range, reverse: true })) {
      const at = Buffer.from(key);
      // The named entry may be gone.
      isPast ||=
        place !== null && Buffer.compare(at.subarray(0, place.prefix.length), place.prefix) < 0;
      if (isPast && joins.length === limit) return { joins, next };
      const entry = unpackEntry(value);
      const name = entryName(at.readBigUInt64BE(2), entry);
      if (isPast) joins.push(loggedJoin(name, entry));
      isPast ||= name === place?.name;
      next = entry.kind === 'join' ? `${name}-${at.toString('hex', headLength, seekLength)}` : name;
    }
    return { joins, next: null };
  }

  /** The entry that a place names, and what its key begins with, as far as it is known. */
  #placeOf(place: string): { readonly name: string; readonly prefix: Buffer } {
    const [revision = '', digest, seek = ''] = place.split('-');
    const head = logKey(this.#organizationId, parseRevision(revision) ?? 0n, []);
    return {
      name: digest === undefined ? revision : `${revision}-${digest}`,
      prefix: Buffer.concat([head, Buffer.from(seek, 'hex')]),
    };
  }

  /** Reads `limit` entries, and keeps those about one of the identities. */
  search({ identities, after, limit }: JoinSearch): JoinLogPage {
    const names = new Set(identities.map(hexOf));
    const isNamed = (key: IdentityKey) => names.has(hexOf(key));
    const organization = Buffer.alloc(2);
    organization.writeUInt16BE(this.#organizationId, 0);
    const { end: last = Uint8Array.of(0xff) } = rangeUnder(organization);
    const start = after === null ? last : Buffer.from(after, 'hex');
    const range = { start, end: organization, limit: limit + 1, reverse: true };
    const joins: LoggedJoin[] = [];
    let read = 0;
    let next: string | null = null;
    for (const { key, value } of this.#log.getRange(range)) {
      const at = Buffer.from(key).toString('hex');
      if (at === after) continue;
      next = at;
      read += 1;
      if (identitiesIn(value).some((name) => names.has(name))) {
        const entry = unpackEntry(value);
        const join = loggedJoin(entryName(Buffer.from(key).readBigUInt64BE(2), entry), entry);
        if (keysOf(join).some(isNamed)) joins.push(join);
      }
      if (read === limit) return { joins, next };
    }
    return { joins, next: null };
  }

  /** The joins of one version. */
  joinsOf(version: bigint, limit: number): StoredJoin[] {
    const prefix = logKey(this.#organizationId, version, []);
    const range = { ...rangeUnder(prefix), limit };
    return [...this.#log.getRange(range)]
      .map(({ value }) => unpackEntry(value))
      .filter((entry) => entry.kind === 'join');
  }
}

/** The identities of a packed entry, in hexadecimal. */
function* entriesNaming(
  stored: readonly StoredEntry[],
  mayName: (identity: string) => boolean,
): Generator<LoggedEntry> {
  for (const it of stored) if (identitiesIn(it.value).some(mayName)) yield loggedEntry(it);
}

function loggedEntry({ key, value }: StoredEntry): LoggedEntry {
  return {
    at: key.toString('hex'),
    version: key.readBigUInt64BE(2),
    entry: unpackEntry(value),
  };
}

function identitiesIn({ buffer, byteOffset, length }: Uint8Array): readonly string[] {
  const text = Buffer.from(buffer, byteOffset, length).toString('latin1');
  return text.match(identityPattern) ?? [];
}

/** An identity as an entry has it. */
const identityPattern = /[0-9a-f]{36}/g;

function keysOf({ pairs, identity }: LoggedJoin): readonly IdentityKey[] {
  return identity === null ? pairs.flat() : [...pairs.flat(), identity];
}

function loggedJoin(name: string, entry: LogEntry): LoggedJoin {
  const { kind, atMs } = entry;
  const isJoin = entry.kind === 'join';
  return {
    ...{ entry: name, kind, atMs },
    datasetId: isJoin ? entry.datasetId : null,
    by: isJoin ? null : entry.by,
    pairs: entry.kind === 'join' || entry.kind === 'merge' ? [entry.keys] : entry.pairs,
    identity: isJoin ? entry.identity : null,
    isTakenBack: entry.kind === 'merge' && entry.isTakenBack,
  };
}

/** Identities as hexadecimal digits, versions as decimal ones. */
function packEntry(entry: LogEntry): string {
  if (entry.kind !== 'join' || entry.said !== undefined) return JSON.stringify(entry, packMember);
  // The same, but faster: runs may join millions.
  const { kind, atMs, datasetId, keys, identity } = entry;
  const members = `"kind":"${kind}","atMs":${atMs},"datasetId":${datasetId}`;
  const [one, other] = keys.map(hexOf);
  return `{${members},"keys":["${one}","${other}"],"identity":"${hexOf(identity)}"}`;
}

function packMember(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`;
  const isKey = typeof value === 'object' && value !== null && 'digest' in value;
  if (!isKey) return value;
  return hexOf(value as unknown as IdentityKey);
}

function hexOf(identity: IdentityKey): string {
  return identityBytes(identity).toString('hex');
}

function unpackEntry(bytes: Uint8Array): LogEntry {
  const text = Buffer.from(bytes).toString();
  return JSON.parse(text, (name, value: unknown) => {
    if (name === 'version') return BigInt(value as string);
    const isKey = typeof value === 'string' && /^[0-9a-f]{36}$/.test(value);
    return isKey && name !== 'by' ? keyOf(Buffer.from(value, 'hex')) : value;
  }) as LogEntry;
}

function keyOf(bytes: Buffer): IdentityKey {
  return { typeId: bytes.readUInt16BE(0), digest: Uint8Array.from(bytes.subarray(2)) };
}
