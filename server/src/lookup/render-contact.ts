/**
 * Reads the values that a plan asks for out of a record and joins them into JSON. This is the heart of the hot path: the record
 * holds ready JSON values, so nothing is parsed and nothing is stringified. The whole record is made one latin1 string (a
 * copy, since the store reuses its bytes), values are substrings of it, and the answer is one concatenation.
 */

import { packedMembership } from '../domain/membership.ts';
import { recordLayout } from '../stores/contact-codec.ts';
import type { RecordBytes } from '../stores/store.ts';
import type { LookupPlan, PlanSection } from './lookup-plan.ts';

/** The values of a plan's slots as ready JSON, as latin1 text of UTF-8 bytes. */
export function readValues({ bytes, length }: RecordBytes, plan: LookupPlan): string[] {
  const values = plan.implied.slice();
  const text = bytes.toString('latin1', 0, length);
  const sectionCount = uint16(bytes, recordLayout.sectionCount);
  let entry: number = recordLayout.directory;
  let nextSection = 0;
  // Both lists ascend by dataset id, so one walk over the two finds every match.
  for (let place = 0; place < sectionCount; place += 1) {
    const datasetId = uint16(bytes, entry + recordLayout.entryDatasetId);
    while ((plan.sections[nextSection]?.datasetId ?? 65_536) < datasetId) nextSection += 1;
    const section = plan.sections[nextSection];
    if (section === undefined) break;
    if (section.datasetId === datasetId) readSection({ bytes, text, entry, section }, plan, values);
    entry += recordLayout.entryLength;
  }
  return values;
}

interface SectionPlace {
  readonly bytes: Buffer;
  readonly text: string;
  /** Where the section's entry in the directory begins. */
  readonly entry: number;
  readonly section: PlanSection;
}

function readSection(place: SectionPlace, plan: LookupPlan, values: string[]): void {
  const { bytes, text, entry, section } = place;
  const { fieldIds, slots } = section;
  const fieldCount = uint16(bytes, entry + recordLayout.entryFieldCount);
  const start = uint32(bytes, entry + recordLayout.entryOffset);
  const offsets = start + ((fieldCount * 2 + 3) & ~3);
  let wanted = 0;
  for (let index = 0; index < fieldCount; index += 1) {
    const fieldId = uint16(bytes, start + index * 2);
    while (wanted < fieldIds.length && (fieldIds[wanted] as number) < fieldId) wanted += 1;
    if (wanted === fieldIds.length) return;
    if (fieldIds[wanted] !== fieldId) continue;
    const at = offsets + index * 4;
    const value = text.substring(start + uint32(bytes, at), start + uint32(bytes, at + 4));
    const slot = slots[wanted] as number;
    const render = plan.renderers[slot];
    values[slot] = render === undefined ? value : render(value);
  }
}

/** Fills the slots of built-in fields from packed memberships; with nothing recorded they keep `[]`. */
export function renderMemberships(
  packed: RecordBytes | undefined,
  plan: LookupPlan,
  values: string[],
): void {
  if (packed === undefined) return;
  for (const { place, slot } of plan.memberships) {
    values[slot] = packedMembership(packed.bytes, place);
  }
}

/** The values under their names, as a JSON object. */
export function renderObject(plan: LookupPlan, values: readonly string[]): string {
  const { names } = plan;
  let json = '{';
  for (let slot = 0; slot < names.length; slot += 1) {
    json += (names[slot] as string) + (values[slot] as string);
  }
  return `${json}}`;
}

/** A copy of the contact's id, 16 bytes. */
export function readContactId({ bytes }: RecordBytes): Uint8Array {
  return Uint8Array.prototype.slice.call(
    bytes,
    recordLayout.contactId,
    recordLayout.contactId + 16,
  );
}

/** The wall-clock part of the record's revision, which is a hybrid logical clock (48-bit milliseconds, 16-bit counter). */
export function readRevisionMs({ bytes }: RecordBytes): number {
  const at = recordLayout.revision;
  return uint32(bytes, at + 4) * 65_536 + uint16(bytes, at + 2);
}

// Shifts on single bytes beat `Buffer.readUInt16LE`, which checks its arguments at each call.
function uint16(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function uint32(bytes: Buffer, at: number): number {
  return (uint16(bytes, at) | (uint16(bytes, at + 2) << 16)) >>> 0;
}
