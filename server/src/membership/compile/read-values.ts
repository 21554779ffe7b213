/**
 * Reads values from the bytes of a record: JSON in UTF-8, as records keep it. Results are written
 * into typed arrays, because a function that returns a double may have to allocate it.
 */
import { dayMs, type ZoneDays } from '../../domain/value/zone-days.ts';

const powersOf10 = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);

/** Writes a JSON number as the nearest double. */
export function readNumber(bytes: Buffer, start: number, end: number, into: NumberPlace): void {
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
    into.numbers[into.slot] = Number(bytes.toString('latin1', start, end));
    return;
  }
  const value = decimals > 0 ? whole / (powersOf10[decimals] as number) : whole;
  into.numbers[into.slot] = isNegative ? -value : value;
}

interface NumberPlace {
  readonly numbers: Float64Array;
  readonly slot: number;
}

interface DatePlace extends NumberPlace {
  /** 1: the date of this slot is a calendar day, without a time. */
  readonly isDay: Uint8Array;
}

/** Writes a JSON date as milliseconds since 1970; a day as its beginning in the zone. */
export function readDate(bytes: Buffer, start: number, into: DatePlace, zone: ZoneDays): void {
  const day = daysOf(
    digits4(bytes, start + 1),
    digits2(bytes, start + 6),
    digits2(bytes, start + 9),
  );
  const { numbers, isDay, slot } = into;
  if (bytes[start + 11] === quote) {
    numbers[slot] = zone.startOf(day);
    isDay[slot] = 1;
    return;
  }
  const hours = digits2(bytes, start + 12);
  const minutes = digits2(bytes, start + 15);
  const seconds = digits2(bytes, start + 18);
  const hasFraction = bytes[start + 20] === 46;
  const fraction = hasFraction ? digits2(bytes, start + 21) * 10 + digit(bytes, start + 23) : 0;
  numbers[slot] = day * dayMs + (hours * 3_600 + minutes * 60 + seconds) * 1_000 + fraction;
  isDay[slot] = 0;
}

const quote = 34;

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] as number) - 48;
}

function digits2(bytes: Buffer, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}

function digits4(bytes: Buffer, at: number): number {
  return digits2(bytes, at) * 100 + digits2(bytes, at + 2);
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
