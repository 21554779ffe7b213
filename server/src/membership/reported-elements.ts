/** The memberships that other tools reported, without those that Usher computes itself. */
import { packedStart } from '../domain/membership/membership.ts';

/** A list of packed memberships whose elements begin with an id. */
export interface ReportedList {
  /** Its place in `packedMembershipFields`. */
  readonly place: number;
  /** How many bytes of an element come before its id. */
  readonly beforeId: number;
}

/**
 * The elements of a list as latin1 text of UTF-8 bytes, without the brackets; '' if there are none.
 * @param hiddenIds elements with one of these ids are left out
 */
export function reportedElements(
  packed: Buffer | undefined,
  { place, beforeId }: ReportedList,
  hiddenIds: ReadonlySet<number>,
): string {
  if (packed === undefined) return '';
  const nextStart = packedStart(packed, place + 1);
  if (nextStart === 0) return '';
  const from = packedStart(packed, place) + 1;
  const end = nextStart - 1;
  if (hiddenIds.size === 0) return packed.toString('latin1', from, end);
  let kept = '';
  for (let at = from; at < end; ) {
    const stop = elementEnd(packed, at, end);
    if (!hiddenIds.has(idAt(packed, at + beforeId))) {
      kept += `${kept === '' ? '' : ','}${packed.toString('latin1', at, stop)}`;
    }
    at = stop + 1;
  }
  return kept;
}

/** The first element with this id, as latin1 text of UTF-8 bytes; `undefined`: there is none. */
export function reportedElement(
  packed: Buffer | undefined,
  { place, beforeId }: ReportedList,
  id: number,
): string | undefined {
  if (packed === undefined) return undefined;
  const nextStart = packedStart(packed, place + 1);
  if (nextStart === 0) return undefined;
  const end = nextStart - 1;
  for (let at = packedStart(packed, place) + 1; at < end; ) {
    const stop = elementEnd(packed, at, end);
    if (idAt(packed, at + beforeId) === id) return packed.toString('latin1', at, stop);
    at = stop + 1;
  }
  return undefined;
}

/** The number at this place; -1 if there is none. */
function idAt(bytes: Buffer, start: number): number {
  let id = -1;
  for (let at = start; ; at += 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return id;
    id = Math.max(id, 0) * 10 + digit;
  }
}

/** Where an element ends: a number, a string, or an object without further lists and objects. */
function elementEnd(bytes: Buffer, start: number, end: number): number {
  let isInObject = false;
  let at = start;
  while (at < end) {
    const code = bytes[at];
    if (code === comma && !isInObject) return at;
    if (code === quote) at = stringEnd(bytes, at);
    else if (code === openBrace) isInObject = true;
    else if (code === closeBrace) isInObject = false;
    at += 1;
  }
  return end;
}

/** The place of the closing quote. */
function stringEnd(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

const quote = 34;
const comma = 44;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
