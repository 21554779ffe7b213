/** Where the values of the current record are: those of the answer, and those that rules read. */
import { locateFields } from '../stores/read-record.ts';
import type { LentBytes } from '../stores/store.ts';
import type { LookupPlan } from './lookup-plan.ts';

/**
 * By slot, where a value starts and ends in the record; both offsets are 0 if there is no value.
 * The next call of `locateValues` fills the same memory.
 */
export const located = { starts: new Uint32Array(64), ends: new Uint32Array(64) };

/** Finds the values of the plan's slots in one walk over the record. */
export function locateValues({ bytes }: LentBytes, { slotCount, sections }: LookupPlan): void {
  if (located.starts.length < slotCount) {
    located.starts = new Uint32Array(slotCount * 2);
    located.ends = new Uint32Array(slotCount * 2);
  }
  located.starts.fill(0, 0, slotCount);
  locateFields(viewOf(bytes), sections, located.starts, located.ends);
}

let lastBytes: Buffer | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** A view of the bytes, kept because a store lends the same buffer again and again. */
export function viewOf(bytes: Buffer): DataView {
  if (bytes === lastBytes) return lastView;
  lastBytes = bytes;
  lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return lastView;
}
