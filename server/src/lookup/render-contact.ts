/**
 * Writes the values that a plan asks for out of a record into JSON. This is the heart of the hot
 * path: the record holds ready JSON values, so nothing is parsed and nothing is stringified; names
 * and values are copied into one buffer that the thread keeps, and become text once. They are
 * short, so they are copied by loops over words of 4 bytes: a call of `set` or `copy` would cost
 * more than the loop.
 */
import { locateFields, revisionMsOf } from '../stores/read-record.ts';
import type { LentBytes } from '../stores/store.ts';
import type { EntityTag } from './entity-tag.ts';
import { type LookupPlan, utf8View } from './lookup-plan.ts';

/** What stands around a contact's JSON object in an answer, in UTF-8. */
export interface Envelope {
  readonly before: DataView;
  readonly after: DataView;
}

export function makeEnvelope(before: string, after: string): Envelope {
  return { before: utf8View(before), after: utf8View(after) };
}

export interface RenderOptions {
  readonly envelope: Envelope;
  /**
   * Values that are not in the record, by slot, as latin1 text of UTF-8 bytes; where one is set it
   * stands.
   */
  readonly texts: readonly (string | undefined)[] | undefined;
  /** How to tag the answer; it needs no tag when missing. */
  readonly entityTag?: EntityTag | undefined;
}

export interface RenderedContact {
  /** The contact as a JSON object in its envelope, as latin1 text of UTF-8 bytes. */
  readonly json: string;
  /** Of the bytes of `json`; '' when not asked for. */
  readonly tag: string;
}

/**
 * The contact's JSON object in its envelope, and its tag. The bytes that it is written into never
 * leave this file.
 */
export function renderContact(
  record: LentBytes,
  plan: LookupPlan,
  options: RenderOptions,
): RenderedContact {
  locateValues(record, plan);
  reserve(record.length + plan.maxOwnBytes + lengthOf(options));
  const bytes = output.subarray(0, writeAll(record, plan, options));
  const { entityTag } = options;
  return {
    json: bytes.toString('latin1'),
    tag: entityTag === undefined ? '' : entityTag(bytes),
  };
}

/** Whether the record has a value for each slot. Not for the hot path. */
export function filledSlots(record: LentBytes, plan: LookupPlan): boolean[] {
  locateValues(record, plan);
  return plan.names.map((_, slot) => starts[slot] !== 0);
}

/**
 * The wall-clock part of the record's revision, which is a hybrid logical clock (48-bit
 * milliseconds, 16-bit counter).
 */
export function readRevisionMs({ bytes }: LentBytes): number {
  return revisionMsOf(viewOf(bytes));
}

/**
 * Where each slot's value begins and ends in the record; both 0 when it has none. Kept by the
 * thread.
 */
let starts = new Uint32Array(64);
let ends = new Uint32Array(64);
/** What the thread writes answers into; it grows to the largest answer so far. */
let output = Buffer.allocUnsafeSlow(65_536);
let outputView = new DataView(output.buffer);

function reserve(length: number): void {
  if (length <= output.length) return;
  output = Buffer.allocUnsafeSlow(length * 2);
  outputView = new DataView(output.buffer);
}

function lengthOf({ envelope, texts }: RenderOptions): number {
  const own = envelope.before.byteLength + envelope.after.byteLength + 2;
  return texts === undefined ? own : texts.reduce((sum, text) => sum + (text?.length ?? 0), own);
}

function locateValues({ bytes }: LentBytes, plan: LookupPlan): void {
  const slots = plan.names.length;
  if (starts.length < slots) {
    starts = new Uint32Array(slots * 2);
    ends = new Uint32Array(slots * 2);
  }
  starts.fill(0, 0, slots);
  locateFields(viewOf(bytes), plan.sections, starts, ends);
}

/** @returns the number of bytes written */
function writeAll({ bytes }: LentBytes, plan: LookupPlan, options: RenderOptions): number {
  const into = outputView;
  const record = viewOf(bytes);
  const { names, implied, renderers } = plan;
  const { envelope, texts } = options;
  let at = copyAll(envelope.before, into, 0);
  into.setUint8(at++, openBrace);
  for (let slot = 0; slot < names.length; slot += 1) {
    at = copyAll(names[slot] as DataView, into, at);
    const start = starts[slot] as number;
    const text = texts?.[slot];
    const render = renderers[slot];
    if (text !== undefined) {
      at += output.write(text, at, 'latin1');
    } else if (start === 0) {
      at = copyAll(implied[slot] as DataView, into, at);
    } else if (render !== undefined) {
      at = writeText(render(bytes.toString('latin1', start, ends[slot])), into, at);
    } else {
      at = copyRange({ from: record, start, end: ends[slot] as number }, into, at);
    }
  }
  into.setUint8(at++, closeBrace);
  return copyAll(envelope.after, into, at);
}

const openBrace = 123;
const closeBrace = 125;

function copyAll(from: DataView, into: DataView, at: number): number {
  return copyRange({ from, start: 0, end: from.byteLength }, into, at);
}

interface ByteRange {
  readonly from: DataView;
  readonly start: number;
  readonly end: number;
}

/** @returns where the copy ends */
function copyRange({ from, start, end }: ByteRange, into: DataView, at: number): number {
  const shift = at - start;
  let place = start;
  for (; place + 4 <= end; place += 4) {
    into.setUint32(place + shift, from.getUint32(place, true), true);
  }
  for (; place < end; place += 1) into.setUint8(place + shift, from.getUint8(place));
  return end + shift;
}

function writeText(text: string, into: DataView, at: number): number {
  for (let place = 0; place < text.length; place += 1) {
    into.setUint8(at + place, text.charCodeAt(place));
  }
  return at + text.length;
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
