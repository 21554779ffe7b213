/**
 * Encodes and decodes the record of a contact, and its sections. `read-record.ts` reads parts of a
 * record in place, and `merge-section.ts` writes records; besides these files only the embedded
 * reader knows this layout. The catalog knows what the field and dataset ids mean.
 *
 * A record, little endian: the header of `recordLayout`; then for a contact a directory of its
 * sections, ascending by dataset id, then the sections, each at a multiple of 4; for a redirect the
 * 16 bytes of the winner's id. A section: n x u16 field ids, ascending, padded to a multiple of 4;
 * (n + 1) x u32 offsets from the section's start; n JSON values (UTF-8) back to back. A field
 * without a value is not listed. A section outside a record (in a change) begins with u16 n and u16
 * 0.
 */
import { UsherError } from '../domain/errors.ts';
import { maxFieldsPerOrganization } from '../domain/limits.ts';

export const recordVersion = 1;

export const recordKinds = { contact: 0, redirect: 1, tombstone: 2 } as const;

/**
 * Offsets in a record. Names without `entry` count from the record's start; names with it count
 * from the start of a directory entry.
 */
export const recordLayout = {
  /** u8 */
  version: 0,
  /** u8, of `recordKinds` */
  kind: 1,
  /** u16 */
  sectionCount: 2,
  /** u32, bytes of the whole record */
  length: 4,
  /** u64, see `domain/revision.ts` */
  revision: 8,
  /** 16 bytes, UUIDv7 */
  contactId: 16,
  /** The directory's entries; in a redirect the winner's id. */
  directory: 32,
  entryLength: 24,
  /** u16 */
  entryDatasetId: 0,
  /** u16 */
  entryFieldCount: 2,
  /** u32, from the record's start */
  entryOffset: 4,
  /** f64, milliseconds since the epoch: `section-age.ts` says what its sign means */
  entryAsOf: 8,
  /** u64 */
  entrySourceVersion: 16,
} as const;

/** The section with what people amended: the last one of a record. No dataset has this id. */
export const amendmentsDatasetId = 65_535;

/** In that section, no field: when each of its fields was amended (`amended-fields.ts`). */
export const amendedAtFieldId = 65_535;

/** Bytes in front of a section outside a record: u16 n and u16 0. */
const sectionHeadLength = 4;

/** Bytes of the field ids and offsets of a section. */
export function sectionIndexLength(fieldCount: number): number {
  return paddedTo4(fieldCount * 2) + (fieldCount + 1) * 4;
}

export function paddedTo4(length: number): number {
  return (length + 3) & ~3;
}

/**
 * Encodes a section for a change. `fields` ascend by id, with values as UTF-8 JSON; an empty value
 * clears its field.
 */
export function encodeSection(
  fields: readonly (readonly [fieldId: number, json: Uint8Array])[],
): Buffer {
  const count = fields.length;
  const indexLength = sectionIndexLength(count);
  const length = fields.reduce((sum, [, json]) => sum + json.length, indexLength);
  const bytes = Buffer.alloc(sectionHeadLength + length);
  bytes.writeUInt16LE(count, 0);
  const offsets = sectionHeadLength + paddedTo4(count * 2);
  let end = indexLength;
  for (const [place, [fieldId, json]] of fields.entries()) {
    bytes.writeUInt16LE(fieldId, sectionHeadLength + place * 2);
    bytes.writeUInt32LE(end, offsets + place * 4);
    bytes.set(json, sectionHeadLength + end);
    end += json.length;
  }
  bytes.writeUInt32LE(end, offsets + count * 4);
  return bytes;
}

/** A section inside other bytes, without the head of an encoded section. */
export interface SectionView {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly fieldCount: number;
  /** Bytes from `start` to the end of the last value. */
  readonly length: number;
}

/** The section of a change, after a check of every offset. `undefined`: it is malformed. */
export function viewSection(encoded: Uint8Array): SectionView | undefined {
  if (encoded.length < sectionHeadLength) return undefined;
  const fieldCount = readUint16(encoded, 0);
  if (fieldCount > maxFieldsPerOrganization || readUint16(encoded, 2) !== 0) return undefined;
  const length = checkSection(encoded, sectionHeadLength, encoded.length, fieldCount);
  if (length === undefined || sectionHeadLength + length !== encoded.length) return undefined;
  return { bytes: encoded, start: sectionHeadLength, fieldCount, length };
}

/** The same for a section in front of other bytes. */
export function viewFirstSection(bytes: Uint8Array): SectionView | undefined {
  if (bytes.length < sectionHeadLength) return undefined;
  const fieldCount = readUint16(bytes, 0);
  const length = checkSection(bytes, sectionHeadLength, bytes.length, fieldCount);
  return length === undefined ? undefined : { bytes, start: sectionHeadLength, fieldCount, length };
}

/**
 * The section's length in bytes. `undefined`: it is malformed (ids and offsets must ascend), or it
 * ends after `end`.
 */
function checkSection(
  bytes: Uint8Array,
  start: number,
  end: number,
  fieldCount: number,
): number | undefined {
  const room = end - start;
  const indexLength = sectionIndexLength(fieldCount);
  if (room < indexLength) return undefined;
  const offsets = start + paddedTo4(fieldCount * 2);
  let lastId = 0;
  let lastOffset = readUint32(bytes, offsets);
  if (lastOffset !== indexLength) return undefined;
  for (let place = 0; place < fieldCount; place += 1) {
    const id = readUint16(bytes, start + place * 2);
    const offset = readUint32(bytes, offsets + (place + 1) * 4);
    if (id <= lastId || offset < lastOffset || offset > room) return undefined;
    lastId = id;
    lastOffset = offset;
  }
  return lastOffset;
}

/** What is wrong with a record, in a few words; `undefined`: nothing. Never reads past `length`. */
export function findRecordFault(bytes: Uint8Array, length: number): string | undefined {
  const at = recordLayout;
  if (length < at.directory || length > bytes.length) return 'shorter than a header';
  if (bytes[at.version] !== recordVersion) return `of format version ${bytes[at.version]}`;
  if (readUint32(bytes, at.length) !== length) return 'not of the length that it says';
  const kind = bytes[at.kind];
  const sectionCount = readUint16(bytes, at.sectionCount);
  if (kind === recordKinds.redirect)
    return length === at.directory + 16 ? undefined : 'a redirect of a wrong length';
  if (kind === recordKinds.tombstone)
    return length === at.directory ? undefined : 'a tombstone of a wrong length';
  if (kind !== recordKinds.contact) return 'of an unknown kind';
  return findSectionFault(bytes, length, sectionCount);
}

function findSectionFault(
  bytes: Uint8Array,
  length: number,
  sectionCount: number,
): string | undefined {
  const at = recordLayout;
  let end = at.directory + sectionCount * at.entryLength;
  if (end > length) return 'shorter than its directory';
  let lastDataset = 0;
  for (let place = 0; place < sectionCount; place += 1) {
    const entry = at.directory + place * at.entryLength;
    const datasetId = readUint16(bytes, entry + at.entryDatasetId);
    if (datasetId <= lastDataset) return 'with datasets out of order';
    lastDataset = datasetId;
    const start = readUint32(bytes, entry + at.entryOffset);
    if (start !== paddedTo4(end) || start > length) return 'with a section in a wrong place';
    const fieldCount = readUint16(bytes, entry + at.entryFieldCount);
    const sectionLength = checkSection(bytes, start, length, fieldCount);
    if (sectionLength === undefined) return 'with a torn section';
    end = start + sectionLength;
  }
  return end === length ? undefined : 'with bytes after its end';
}

/** Throws `store_unavailable` for a damaged record. The error holds no personal data. */
export function requireSoundRecord(bytes: Uint8Array, length: number): void {
  const fault = findRecordFault(bytes, length);
  if (fault === undefined) return;
  throw new UsherError(
    'store_unavailable',
    `The store holds a record ${fault}, which this release does not read. Run 'usher doctor'.`,
  );
}

export interface DecodedSection {
  readonly datasetId: number;
  readonly asOfMs: number;
  readonly sourceVersion: bigint;
  /** Field id to JSON text, ascending. */
  readonly fields: ReadonlyMap<number, string>;
}

export interface DecodedRecord {
  readonly kind: keyof typeof recordKinds;
  readonly revision: bigint;
  readonly contactId: Buffer;
  /** The contact that a redirect leads to; `undefined` for other kinds. */
  readonly winnerId: Buffer | undefined;
  readonly sections: readonly DecodedSection[];
}

/** A copy of a record; throws `store_unavailable` unless it is sound. Not for the hot path. */
export function decodeRecord(bytes: Uint8Array, length: number): DecodedRecord {
  requireSoundRecord(bytes, length);
  const at = recordLayout;
  const copy = Buffer.from(Uint8Array.prototype.slice.call(bytes, 0, length));
  const kind = copy[at.kind];
  const sectionCount = kind === recordKinds.contact ? copy.readUInt16LE(at.sectionCount) : 0;
  return {
    kind:
      kind === recordKinds.contact
        ? 'contact'
        : kind === recordKinds.redirect
          ? 'redirect'
          : 'tombstone',
    revision: copy.readBigUInt64LE(at.revision),
    contactId: copy.subarray(at.contactId, at.contactId + 16),
    winnerId:
      kind === recordKinds.redirect ? copy.subarray(at.directory, at.directory + 16) : undefined,
    sections: Array.from({ length: sectionCount }, (_, place) => decodeSectionAt(copy, place)),
  };
}

function decodeSectionAt(record: Buffer, place: number): DecodedSection {
  const at = recordLayout;
  const entry = at.directory + place * at.entryLength;
  const fieldCount = record.readUInt16LE(entry + at.entryFieldCount);
  const start = record.readUInt32LE(entry + at.entryOffset);
  return {
    datasetId: record.readUInt16LE(entry + at.entryDatasetId),
    asOfMs: record.readDoubleLE(entry + at.entryAsOf),
    sourceVersion: record.readBigUInt64LE(entry + at.entrySourceVersion),
    fields: decodeFields({ bytes: record, start, fieldCount, length: 0 }),
  };
}

/** The fields of a sound section: id to JSON text, ascending; an empty text clears the field. */
export function decodeFields(section: SectionView): Map<number, string> {
  const { start, fieldCount } = section;
  const bytes = Buffer.from(section.bytes.buffer, section.bytes.byteOffset, section.bytes.length);
  const offsets = start + paddedTo4(fieldCount * 2);
  const fields = new Map<number, string>();
  for (let place = 0; place < fieldCount; place += 1) {
    const from = start + bytes.readUInt32LE(offsets + place * 4);
    const to = start + bytes.readUInt32LE(offsets + (place + 1) * 4);
    fields.set(bytes.readUInt16LE(start + place * 2), bytes.toString('utf8', from, to));
  }
  return fields;
}

/** Shifts on bytes are faster than the methods of `Buffer`, which check their arguments. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (readUint16(bytes, at) | (readUint16(bytes, at + 2) << 16)) >>> 0;
}
