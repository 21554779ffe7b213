/** Reads parts of a sound record in place. `contact-codec.ts` describes the layout of a record. */
import {
  amendmentsDatasetId,
  paddedTo4,
  readUint16,
  readUint32,
  recordKinds,
  recordLayout,
  type SectionView,
} from './contact-codec.ts';

/** A sound record at the start of other bytes. */
export interface RecordView {
  readonly bytes: Uint8Array;
  readonly length: number;
}

export function isContact(record: Uint8Array): boolean {
  return record[recordLayout.kind] === recordKinds.contact;
}

/**
 * A copy of the id of the contact that this one was merged into; `undefined`: this is no redirect.
 */
export function winnerIdOf(record: Uint8Array): Uint8Array | undefined {
  if (record[recordLayout.kind] !== recordKinds.redirect) return undefined;
  return Uint8Array.from(record.subarray(recordLayout.directory, recordLayout.directory + 16));
}

/** The contact's id in hexadecimal. */
export function contactIdText(bytes: Uint8Array): string {
  const at = bytes.byteOffset + recordLayout.contactId;
  return Buffer.from(bytes.buffer, at, 16).toString('hex');
}

/** 16 bytes as four little-endian words, which need no memory of their own. */
export type IdWords = readonly [number, number, number, number];

/** The contact's id. */
export function contactIdWords({ bytes }: RecordView): IdWords {
  return idWords(bytes, recordLayout.contactId);
}

/** The words of 16 bytes, such as an identity's digest. */
export function idWords(bytes: Uint8Array, start = 0): IdWords {
  return [
    readInt32(bytes, start),
    readInt32(bytes, start + 4),
    readInt32(bytes, start + 8),
    readInt32(bytes, start + 12),
  ];
}

function readInt32(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) | 0;
}

/** Where the 16 bytes of the contact's id begin in a record. */
export const contactIdStart: number = recordLayout.contactId;

function countSections({ bytes }: RecordView): number {
  return readUint16(bytes, recordLayout.sectionCount);
}

/** How many sections of datasets the contact has. */
export function countDatasetSections(record: RecordView): number {
  return countSections(record) - (isAmended(record) ? 1 : 0);
}

/** Whether the contact has a section with what people amended. */
function isAmended({ bytes }: RecordView): boolean {
  return lastDatasetId(bytes) === amendmentsDatasetId;
}

/** -1: the contact has no section. */
function lastDatasetId(bytes: Uint8Array): number {
  const at = recordLayout;
  const sectionCount = readUint16(bytes, at.sectionCount);
  if (sectionCount === 0) return -1;
  return readUint16(bytes, at.directory + (sectionCount - 1) * at.entryLength);
}

/** Calls `visit` with the section of each dataset, ascending by dataset id. */
export function eachSection(
  record: RecordView,
  visit: (datasetId: number, section: SectionView) => void,
): void {
  const at = recordLayout;
  const end = at.directory + countDatasetSections(record) * at.entryLength;
  for (let entry: number = at.directory; entry < end; entry += at.entryLength) {
    visit(readUint16(record.bytes, entry + at.entryDatasetId), sectionAt(record, entry));
  }
}

/** The offset of a dataset's directory entry; -1: the contact has no such section. */
export function findSectionEntry({ bytes }: RecordView, datasetId: number): number {
  const at = recordLayout;
  const end = at.directory + readUint16(bytes, at.sectionCount) * at.entryLength;
  for (let entry: number = at.directory; entry < end; entry += at.entryLength) {
    if (readUint16(bytes, entry + at.entryDatasetId) === datasetId) return entry;
  }
  return -1;
}

/**
 * Whether the contact has a section of this dataset. A list marks its contacts with empty sections.
 */
export function hasSection(record: Uint8Array, datasetId: number): boolean {
  return findSectionEntry({ bytes: record, length: record.length }, datasetId) >= 0;
}

export function sectionAt({ bytes }: RecordView, entry: number): SectionView {
  const start = readUint32(bytes, entry + recordLayout.entryOffset);
  const fieldCount = readUint16(bytes, entry + recordLayout.entryFieldCount);
  const offsets = start + paddedTo4(fieldCount * 2);
  return { bytes, start, fieldCount, length: readUint32(bytes, offsets + fieldCount * 4) };
}

export function sourceVersionAt({ bytes }: RecordView, entry: number): bigint {
  const at = entry + recordLayout.entrySourceVersion;
  return (BigInt(readUint32(bytes, at + 4)) << 32n) | BigInt(readUint32(bytes, at));
}

export function asOfAt({ bytes, length }: RecordView, entry: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  return view.getFloat64(entry + recordLayout.entryAsOf, true);
}

export function isSameSection(one: SectionView, other: SectionView): boolean {
  if (one.length !== other.length || one.fieldCount !== other.fieldCount) return false;
  return (
    Buffer.compare(
      one.bytes.subarray(one.start, one.start + one.length),
      other.bytes.subarray(other.start, other.start + other.length),
    ) === 0
  );
}

/** Whether the section clears a field. */
export function hasEmptyValue({ bytes, start, fieldCount }: SectionView): boolean {
  const offsets = start + paddedTo4(fieldCount * 2);
  let valueStart = readUint32(bytes, offsets);
  for (let place = 1; place <= fieldCount; place += 1) {
    const end = readUint32(bytes, offsets + place * 4);
    if (end === valueStart) return true;
    valueStart = end;
  }
  return false;
}

export function fieldIdAt({ bytes, start }: SectionView, place: number): number {
  return readUint16(bytes, start + place * 2);
}

/** The value as JSON in UTF-8, not copied. */
export function valueAt({ bytes, start, fieldCount }: SectionView, place: number): Uint8Array {
  const at = start + paddedTo4(fieldCount * 2) + place * 4;
  return bytes.subarray(start + readUint32(bytes, at), start + readUint32(bytes, at + 4));
}

export function isEmptyAt({ bytes, start, fieldCount }: SectionView, place: number): boolean {
  const at = start + paddedTo4(fieldCount * 2) + place * 4;
  return readUint32(bytes, at) === readUint32(bytes, at + 4);
}

/** The revision of the write that wrote the record. */
export function revisionOf({ bytes }: RecordView): bigint {
  const at = recordLayout.revision;
  return (BigInt(readUint32(bytes, at + 4)) << 32n) | BigInt(readUint32(bytes, at));
}

/** The wall-clock part of the revision, a hybrid logical clock (48-bit ms, 16-bit counter). */
export function revisionMsOf(record: DataView): number {
  const at = recordLayout.revision;
  return record.getUint32(at + 4, true) * 65_536 + record.getUint16(at + 2, true);
}

/** Fields of a dataset to be found in records, and the slot that each fills. */
export interface FieldSlots {
  readonly datasetId: number;
  /** Ascending. A field that fills several slots is there several times. */
  readonly fieldIds: readonly number[];
  readonly slots: readonly number[];
}

/**
 * Writes where field values begin and end to `starts` and `ends`, by slot, without allocation;
 * slots without a value stay unchanged. `wanted` is ascending by dataset id. What people amended
 * counts over the values of datasets.
 */
export function locateFields(
  record: DataView,
  wanted: readonly FieldSlots[],
  starts: Uint32Array,
  ends: Uint32Array,
): void {
  const sectionCount = record.getUint16(recordLayout.sectionCount, true);
  locateInDatasets(record, wanted, starts, ends);
  if (sectionCount === 0) return;
  const last = recordLayout.directory + (sectionCount - 1) * recordLayout.entryLength;
  if (record.getUint16(last, true) !== amendmentsDatasetId) return;
  locateAmended(record, last, wanted, starts, ends);
}

function locateInDatasets(
  record: DataView,
  wanted: readonly FieldSlots[],
  starts: Uint32Array,
  ends: Uint32Array,
): void {
  const sectionCount = record.getUint16(recordLayout.sectionCount, true);
  let entry: number = recordLayout.directory;
  let next = 0;
  // Both lists ascend by dataset id, so one pass over both finds every match.
  for (let place = 0; place < sectionCount; place += 1) {
    const datasetId = record.getUint16(entry + recordLayout.entryDatasetId, true);
    while ((wanted[next]?.datasetId ?? 65_536) < datasetId) next += 1;
    const section = wanted[next];
    if (section === undefined) return;
    if (section.datasetId === datasetId) locateInSection(record, entry, section, starts, ends);
    entry += recordLayout.entryLength;
  }
}

function locateAmended(
  record: DataView,
  entry: number,
  wanted: readonly FieldSlots[],
  starts: Uint32Array,
  ends: Uint32Array,
): void {
  for (const section of wanted) {
    locateInSection(record, entry, section, starts, ends);
    for (const slot of section.slots) {
      const start = starts[slot] as number;
      // A field that was amended to `null` has no value. Datasets hold no `null`.
      const isNull = (ends[slot] as number) - start === 4 && record.getUint32(start) === nullBytes;
      if (!isNull) continue;
      starts[slot] = 0;
      ends[slot] = 0;
    }
  }
}

/** `null` in UTF-8 */
const nullBytes = 0x6e75_6c6c;

function locateInSection(
  record: DataView,
  entry: number,
  { fieldIds, slots }: FieldSlots,
  starts: Uint32Array,
  ends: Uint32Array,
): void {
  const fieldCount = record.getUint16(entry + recordLayout.entryFieldCount, true);
  const start = record.getUint32(entry + recordLayout.entryOffset, true);
  const offsets = start + paddedTo4(fieldCount * 2);
  let wanted = 0;
  for (let index = 0; index < fieldCount; index += 1) {
    const fieldId = record.getUint16(start + index * 2, true);
    while (wanted < fieldIds.length && (fieldIds[wanted] as number) < fieldId) wanted += 1;
    if (wanted === fieldIds.length) return;
    const at = offsets + index * 4;
    // A field can fill several slots.
    for (; fieldIds[wanted] === fieldId; wanted += 1) {
      const slot = slots[wanted] as number;
      starts[slot] = start + record.getUint32(at, true);
      ends[slot] = start + record.getUint32(at + 4, true);
    }
  }
}
