/**
 * Reads values from the bytes of a record: JSON in UTF-8, as records keep it. Results are written
 * into typed arrays, because a function that returns a double may have to allocate it.
 */
import { dayMs, type ZoneDays } from '../../domain/value/zone-days.ts';

const powersOf10 = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);

/** Where values are read from, and where results go. */
export interface ValueMemory {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly numbers: Float64Array;
  /** 1: the date in the register is a calendar day, without a time. */
  readonly isDay: Uint8Array;
}

/** Writes the JSON number at a place as the nearest double. */
export function readNumber(memory: ValueMemory, place: number, slot: number): void {
  const { bytes, starts, ends, numbers } = memory;
  const start = starts[place] as number;
  const end = ends[place] as number;
  let at = start;
  const isNegative = bytes[at] === 45;
  if (isNegative) at += 1;
  let digits = 0;
  let whole = 0;
  let decimals = -1;
  for (; at < end; at += 1) {
    const code = bytes[at] as number;
    if (code >= 48 && code <= 57) {
      whole = whole * 10 + (code - 48);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (code === 46 && decimals < 0) {
      decimals = 0;
    } else {
      digits = 99;
      break;
    }
  }
  // Up to 15 digits are exact, and so is the power: one division rounds once.
  if (digits > 15 || digits === 0) {
    numbers[slot] = Number(bytes.toString('latin1', start, end));
    return;
  }
  const value = decimals > 0 ? whole / (powersOf10[decimals] as number) : whole;
  numbers[slot] = isNegative ? -value : value;
}

/** Writes a JSON date, which begins at an offset of these bytes, to a register of the memory. */
export type ReadDate = (memory: ValueMemory, bytes: Buffer, start: number) => void;

/** A date becomes milliseconds since 1970, and a day its beginning in the zone. */
export function dateReader(slot: number, zone: ZoneDays): ReadDate {
  return ({ numbers, isDay }, bytes, start) => {
    const year = digits2(bytes, start + 1) * 100 + digits2(bytes, start + 3);
    const day = daysOf(year, digits2(bytes, start + 6), digits2(bytes, start + 9));
    if (bytes[start + 11] === quote) {
      zone.writeStartOf(day, numbers, slot);
      isDay[slot] = 1;
      return;
    }
    const minutes = digits2(bytes, start + 12) * 60 + digits2(bytes, start + 15);
    const seconds = minutes * 60 + digits2(bytes, start + 18);
    const hasFraction = bytes[start + 20] === 46;
    const fraction = hasFraction ? digits2(bytes, start + 21) * 10 + digit(bytes, start + 23) : 0;
    numbers[slot] = day * dayMs + seconds * 1_000 + fraction;
    isDay[slot] = 0;
  };
}

const quote = 34;

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] as number) - 48;
}

function digits2(bytes: Buffer, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}

/** Days since 1970 of a date of the Gregorian calendar. */
function daysOf(year: number, month: number, day: number): number {
  // Counted from 1 March, so that a leap day is the last one of its year.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

/** The text of a JSON string. Allocates it. */
export function readText(bytes: Buffer, start: number, end: number): string {
  const backslash = bytes.indexOf(92, start);
  if (backslash === -1 || backslash >= end) return bytes.toString('utf8', start + 1, end - 1);
  return JSON.parse(bytes.toString('utf8', start, end)) as string;
}

/** Whether the bytes from `start` on are `wanted`. */
export function isBytes(bytes: Buffer, start: number, wanted: Uint8Array): boolean {
  for (let place = 0; place < wanted.length; place += 1) {
    if (bytes[start + place] !== wanted[place]) return false;
  }
  return true;
}

/**
 * The number of elements of a JSON list of strings; with `wanted`, a JSON string, the place of that
 * element, or -1.
 */
export function scanSet(
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  wanted?: Uint8Array,
): number {
  let count = 0;
  let at = start + 1;
  while (at < end && bytes[at] === quote) {
    const from = at;
    at += 1;
    while (at < end && bytes[at] !== quote) at += bytes[at] === 92 ? 2 : 1;
    at += 1;
    if (wanted !== undefined && at - from === wanted.length && isBytes(bytes, from, wanted)) {
      return count;
    }
    count += 1;
    // A comma, or the end of the list.
    at += 1;
  }
  return wanted === undefined ? count : -1;
}
