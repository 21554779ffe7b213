/**
 * Writes the values of a plan from a record into JSON. Records hold JSON values, so nothing is
 * parsed: names and values are copied into one buffer per thread. They are
 * copied four bytes at a time, because `set` or `copy` calls cost more for short values.
 */
import type { MembershipList } from '../membership/membership-list.ts';
import { revisionMsOf } from '../stores/read-record.ts';
import type { LentBytes } from '../stores/store.ts';
import { AnswerArena, type ArenaPlace } from './answer-arena.ts';
import { type EntityTag, type EntityTagger, untagged } from './entity-tag.ts';
import { located, viewOf } from './locate-values.ts';
import { type LookupPlan, utf8View } from './lookup-plan.ts';
import type { ValueTexts } from './value-texts.ts';

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
  /** Values by slot that replace the record's. */
  readonly texts: ValueTexts;
  /** How to tag the answer; untagged when missing. */
  readonly entityTag?: EntityTagger | undefined;
}

export interface RenderedContact<Body = string> {
  /** The contact's JSON object in its envelope. As text, it is latin1 text of UTF-8 bytes. */
  readonly json: Body;
  /** The tag of those bytes; `untagged` when not asked for. */
  readonly tag: EntityTag;
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
  const start = scratch.reserve(maxLength(record, plan, options));
  const end = writeAll(record, plan, options, scratch, start);
  const bytes = scratch.block.subarray(start, end);
  return { json: bytes.toString('latin1'), tag: options.entityTag?.(bytes) ?? untagged };
}

/** Like `renderContact`, but into the arena, after `room` free bytes. */
export function placeContact(
  record: LentBytes,
  plan: LookupPlan,
  options: RenderOptions & { readonly arena: AnswerArena; readonly room: number },
): RenderedContact<ArenaPlace> {
  const { arena, room, entityTag } = options;
  const start = arena.reserve(room + maxLength(record, plan, options)) + room;
  const end = writeAll(record, plan, options, arena, start);
  arena.take(end);
  const { block, view } = arena;
  const tag = entityTag?.(block.subarray(start, end)) ?? untagged;
  return { json: { block, view, start, end }, tag };
}

/** The time in a record's revision, a hybrid logical clock: 48-bit milliseconds, 16-bit counter. */
export function readRevisionMs({ bytes }: LentBytes): number {
  return revisionMsOf(viewOf(bytes));
}

/** For answers that become text at once. */
const scratch = new AnswerArena();

function maxLength(record: LentBytes, plan: LookupPlan, { envelope, texts }: RenderOptions) {
  let length = envelope.before.byteLength + envelope.after.byteLength + 2;
  length += record.length + plan.maxOwnBytes;
  if (texts === undefined) return length;
  for (let slot = 0; slot < texts.length; slot += 1) {
    const text = texts[slot];
    if (text !== undefined) length += typeof text === 'string' ? text.length : text.byteLength;
  }
  return length;
}

/** @returns the end offset */
function writeAll(
  { bytes }: LentBytes,
  plan: LookupPlan,
  options: RenderOptions,
  arena: AnswerArena,
  from: number,
): number {
  const into = arena.view;
  const record = viewOf(bytes);
  const { names, implied, renderers } = plan;
  const { envelope, texts } = options;
  const { starts, ends } = located;
  let at = copyAll(envelope.before, into, from);
  into.setUint8(at++, openBrace);
  for (let slot = 0; slot < names.length; slot += 1) {
    at = copyAll(names[slot] as DataView, into, at);
    const start = starts[slot] as number;
    const text = texts?.[slot];
    const renderer = renderers[slot];
    if (text !== undefined) {
      at =
        typeof text === 'string'
          ? at + arena.block.write(text, at, 'latin1')
          : writeList(text, arena, at);
    } else if (start === 0) {
      at = copyAll(implied[slot] as DataView, into, at);
    } else if (renderer === undefined) {
      at = copyRange(record, start, ends[slot] as number, into, at);
    } else {
      const raw = { from: record, start, end: ends[slot] as number };
      const end = renderer.write(raw, into, at);
      at =
        end < 0
          ? writeText(renderer.render(bytes.toString('latin1', start, raw.end)), into, at)
          : end;
    }
  }
  into.setUint8(at++, closeBrace);
  return copyAll(envelope.after, into, at);
}

/** @returns the end offset */
function writeList(list: MembershipList, { block, view }: AnswerArena, from: number): number {
  const { elements, places, count, reported } = list;
  const { bytes, starts } = elements;
  let at = from;
  for (let index = 0; index < count; ) {
    const first = places[index] as number;
    let next = first + 1;
    index += 1;
    // Neighbours are copied together.
    for (; index < count && places[index] === next; index += 1) next += 1;
    at = copyRange(bytes, starts[first] as number, starts[next] as number, view, at);
  }
  if (reported !== '') {
    view.setUint8(at++, comma);
    at += block.write(reported, at, 'latin1');
  }
  // Each element comes after a comma: there is one in the place of the bracket.
  view.setUint8(from, openBracket);
  view.setUint8(at++, closeBracket);
  return at;
}

const comma = 44;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** @returns the end offset of the copy */
export function copyAll(from: DataView, into: DataView, at: number): number {
  return copyRange(from, 0, from.byteLength, into, at);
}

/**
 * With numbers instead of a range: an object for each value would be garbage.
 * @returns the end offset of the copy
 */
function copyRange(from: DataView, start: number, end: number, into: DataView, at: number): number {
  const shift = at - start;
  const last = end - 4;
  if (last < start) {
    for (let place = start; place < end; place += 1) {
      into.setUint8(place + shift, from.getUint8(place));
    }
    return end + shift;
  }
  for (let place = start; place < last; place += 4) {
    into.setInt32(place + shift, from.getInt32(place, true), true);
  }
  // Up to three of the last four bytes are copied twice, which costs less than one by one.
  into.setInt32(last + shift, from.getInt32(last, true), true);
  return end + shift;
}

/**
 * @param text latin1
 * @returns the end offset
 */
export function writeText(text: string, into: DataView, at: number): number {
  for (let place = 0; place < text.length; place += 1) {
    into.setUint8(at + place, text.charCodeAt(place));
  }
  return at + text.length;
}
