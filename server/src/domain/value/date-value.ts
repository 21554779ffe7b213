/**
 * Parses dates into raw JSON: `"2026-11-23"` without a time, else RFC 3339 in UTC. A column
 * declares which number is the month; a single value never decides it. Reasons never repeat the
 * value.
 */
import type { ParsedValue } from './number-value.ts';
import { toEpochMs } from './zoned-time.ts';

export const dateOrders = [
  ...(['month-first', 'day-first'] as const),
  ...(['epoch-seconds', 'epoch-milliseconds'] as const),
];
export type DateOrder = (typeof dateOrders)[number];

export interface DateOptions {
  /** How `4/8/1966` is read, or the unit of plain numbers. By default, both are refused. */
  readonly dateOrder?: DateOrder;
  /** The time zone of times without an offset: an IANA name, or `Z`. */
  readonly timeZone: string;
}

interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const yearFirst = /^([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[T\s](.+))?$/s;
const compact = /^([0-9]{4})([0-9]{2})([0-9]{2})$/;
const yearLast = /^([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{1,4})(?:[T\s,](.+))?$/s;
const dayName = /^([0-9]{1,2})[\s-]([A-Za-z]{3,9})\.?[\s-]([0-9]{1,4})(?:\s+(.+))?$/s;
const nameDay = /^([A-Za-z]{3,9})\.?\s([0-9]{1,2}),?\s([0-9]{1,4})(?:,?\s(.+))?$/s;
/** From C and old servers: `Nov  6 08:49:37 1994`. */
const yearBehind = /^([A-Za-z]{3})\s{1,2}([0-9]{1,2})\s([0-9:]{7,8})\s([0-9]{4})$/;
/** The weekday before a date, in mail and HTTP (RFC 2822). */
const weekday = /^(mon|tue|wed|thu|fri|sat|sun)([a-z]{0,6})(?:,\s?|\s)/i;
/** A comment after an offset: `(Central European Time)`. */
const zoneComment = /\([^()]{1,60}\)$/;
const clock =
  /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?(?:\s*([AaPp])(?:\.?[Mm]\.?)?)?\s*(Z|z|UTC?|(?:GMT|UTC)?[+-][0-9]{2}(?::?[0-9]{2})?|GMT|[ECMP][SD]T)?$/;

/** Zone names of RFC 2822 besides UTC, in hours. */
const zoneHours: ReadonlyMap<string, number> = new Map(
  Object.entries({ EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 }),
);

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const months = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

const notDate = { reason: 'is not a date' } as const;
const shortYear = { reason: 'has a year of fewer than four digits' } as const;
const otherWeekday = { reason: 'names another day of the week than its date has' } as const;
const noMonth = { reason: 'has a month that is not 1 to 12' } as const;
const notCalendar = { reason: 'is a day that its month does not have' } as const;

/** @param text trimmed */
export function parseDateValue(text: string, options: DateOptions): ParsedValue {
  if (options.dateOrder === 'epoch-seconds') return parseEpoch(text, 1_000);
  if (options.dateOrder === 'epoch-milliseconds') return parseEpoch(text, 1);
  const named = weekday.exec(text);
  const bare = named === null ? text : text.slice(named[0].length);
  const split = splitDate(bare, options.dateOrder);
  if ('reason' in split) return split;
  if (split.day.month < 1 || split.day.month > 12) return noMonth;
  if (!isCalendarDay(split.day)) return notCalendar;
  if (named !== null && !isWeekday(split.day, `${named[1]}${named[2]}`)) return otherWeekday;
  if (split.time === undefined) return { json: `"${isoDay(split.day)}"` };
  return withTime(split.day, split.time, options.timeZone);
}

type SplitDate = { day: CalendarDay; time: string | undefined } | { reason: string };

function splitDate(text: string, order: DateOrder | undefined): SplitDate {
  const iso = yearFirst.exec(text);
  if (iso !== null) return { day: dayOf(iso[1], iso[3], iso[4]), time: iso[5] };
  const short = compact.exec(text);
  if (short !== null) return { day: dayOf(short[1], short[2], short[3]), time: undefined };
  const named = dayName.exec(text);
  if (named !== null) return namedDay(named[3], named[2], named[1], named[4]);
  const first = nameDay.exec(text);
  if (first !== null) return namedDay(first[3], first[1], first[2], first[4]);
  const behind = yearBehind.exec(text);
  if (behind !== null) return namedDay(behind[4], behind[1], behind[2], behind[3]);
  const last = yearLast.exec(text);
  if (last === null) return notDate;
  if (last[4]?.length !== 4) return shortYear;
  if (order === undefined) {
    return { reason: 'does not say which number is the month; declare month-first or day-first' };
  }
  const [month, day] = order === 'month-first' ? [last[1], last[3]] : [last[3], last[1]];
  return { day: dayOf(last[4], month, day), time: last[5] };
}

function namedDay(year?: string, name?: string, day?: string, time?: string): SplitDate {
  const lowered = name?.toLowerCase() ?? '';
  const month = months.findIndex(
    (known) =>
      known === lowered ||
      known.slice(0, 3) === lowered ||
      (lowered === 'sept' && known === 'september'),
  );
  if (month === -1) return notDate;
  if (year?.length !== 4) return shortYear;
  return { day: dayOf(year, String(month + 1), day), time };
}

function withTime(day: CalendarDay, time: string, timeZone: string): ParsedValue {
  const match = clock.exec(time.trim().replace(zoneComment, '').trimEnd());
  if (match === null) return { reason: 'has an invalid time of day' };
  const hour = hourOf(Number(match[1]), match[5]);
  const minute = Number(match[2]);
  const second = Number(match[3] ?? 0);
  if (hour === undefined || minute > 59 || second > 59) {
    return { reason: 'has an invalid time of day' };
  }
  const milliseconds = Number((match[4] ?? '').padEnd(3, '0').slice(0, 3));
  const wallMs = Date.UTC(2000, 0, 1, hour, minute, second, milliseconds) - Date.UTC(2000, 0, 1);
  const offset = offsetMinutes(match[6]);
  if (offset === null) return { reason: 'has an invalid offset' };
  const localMs = dayStartMs(day) + wallMs;
  const epochMs = offset === undefined ? toEpochMs(localMs, timeZone) : localMs - offset * 60_000;
  return isoTime(epochMs);
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour <= 23 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** `undefined` if no offset is written, `null` if the offset is not valid. */
function offsetMinutes(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const named = zoneHours.get(text);
  if (named !== undefined) return named * 60;
  const match = /([+-])([0-9]{2}):?([0-9]{2})?$/.exec(text);
  if (match === null) return 0;
  const hours = Number(match[2]);
  const minutes = Number(match[3] ?? 0);
  if (hours > 23 || minutes > 59) return null;
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function parseEpoch(text: string, unitMs: number): ParsedValue {
  if (!/^-?[0-9]{1,14}(?:\.[0-9]{1,9})?$/.test(text)) {
    return { reason: `is not a number of ${unitMs === 1 ? 'milli' : ''}seconds since 1970` };
  }
  return isoTime(Math.floor(Number(text) * unitMs));
}

function isoTime(epochMs: number): ParsedValue {
  const time = new Date(epochMs);
  const year = Number.isNaN(time.getTime()) ? -1 : time.getUTCFullYear();
  if (year < 1 || year > 9999) return { reason: 'is outside the years 1 to 9999' };
  return { json: `"${time.toISOString().replace('.000Z', 'Z')}"` };
}

function isCalendarDay({ year, month, day }: CalendarDay): boolean {
  if (year < 1 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const length = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= length;
}

function isWeekday(day: CalendarDay, name: string): boolean {
  const lowered = name.toLowerCase();
  const known = weekdays[new Date(dayStartMs(day)).getUTCDay()] ?? '';
  return known.startsWith(lowered);
}

function dayStartMs(day: CalendarDay): number {
  return Date.parse(`${isoDay(day)}T00:00:00Z`);
}

function dayOf(year?: string, month?: string, day?: string): CalendarDay {
  return { year: Number(year), month: Number(month), day: Number(day) };
}

function isoDay({ year, month, day }: CalendarDay): string {
  return `${String(year).padStart(4, '0')}-${pad2(month)}-${pad2(day)}`;
}

function pad2(number: number): string {
  return String(number).padStart(2, '0');
}
