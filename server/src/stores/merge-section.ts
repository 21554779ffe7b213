/** Writes records: merges a patch into a section, and puts a section into a record. */
import type { ByteScratch } from './byte-scratch.ts';
import {
  paddedTo4,
  recordKinds,
  recordLayout,
  recordVersion,
  type SectionView,
  sectionIndexLength,
} from './contact-codec.ts';
import { fieldIdAt, isEmptyAt, valueAt } from './read-record.ts';

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

interface PickedField {
  readonly section: SectionView;
  /** The index in that section. */
  readonly from: number;
}

function pickFields(previous: SectionView, patch: SectionView): PickedField[] {
  const picks: PickedField[] = [];
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

/** A section as a record holds it. */
export interface RecordSection {
  readonly datasetId: number;
  readonly view: SectionView;
  readonly asOfMs: number;
  readonly sourceVersion: bigint;
}

/** What a record is made of. Its sections ascend by dataset id, and are not in the scratch. */
export interface ComposedRecord {
  readonly contactId: Uint8Array;
  readonly revision: bigint;
  readonly sections: readonly RecordSection[];
}

/** The most bytes that a record needs: each section may need up to 3 bytes of padding. */
export function recordRoom(sectionCount: number, sectionBytes: number): number {
  return recordLayout.directory + sectionCount * (recordLayout.entryLength + 4) + sectionBytes;
}

/** Writes a record at the scratch's start, and returns its length in bytes. */
export function composeRecord(into: ByteScratch, record: ComposedRecord): number {
  const at = recordLayout;
  const { sections } = record;
  const sectionBytes = sections.reduce((sum, { view }) => sum + view.length, 0);
  into.reserve(recordRoom(sections.length, sectionBytes));
  let entry: number = at.directory;
  let end = at.directory + sections.length * at.entryLength;
  for (const section of sections) {
    end = writeSection(into, entry, end, section);
    entry += at.entryLength;
  }
  writeHeader(into, record, sections.length, end);
  return end;
}

/** Writes the record of a contact that is part of another one. Returns its length in bytes. */
export function writeRedirect(
  into: ByteScratch,
  redirect: {
    readonly contactId: Uint8Array;
    readonly winnerId: Uint8Array;
    readonly revision: bigint;
  },
): number {
  const length = recordLayout.directory + 16;
  const bytes = into.reserve(length);
  writeHeader(into, redirect, 0, length);
  bytes[recordLayout.kind] = recordKinds.redirect;
  bytes.set(redirect.winnerId, recordLayout.directory);
  return length;
}

/** Copies a section to the first multiple of 4 from `end` on, and fills its directory entry. */
function writeSection(
  { bytes, view: numbers }: ByteScratch,
  entry: number,
  end: number,
  section: RecordSection,
): number {
  const at = recordLayout;
  const { datasetId, view, asOfMs, sourceVersion } = section;
  const start = paddedTo4(end);
  for (let place = end; place < start; place += 1) bytes[place] = 0;
  numbers.setUint16(entry + at.entryDatasetId, datasetId, true);
  numbers.setUint16(entry + at.entryFieldCount, view.fieldCount, true);
  numbers.setUint32(entry + at.entryOffset, start, true);
  numbers.setFloat64(entry + at.entryAsOf, asOfMs, true);
  numbers.setBigUint64(entry + at.entrySourceVersion, sourceVersion, true);
  bytes.set(view.bytes.subarray(view.start, view.start + view.length), start);
  return start + view.length;
}

function writeHeader(
  { bytes, view: numbers }: ByteScratch,
  { contactId, revision }: Pick<ComposedRecord, 'contactId' | 'revision'>,
  sectionCount: number,
  length: number,
): void {
  const at = recordLayout;
  bytes[at.version] = recordVersion;
  bytes[at.kind] = recordKinds.contact;
  numbers.setUint16(at.sectionCount, sectionCount, true);
  numbers.setUint32(at.length, length, true);
  numbers.setBigUint64(at.revision, revision, true);
  bytes.set(contactId, at.contactId);
}
