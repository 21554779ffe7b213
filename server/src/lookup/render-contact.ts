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
  const source = { text: bytes.toString('latin1', 0, length), view: viewOf(bytes), plan };
  const sectionCount = source.view.getUint16(recordLayout.sectionCount, true);
  let entry: number = recordLayout.directory;
  let next = 0;
  // Both lists ascend by dataset id, so one walk over the two finds every match.
  for (let place = 0; place < sectionCount; place += 1) {
    const datasetId = source.view.getUint16(entry + recordLayout.entryDatasetId, true);
    while ((plan.sections[next]?.datasetId ?? 65_536) < datasetId) next += 1;
    const section = plan.sections[next];
    if (section === undefined) break;
    if (section.datasetId === datasetId) readSection(source, { entry, section }, values);
    entry += recordLayout.entryLength;
  }
  return values;
}

interface RecordSource {
  readonly text: string;
  readonly view: DataView;
  readonly plan: LookupPlan;
}

function readSection(
  { text, view, plan }: RecordSource,
  { entry, section }: { readonly entry: number; readonly section: PlanSection },
  values: string[],
): void {
  const { fieldIds, slots } = section;
  const fieldCount = view.getUint16(entry + recordLayout.entryFieldCount, true);
  const start = view.getUint32(entry + recordLayout.entryOffset, true);
  const offsets = start + ((fieldCount * 2 + 3) & ~3);
  let wanted = 0;
  for (let index = 0; index < fieldCount; index += 1) {
    const fieldId = view.getUint16(start + index * 2, true);
    while (wanted < fieldIds.length && (fieldIds[wanted] as number) < fieldId) wanted += 1;
    if (wanted === fieldIds.length) return;
    if (fieldIds[wanted] !== fieldId) continue;
    const at = offsets + index * 4;
    const valueStart = start + view.getUint32(at, true);
    const value = text.substring(valueStart, start + view.getUint32(at + 4, true));
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
  const view = viewOf(bytes);
  const at = recordLayout.revision;
  return view.getUint32(at + 4, true) * 65_536 + view.getUint16(at + 2, true);
}

let lastBytes: Buffer | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** A view of the bytes' memory, kept because a store hands out the same buffer again and again. */
function viewOf(bytes: Buffer): DataView {
  if (bytes === lastBytes) return lastView;
  lastBytes = bytes;
  lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return lastView;
}
