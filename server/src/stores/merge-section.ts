/** Writes records: merges a patch into a section, and puts a section into a record. */
import type { ByteScratch } from './byte-scratch.ts';
import {
  paddedTo4,
  readUint16,
  recordKinds,
  recordLayout,
  recordVersion,
  type SectionView,
  sectionIndexLength,
} from './contact-codec.ts';
import { fieldIdAt, isEmptyAt, type RecordView, sectionAt, valueAt } from './read-record.ts';

export const emptySection: SectionView = {
  bytes: Uint8Array.of(4, 0, 0, 0),
  start: 0,
  fieldCount: 0,
  length: 4,
};

/** `previous` with the fields of `patch` over it; fields that are empty in `patch` are removed. */
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
    bytes.writeUInt16LE(fieldIdAt(section, from), place * 2);
    bytes.writeUInt32LE(end, offsets + place * 4);
    const value = valueAt(section, from);
    bytes.set(value, end);
    end += value.length;
  }
  bytes.writeUInt32LE(end, offsets + fieldCount * 4);
  return { bytes, start: 0, fieldCount, length: end };
}

interface Pick {
  readonly section: SectionView;
  /** The index in that section. */
  readonly from: number;
}

function pickFields(previous: SectionView, patch: SectionView): Pick[] {
  const picks: Pick[] = [];
  let old = 0;
  let fresh = 0;
  while (old < previous.fieldCount || fresh < patch.fieldCount) {
    const oldId = old < previous.fieldCount ? fieldIdAt(previous, old) : 65_536;
    const freshId = fresh < patch.fieldCount ? fieldIdAt(patch, fresh) : 65_536;
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

export interface RecordEdit {
  /** The current record; `undefined`: a new contact. It must not be in the scratch written to. */
  readonly previous: RecordView | undefined;
  readonly contactId: Uint8Array;
  readonly revision: bigint;
  readonly datasetId: number;
  readonly sourceVersion: bigint;
  readonly asOfMs: number;
  /** `undefined` removes the dataset's section. */
  readonly section: SectionView | undefined;
}

/** Writes the edited record at the scratch's start, and returns its length in bytes. */
export function writeRecord(into: ByteScratch, edit: RecordEdit): number {
  const at = recordLayout;
  const { previous, section } = edit;
  const kept = previous === undefined ? [] : keptEntries(previous, edit.datasetId);
  const sectionCount = kept.length + (section === undefined ? 0 : 1);
  let end = at.directory + sectionCount * at.entryLength;
  // Each section may need up to 3 bytes of padding.
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

/**
 * Copies a section to the first multiple of 4 from `end` on, and writes its offset into the
 * directory.
 */
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
