/**
 * Puts a section into a record: merges a patch with what is there, and writes the record anew
 * around it. The bytes' layout is `contact-codec.ts`; whether a change may be made at all is the
 * writer's to say.
 */
import type { ByteScratch } from './byte-scratch.ts';
import {
  paddedTo4,
  readUint16,
  readUint32,
  recordKinds,
  recordLayout,
  recordVersion,
  type SectionView,
  sectionIndexLength,
} from './contact-codec.ts';

/** A sound record in the midst of other bytes, beginning at 0. */
export interface RecordView {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** The place of a dataset's directory entry in a sound record; -1: it has no such section. */
export function findSectionEntry({ bytes }: RecordView, datasetId: number): number {
  const at = recordLayout;
  const end = at.directory + readUint16(bytes, at.sectionCount) * at.entryLength;
  for (let entry: number = at.directory; entry < end; entry += at.entryLength) {
    if (readUint16(bytes, entry + at.entryDatasetId) === datasetId) return entry;
  }
  return -1;
}

export function sectionAt({ bytes }: RecordView, entry: number): SectionView {
  const start = readUint32(bytes, entry + recordLayout.entryOffset);
  const fieldCount = readUint16(bytes, entry + recordLayout.entryFieldCount);
  return { bytes, start, fieldCount, length: sectionLength(bytes, start, fieldCount) };
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

/** Whether a field of the section is to be cleared. */
export function hasEmptyValue({ bytes, start, fieldCount }: SectionView): boolean {
  let at = start + paddedTo4(fieldCount * 2);
  for (let place = 0; place < fieldCount; place += 1, at += 4) {
    if (readUint32(bytes, at) === readUint32(bytes, at + 4)) return true;
  }
  return false;
}

export const emptySection: SectionView = {
  bytes: Uint8Array.of(4, 0, 0, 0),
  start: 0,
  fieldCount: 0,
  length: 4,
};

/** `previous` with the fields of `patch` over it; a field that `patch` has empty is left out. */
export function mergeSections(
  into: ByteScratch,
  previous: SectionView,
  patch: SectionView,
): SectionView {
  const picks = pickFields(previous, patch);
  const fieldCount = picks.length;
  const indexLength = sectionIndexLength(fieldCount);
  const bytes = into.reserve(indexLength + previous.length + patch.length);
  const offsets = paddedTo4(fieldCount * 2);
  bytes.fill(0, 0, offsets);
  let end = indexLength;
  for (const [place, { section, from }] of picks.entries()) {
    bytes.writeUInt16LE(readUint16(section.bytes, section.start + from * 2), place * 2);
    bytes.writeUInt32LE(end, offsets + place * 4);
    const values = section.start + paddedTo4(section.fieldCount * 2) + from * 4;
    const start = section.start + readUint32(section.bytes, values);
    const stop = section.start + readUint32(section.bytes, values + 4);
    bytes.set(section.bytes.subarray(start, stop), end);
    end += stop - start;
  }
  bytes.writeUInt32LE(end, offsets + fieldCount * 4);
  return { bytes, start: 0, fieldCount, length: end };
}

interface Pick {
  readonly section: SectionView;
  /** The place in that section. */
  readonly from: number;
}

function pickFields(previous: SectionView, patch: SectionView): Pick[] {
  const picks: Pick[] = [];
  let old = 0;
  let fresh = 0;
  while (old < previous.fieldCount || fresh < patch.fieldCount) {
    const oldId = fieldIdAt(previous, old);
    const freshId = fieldIdAt(patch, fresh);
    if (oldId < freshId) {
      picks.push({ section: previous, from: old });
      old += 1;
      continue;
    }
    if (!isEmptyAt(patch, fresh)) picks.push({ section: patch, from: fresh });
    if (oldId === freshId) old += 1;
    fresh += 1;
  }
  return picks;
}

function fieldIdAt({ bytes, start, fieldCount }: SectionView, place: number): number {
  return place < fieldCount ? readUint16(bytes, start + place * 2) : 65_536;
}

function isEmptyAt({ bytes, start, fieldCount }: SectionView, place: number): boolean {
  const at = start + paddedTo4(fieldCount * 2) + place * 4;
  return readUint32(bytes, at) === readUint32(bytes, at + 4);
}

export interface RecordEdit {
  /**
   * The record as it is; `undefined`: a new contact. Its bytes must not be those of the scratch
   * written into.
   */
  readonly previous: RecordView | undefined;
  readonly contactId: Uint8Array;
  readonly revision: bigint;
  readonly datasetId: number;
  readonly sourceVersion: bigint;
  readonly asOfMs: number;
  /** `undefined` takes the dataset's section away. */
  readonly section: SectionView | undefined;
}

/**
 * Writes the record that the edit makes, from the scratch's start, and gives its length in bytes.
 */
export function writeRecord(into: ByteScratch, edit: RecordEdit): number {
  const at = recordLayout;
  const { previous, section } = edit;
  const kept = previous === undefined ? [] : keptEntries(previous, edit.datasetId);
  const sectionCount = kept.length + (section === undefined ? 0 : 1);
  let end = at.directory + sectionCount * at.entryLength;
  // Each of the sections may be moved by up to 3 bytes of padding.
  const room = end + (previous?.length ?? 0) + (section?.length ?? 0) + sectionCount * 4;
  const bytes = into.reserve(room);
  let entry: number = at.directory;
  let isPlaced = section === undefined;
  for (const from of kept) {
    const view = previous as RecordView;
    if (!isPlaced && readUint16(view.bytes, from) > edit.datasetId) {
      end = writeSection(bytes, entry, end, edit);
      entry += at.entryLength;
      isPlaced = true;
    }
    bytes.set(view.bytes.subarray(from, from + at.entryLength), entry);
    end = copySection(bytes, entry, end, sectionAt(view, from));
    entry += at.entryLength;
  }
  if (!isPlaced) end = writeSection(bytes, entry, end, edit);
  writeHeader(bytes, edit, sectionCount, end);
  return end;
}

function keptEntries(record: RecordView, datasetId: number): number[] {
  const at = recordLayout;
  const count = readUint16(record.bytes, at.sectionCount);
  const entries: number[] = [];
  for (let place = 0; place < count; place += 1) {
    const entry = at.directory + place * at.entryLength;
    if (readUint16(record.bytes, entry + at.entryDatasetId) !== datasetId) entries.push(entry);
  }
  return entries;
}

function writeSection(bytes: Buffer, entry: number, end: number, edit: RecordEdit): number {
  const at = recordLayout;
  const section = edit.section as SectionView;
  bytes.writeUInt16LE(edit.datasetId, entry + at.entryDatasetId);
  bytes.writeUInt16LE(section.fieldCount, entry + at.entryFieldCount);
  bytes.writeDoubleLE(edit.asOfMs, entry + at.entryAsOf);
  bytes.writeBigUInt64LE(edit.sourceVersion, entry + at.entrySourceVersion);
  return copySection(bytes, entry, end, section);
}

/** Copies a section behind `end` and notes its place in the directory. */
function copySection(bytes: Buffer, entry: number, end: number, section: SectionView): number {
  const start = paddedTo4(end);
  for (let place = end; place < start; place += 1) bytes[place] = 0;
  bytes.writeUInt32LE(start, entry + recordLayout.entryOffset);
  bytes.set(section.bytes.subarray(section.start, section.start + section.length), start);
  return start + section.length;
}

function writeHeader(bytes: Buffer, edit: RecordEdit, sectionCount: number, length: number): void {
  const at = recordLayout;
  bytes[at.version] = recordVersion;
  bytes[at.kind] = recordKinds.contact;
  bytes.writeUInt16LE(sectionCount, at.sectionCount);
  bytes.writeUInt32LE(length, at.length);
  bytes.writeBigUInt64LE(edit.revision, at.revision);
  bytes.set(edit.contactId, at.contactId);
}

function sectionLength(bytes: Uint8Array, start: number, fieldCount: number): number {
  return readUint32(bytes, start + paddedTo4(fieldCount * 2) + fieldCount * 4);
}
