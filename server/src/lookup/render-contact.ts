/**
 * Writes the values of a plan from a record into JSON. Records hold JSON values, so nothing is
 * parsed: names and values are copied into one buffer per thread, which becomes text once. They are
 * copied four bytes at a time, because `set` or `copy` calls cost more for short values.
 */
import { revisionMsOf } from '../stores/read-record.ts';
import type { LentBytes } from '../stores/store.ts';
import type { EntityTag } from './entity-tag.ts';
import { located, viewOf } from './locate-values.ts';
import { type LookupPlan, utf8View } from './lookup-plan.ts';

/** The text around a contact's JSON object, in UTF-8. */
export interface Envelope {
  readonly before: DataView;
  readonly after: DataView;
}

export function makeEnvelope(before: string, after: string): Envelope {
  return { before: utf8View(before), after: utf8View(after) };
}

export interface RenderOptions {
  readonly envelope: Envelope;
  /** Values by slot that replace the record's, as latin1 text of UTF-8 bytes. */
  readonly texts: readonly (string | undefined)[] | undefined;
  /** How to tag the answer; untagged when missing. */
  readonly entityTag?: EntityTag | undefined;
}

export interface RenderedContact {
  /** The contact's JSON object in its envelope, as latin1 text of UTF-8 bytes. */
  readonly json: string;
  /** The tag of those bytes; '' when not asked for. */
  readonly tag: string;
}

/**
 * Renders the contact and its tag. Call `locateValues` first, with the same record and plan. The
 * buffer that is written into never leaves this file.
 */
export function renderContact(
  record: LentBytes,
  plan: LookupPlan,
  options: RenderOptions,
): RenderedContact {
  reserve(record.length + plan.maxOwnBytes + lengthOf(options));
  const bytes = output.subarray(0, writeAll(record, plan, options));
  const { entityTag } = options;
  return {
    json: bytes.toString('latin1'),
    tag: entityTag === undefined ? '' : entityTag(bytes),
  };
}

/** The time in a record's revision, a hybrid logical clock: 48-bit milliseconds, 16-bit counter. */
export function readRevisionMs({ bytes }: LentBytes): number {
  return revisionMsOf(viewOf(bytes));
}

/** The thread's buffer for answers; it grows to the largest one. */
let output = Buffer.allocUnsafeSlow(65_536);
let outputView = new DataView(output.buffer);

function reserve(length: number): void {
  if (length <= output.length) return;
  output = Buffer.allocUnsafeSlow(length * 2);
  outputView = new DataView(output.buffer);
}

function lengthOf({ envelope, texts }: RenderOptions): number {
  let length = envelope.before.byteLength + envelope.after.byteLength + 2;
  if (texts === undefined) return length;
  for (let slot = 0; slot < texts.length; slot += 1) length += texts[slot]?.length ?? 0;
  return length;
}

/** @returns the number of written bytes */
function writeAll({ bytes }: LentBytes, plan: LookupPlan, options: RenderOptions): number {
  const into = outputView;
  const record = viewOf(bytes);
  const { names, implied, renderers } = plan;
  const { envelope, texts } = options;
  const { starts, ends } = located;
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

/** @returns the end offset of the copy */
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
