/**
 * What people amended of a contact: a section with values by field, and in the place of a last
 * field a JSON array of when each of them was amended.
 */
import {
  amendedAtFieldId,
  amendmentsDatasetId,
  decodeFields,
  encodeSection,
  type SectionView,
} from './contact-codec.ts';
import type { Amendment } from './privacy-answer.ts';
import { findSectionEntry, type RecordView, sectionAt } from './read-record.ts';

export interface AmendedField {
  readonly fieldId: number;
  /** UTF-8 */
  readonly json: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** @param fields ascending by id, at least one */
export function encodeAmended(fields: readonly AmendedField[]): SectionView {
  const times = Buffer.from(JSON.stringify(fields.map(({ atMs }) => atMs)));
  const values = fields.map(({ fieldId, json }) => [fieldId, json] as const);
  const bytes = encodeSection([...values, [amendedAtFieldId, times]]);
  return { bytes, start: 4, fieldCount: fields.length + 1, length: bytes.length - 4 };
}

/** Copies, ascending by field id. */
export function decodeAmended(section: SectionView): AmendedField[] {
  const fields = decodeFields(section);
  const times = JSON.parse(fields.get(amendedAtFieldId) ?? '[]') as readonly number[];
  fields.delete(amendedAtFieldId);
  return [...fields].map(([fieldId, json], place) => {
    return { fieldId, json: Buffer.from(json), atMs: times[place] ?? 0 };
  });
}

/** What was amended of a contact, ascending by field id. */
export function readAmendments(record: RecordView): Amendment[] {
  const entry = findSectionEntry(record, amendmentsDatasetId);
  const fields = entry < 0 ? [] : decodeAmended(sectionAt(record, entry));
  return fields.map(({ fieldId, json, atMs }) => {
    return { fieldId, value: Buffer.from(json).toString(), atMs };
  });
}
