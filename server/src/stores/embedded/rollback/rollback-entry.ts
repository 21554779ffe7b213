/**
 * A contact's rollback entry. Key, big endian: organization u16, dataset u16, source version u64,
 * contact id 16. Value, little endian: u8 version 1, u8 flags, u16 identities added, u16 identities
 * valued, u16 fields of the previous section, u32 mark of the other datasets' sections, the
 * previous section's f64 as-of and u64 source version; the identities (u16 type, 16 bytes of
 * digest); the previous section, or for a report the previous memberships.
 */
import { UsherError } from '../../../domain/errors.ts';
import type { ByteScratch } from '../../byte-scratch.ts';
import type { SectionView } from '../../contact-codec.ts';
import { emptySection } from '../../merge-section.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';

const version = 1;
const headLength = 28;
const identityLength = 18;
const flagBits = { hadSection: 1, isAdded: 2, isReport: 4 } as const;

export interface RollbackEntry {
  /** The run created the contact. */
  readonly isAdded: boolean;
  /** The previous state is memberships, not a section. */
  readonly isReport: boolean;
  readonly added: readonly IdentityKey[];
  /** Identities that were known by their hash alone before the run gave their value. */
  readonly valued: readonly IdentityKey[];
  /** The result of `markOthers` for the record as the run left it. */
  readonly othersMark: number;
  /** `undefined`: there was none. */
  readonly section: PreviousSection | undefined;
  /** For a report: the contact's packed memberships before it. `undefined`: there were none. */
  readonly memberships: Uint8Array | undefined;
}

export interface PreviousSection {
  readonly view: SectionView;
  readonly asOfMs: number;
  readonly sourceVersion: bigint;
}

export const rollbackPrefixLength = 12;

/** The key of a contact's entry; without a contact, the prefix of all keys of the run. */
export function rollbackKey(place: RollbackPlace, contactId?: Uint8Array): Buffer {
  const key = Buffer.alloc(rollbackPrefixLength + (contactId === undefined ? 0 : 16));
  key.writeUInt16BE(place.organizationId, 0);
  key.writeUInt16BE(place.datasetId, 2);
  key.writeBigUInt64BE(place.sourceVersion, 4);
  if (contactId !== undefined) key.set(contactId, rollbackPrefixLength);
  return key;
}

/** Writes at the scratch's start, and returns the length. */
export function packRollbackEntry(into: ByteScratch, entry: RollbackEntry): number {
  const { section, added, valued, memberships } = entry;
  const view = section?.view ?? emptySection;
  const last = entry.isReport ? memberships : section && viewBytes(view);
  const identities = [...added, ...valued];
  const start = headLength + identities.length * identityLength;
  const length = start + (last?.length ?? 0);
  const bytes = into.reserve(length);
  bytes[0] = version;
  bytes[1] =
    (last === undefined ? 0 : flagBits.hadSection) |
    (entry.isAdded ? flagBits.isAdded : 0) |
    (entry.isReport ? flagBits.isReport : 0);
  bytes.writeUInt16LE(added.length, 2);
  bytes.writeUInt16LE(valued.length, 4);
  bytes.writeUInt16LE(view.fieldCount, 6);
  bytes.writeUInt32LE(entry.othersMark, 8);
  bytes.writeDoubleLE(section?.asOfMs ?? 0, 12);
  bytes.writeBigUInt64LE(section?.sourceVersion ?? 0n, 20);
  for (const [place, { typeId, digest }] of identities.entries()) {
    bytes.writeUInt16LE(typeId, headLength + place * identityLength);
    bytes.set(digest, headLength + place * identityLength + 2);
  }
  if (last !== undefined) bytes.set(last, start);
  return length;
}

function viewBytes({ bytes, start, length }: SectionView): Uint8Array {
  return bytes.subarray(start, start + length);
}

/** Returns a copy; throws `store_unavailable` for damaged bytes. */
export function unpackRollbackEntry(packed: Uint8Array, length: number): RollbackEntry {
  const bytes = Buffer.from(Uint8Array.prototype.slice.call(packed, 0, length));
  if (length < headLength || bytes[0] !== version) throw damagedEntry();
  const flags = bytes[1] as number;
  const addedCount = bytes.readUInt16LE(2);
  const count = addedCount + bytes.readUInt16LE(4);
  const start = headLength + count * identityLength;
  if (start > length) throw damagedEntry();
  const identities = Array.from({ length: count }, (_, place) => {
    const at = headLength + place * identityLength;
    return { typeId: bytes.readUInt16LE(at), digest: bytes.subarray(at + 2, at + identityLength) };
  });
  const isReport = (flags & flagBits.isReport) !== 0;
  const hadBefore = (flags & flagBits.hadSection) !== 0;
  const view = { bytes, start, fieldCount: bytes.readUInt16LE(6), length: length - start };
  const asOfMs = bytes.readDoubleLE(12);
  const sourceVersion = bytes.readBigUInt64LE(20);
  return {
    isAdded: (flags & flagBits.isAdded) !== 0,
    isReport,
    added: identities.slice(0, addedCount),
    valued: identities.slice(addedCount),
    othersMark: bytes.readUInt32LE(8),
    section: hadBefore && !isReport ? { view, asOfMs, sourceVersion } : undefined,
    memberships: hadBefore && isReport ? bytes.subarray(start) : undefined,
  };
}

function damagedEntry(): UsherError {
  return new UsherError(
    'store_unavailable',
    "The store holds a damaged rollback entry. Run 'usher doctor'.",
  );
}
