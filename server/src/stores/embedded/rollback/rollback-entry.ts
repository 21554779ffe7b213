/**
 * What a run leaves for its rollback. Key, big endian: organization u16, dataset u16, source
 * version u64, u8 kind, identity (u16 type, 16 digest), and for join memory the other identity.
 * Values, little endian. Of a row: u8 version 2, u8 flags, u8 kind of the row, u8 0, u64 version of
 * the row, f64 as-of, u64 source version, u16 fields of the section, u16 claims, u32 length of the
 * section, the section (for a report what the row had reported), and for each claim u16 type, u16
 * length of the value, 16 digest, u64 since, u8 flags, the value; then the key of before (u16 type,
 * 16 digest), if the run gave the row another one. Of a break: u64 version, or 0 for none. Of join
 * memory that ended: u64 version. Of an identity that had no value before: u64 0. Of a mark of a
 * list that went with its contact, by the identity and u16 dataset: f64 as-of, u64 source version,
 * u64 version. Of an identity that the run moved, by the identity and u16 dataset: u64, how often
 * runs of the dataset had moved it before. Of the id of a contact that came back with its row key,
 * by the key and the id: u64, since when it had waited, in milliseconds.
 */
import { UsherError } from '../../../domain/errors.ts';
import type { ByteScratch } from '../../byte-scratch.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey, KnownIdentity } from '../../store.ts';
import { rowKinds, type StoredRowKind } from '../contacts/contact-list.ts';
import type { StoredSection } from '../contacts/hidden-sections.ts';
import { identityBytes, identityOf } from '../contacts/identity-links.ts';

const version = 2;
const headLength = 36;
const claimHeadLength = 29;
const keyLength = 18;

/** In the order in which they are rolled back: breaks last only while claims are older. */
/** Entries are used in the order of their kinds: marks of lists need the rows of their contacts. */
export const rollbackKinds = {
  row: 0,
  break: 1,
  memory: 2,
  value: 3,
  mark: 4,
  moves: 5,
  waited: 6,
} as const;

const flagBits = {
  wasThere: 1,
  hasSection: 2,
  isReport: 4,
  hasClaims: 8,
  isGone: 16,
  isPushed: 32,
  isConverted: 64,
  isRenamed: 128,
} as const;

export interface NotedClaim extends KnownIdentity {
  readonly since: bigint;
  readonly isOfSnapshot: boolean;
}

/** A row as it was before the run. */
export interface NotedRow {
  readonly kind: StoredRowKind;
  /** Its key, if the run gave it another one. */
  readonly key: IdentityKey | undefined;
  /** The version that last changed its section. */
  readonly version: bigint;
  readonly isPushed: boolean;
  readonly isConverted: boolean;
  /** `undefined` if the run did not change them. */
  readonly claims: readonly NotedClaim[] | undefined;
  readonly section: StoredSection | undefined;
}

export interface RollbackEntry {
  /** `undefined` if there was no such row. */
  readonly before: NotedRow | undefined;
  /** Whether the run took the row away. */
  readonly isGone: boolean;
  /** Whether the run reported memberships by the row. */
  readonly isReport: boolean;
  /** For a report: what the row had reported before, packed. `undefined`: nothing. */
  readonly memberships: Uint8Array | undefined;
}

const rollbackPrefixLength = 12;

/** The prefix of all keys of the run. */
export function rollbackPrefix(place: RollbackPlace): Buffer {
  const key = Buffer.alloc(rollbackPrefixLength);
  writePrefix(key, place);
  return key;
}

function writePrefix(key: Buffer, place: RollbackPlace): void {
  key.writeUInt16BE(place.organizationId, 0);
  key.writeUInt16BE(place.datasetId, 2);
  key.writeBigUInt64BE(place.sourceVersion, 4);
}

export function rollbackKey(
  place: RollbackPlace,
  kind: keyof typeof rollbackKinds,
  identity: IdentityKey,
  other?: IdentityKey,
): Buffer {
  const head = rollbackPrefixLength + 1;
  const key = Buffer.allocUnsafe(head + (other === undefined ? keyLength : 2 * keyLength));
  writePrefix(key, place);
  key[rollbackPrefixLength] = rollbackKinds[kind];
  key.set(identityBytes(identity), head);
  if (other !== undefined) key.set(identityBytes(other), head + keyLength);
  return key;
}

export interface ReadRollbackKey {
  readonly kind: keyof typeof rollbackKinds;
  readonly identity: IdentityKey;
  readonly other: IdentityKey | undefined;
}

export function readRollbackKey(key: Uint8Array): ReadRollbackKey {
  const bytes = Buffer.from(key);
  const at = rollbackPrefixLength;
  const names = Object.keys(rollbackKinds) as (keyof typeof rollbackKinds)[];
  const kind = names.find((name) => rollbackKinds[name] === bytes[at]);
  if (kind === undefined) throw damagedEntry();
  const other = bytes.length > at + 19 ? identityOf(bytes.subarray(at + 19)) : undefined;
  return { kind, identity: identityOf(bytes.subarray(at + 1)), other };
}

/** Where the identities of an entry are noted. */
export interface NamedInEntry {
  add(typeId: number, bytes: Uint8Array, start: number, end: number): void;
}

/** Notes every identity that an entry names. */
export function noteNamed(key: Buffer, value: Buffer, into: NamedInEntry): void {
  const at = rollbackPrefixLength;
  noteKey(key, at + 1, into);
  const kind = key[at];
  // In the keys of marks and moves, a dataset is in the place of the other identity; in those of
  // ids that waited, the id of a contact.
  if (kind === rollbackKinds.memory) noteKey(key, at + 1 + keyLength, into);
  if (kind !== rollbackKinds.row || value.length < headLength) return;
  let end = headLength + value.readUInt32LE(32);
  for (let left = value.readUInt16LE(30); left > 0 && end + 20 <= value.length; left -= 1) {
    into.add(value.readUInt16LE(end), value, end + 4, end + 20);
    end += claimHeadLength + value.readUInt16LE(end + 2);
  }
  const isRenamed = ((value[1] as number) & flagBits.isRenamed) !== 0;
  if (isRenamed && end + keyLength <= value.length) noteKey(value, end, into);
}

function noteKey(bytes: Buffer, at: number, into: NamedInEntry): void {
  into.add(bytes.readUInt16BE(at), bytes, at + 2, at + keyLength);
}

/** Writes at the scratch's start, and returns the length. */
export function packRollbackEntry(into: ByteScratch, entry: RollbackEntry): number {
  const { before, memberships } = entry;
  const section = before?.section;
  const last = entry.isReport ? memberships : section && viewBytes(section);
  const claims = before?.claims ?? [];
  const lastLength = last?.length ?? 0;
  const room = claims.reduce(
    (sum, { value }) => sum + claimHeadLength + value.length * 3,
    headLength + lastLength + keyLength,
  );
  const bytes = into.reserve(room);
  bytes[0] = version;
  bytes[1] = flagsOf(entry, last !== undefined);
  bytes[2] = rowKinds.indexOf(before?.kind ?? 'contact');
  bytes[3] = 0;
  bytes.writeBigUInt64LE(before?.version ?? 0n, 4);
  bytes.writeDoubleLE(section?.asOfMs ?? 0, 12);
  bytes.writeBigUInt64LE(section?.sourceVersion ?? 0n, 20);
  bytes.writeUInt16LE(section?.view.fieldCount ?? 0, 28);
  bytes.writeUInt16LE(claims.length, 30);
  bytes.writeUInt32LE(lastLength, 32);
  if (last !== undefined) bytes.set(last, headLength);
  let end = headLength + lastLength;
  for (const { typeId, digest, value, since, isOfSnapshot } of claims) {
    const valueLength = value === '' ? 0 : bytes.write(value, end + claimHeadLength);
    bytes.writeUInt16LE(typeId, end);
    bytes.writeUInt16LE(valueLength, end + 2);
    bytes.set(digest, end + 4);
    bytes.writeBigUInt64LE(since, end + 20);
    bytes[end + 28] = isOfSnapshot ? 1 : 0;
    end += claimHeadLength + valueLength;
  }
  if (before?.key === undefined) return end;
  bytes.set(identityBytes(before.key), end);
  return end + keyLength;
}

function flagsOf({ before, isGone, isReport }: RollbackEntry, hasSection: boolean): number {
  return (
    (before === undefined ? 0 : flagBits.wasThere) |
    (hasSection ? flagBits.hasSection : 0) |
    (isReport ? flagBits.isReport : 0) |
    (before?.claims === undefined ? 0 : flagBits.hasClaims) |
    (isGone ? flagBits.isGone : 0) |
    (before?.isPushed ? flagBits.isPushed : 0) |
    (before?.isConverted ? flagBits.isConverted : 0) |
    (before?.key === undefined ? 0 : flagBits.isRenamed)
  );
}

function viewBytes({ view: { bytes, start, length } }: StoredSection): Uint8Array {
  return bytes.subarray(start, start + length);
}

/** Returns a copy; throws `store_unavailable` for damaged bytes. */
export function unpackRollbackEntry(packed: Uint8Array, length: number): RollbackEntry {
  const bytes = Buffer.from(Uint8Array.prototype.slice.call(packed, 0, length));
  if (length < headLength || bytes[0] !== version) throw damagedEntry();
  const has = (flag: number) => ((bytes[1] as number) & flag) !== 0;
  const lastLength = bytes.readUInt32LE(32);
  const start = headLength;
  const fixedEnd = start + lastLength + (has(flagBits.isRenamed) ? keyLength : 0);
  if (fixedEnd > length) throw damagedEntry();
  const isReport = has(flagBits.isReport);
  const view = { bytes, start, fieldCount: bytes.readUInt16LE(28), length: lastLength };
  const section = {
    view,
    asOfMs: bytes.readDoubleLE(12),
    sourceVersion: bytes.readBigUInt64LE(20),
  };
  const claimsEnd = has(flagBits.isRenamed) ? length - keyLength : length;
  const claimBytes = bytes.subarray(start + lastLength, claimsEnd);
  const claims = readClaims(claimBytes, bytes.readUInt16LE(30));
  const before: NotedRow = {
    kind: rowKinds[bytes[2] as number] ?? 'contact',
    key: has(flagBits.isRenamed) ? identityOf(bytes.subarray(claimsEnd)) : undefined,
    version: bytes.readBigUInt64LE(4),
    isPushed: has(flagBits.isPushed),
    isConverted: has(flagBits.isConverted),
    claims: has(flagBits.hasClaims) ? claims : undefined,
    section: has(flagBits.hasSection) && !isReport ? section : undefined,
  };
  return {
    before: has(flagBits.wasThere) ? before : undefined,
    isGone: has(flagBits.isGone),
    isReport,
    memberships:
      has(flagBits.hasSection) && isReport ? bytes.subarray(start, start + lastLength) : undefined,
  };
}

function readClaims(bytes: Buffer, count: number): NotedClaim[] {
  const claims: NotedClaim[] = [];
  let end = 0;
  for (let place = 0; place < count; place += 1) {
    if (end + claimHeadLength > bytes.length) throw damagedEntry();
    const valueStart = end + claimHeadLength;
    const valueEnd = valueStart + bytes.readUInt16LE(end + 2);
    if (valueEnd > bytes.length) throw damagedEntry();
    claims.push({
      typeId: bytes.readUInt16LE(end),
      digest: bytes.subarray(end + 4, end + 20),
      value: bytes.toString('utf8', valueStart, valueEnd),
      since: bytes.readBigUInt64LE(end + 20),
      isOfSnapshot: bytes[end + 28] === 1,
    });
    end = valueEnd;
  }
  if (end !== bytes.length) throw damagedEntry();
  return claims;
}

function damagedEntry(): UsherError {
  return new UsherError(
    'store_unavailable',
    "The store holds a damaged rollback entry. Run 'usher doctor'.",
  );
}
