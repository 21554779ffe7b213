/** Numbers, money and times as the organization writes them. */
import type { Session } from '../session/session-shape.ts';
import { ageWords } from './ages.ts';

export interface Formats {
  /** 18,148 */
  count(value: number): string;
  /** 1.41M; for overviews alone. */
  compact(value: number): string;
  /** With at most this many decimals. */
  decimal(value: number, decimals: number): string;
  /** How long something took: 0.4 s, 10.0 s, 62 min. */
  took(ms: number): string;
  /** Of a fraction: 67.0%. */
  percent(fraction: number, decimals?: number): string;
  /** 46 MB; below 10 MB with one decimal. */
  megabytes(bytes: number): string;
  /** A rate such as 0.035 as 3.5%. */
  rate(value: number): string;
  /** With both decimals: $5,855.34. */
  money(value: number, currency: string): string;
  /** "Today 10:00", "Tue 10:00" within a week, "2 Jul" within a year, "12 Jan 2026" beyond. */
  when(time: string, nowMs: number): string;
  /** The same inside of a sentence: "today 10:00". */
  whenInText(time: string, nowMs: number): string;
  /** The same with seconds today and in the last week, for logs. */
  moment(time: string, nowMs: number): string;
  /** The time of day alone: 14:28. */
  clock(time: string): string;
  /** With seconds: 14:31:07. */
  clockSeconds(time: string): string;
  /** The time to the second, with its zone. */
  exact(time: string): string;
  /** A calendar day without a time, such as 2026-01-12: "12 Jan 2026". */
  day(date: string): string;
  /** The day and the time of now, for the head of a page: "Wed 15 Jul, 14:32 PDT". */
  now(nowMs: number): string;
}

type Organization = Session['organization'];

const dayMs = 86_400_000;

export function formatsOf({ locale, time_zone }: Organization): Formats {
  const language = knownLocale(locale);
  const timeZone = time_zone === 'Z' ? 'UTC' : time_zone;
  const times = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { timeZone, ...options });
    return (ms: number) => format.format(ms);
  };
  const clock = times({ timeStyle: 'short' });
  const clockSeconds = times({ timeStyle: 'medium' });
  const exact = times({ dateStyle: 'full', timeStyle: 'long' });
  const weekday = times({ weekday: 'short' });
  const shortDay = times({ day: 'numeric', month: 'short' });
  const longDay = times({ day: 'numeric', month: 'short', year: 'numeric' });
  const zone = times({ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' });
  const whenBy = (clockOf: (ms: number) => string) => (time: string, nowMs: number) => {
    const ms = Date.parse(time);
    if (longDay(ms) === longDay(nowMs)) return `Today ${clockOf(ms)}`;
    const distance = Math.abs(nowMs - ms);
    if (distance < 6 * dayMs) return `${weekday(ms)} ${clockOf(ms)}`;
    return distance < 360 * dayMs ? shortDay(ms) : longDay(ms);
  };
  const when = whenBy(clock);
  return {
    ...numbersOf(language),
    when,
    whenInText: (time, nowMs) => when(time, nowMs).replace(/^Today/, 'today'),
    moment: whenBy(clockSeconds),
    clock: (time) => clock(Date.parse(time)),
    clockSeconds: (time) => clockSeconds(Date.parse(time)),
    exact: (time) => exact(Date.parse(time)),
    day: dayFormat(language),
    now: (ms) => `${weekday(ms)} ${shortDay(ms)}, ${zone(ms)}`,
  };
}

function numbersOf(language: string) {
  const plain = new Intl.NumberFormat(language);
  const tenths = new Intl.NumberFormat(language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const compact = new Intl.NumberFormat(language, {
    notation: 'compact',
    maximumSignificantDigits: 3,
  });
  return {
    count: (value: number) => plain.format(value),
    compact: (value: number) => (value < 100_000 ? plain : compact).format(value),
    decimal: (value: number, decimals: number) =>
      value.toLocaleString(language, { maximumFractionDigits: decimals }),
    took: (ms: number) => (ms < 60_000 ? `${tenths.format(ms / 1_000)}\u00a0s` : ageWords(ms)),
    megabytes: (bytes: number) => {
      const size = bytes / 1_000_000;
      const options = { style: 'unit', unit: 'megabyte', maximumFractionDigits: size < 10 ? 1 : 0 };
      return size.toLocaleString(language, options as Intl.NumberFormatOptions);
    },
    percent: (fraction: number, decimals = 1) =>
      fraction.toLocaleString(language, { style: 'percent', minimumFractionDigits: decimals }),
    rate: (value: number) =>
      value.toLocaleString(language, { style: 'percent', maximumFractionDigits: 4 }),
    money: (value: number, currency: string) =>
      value.toLocaleString(language, {
        style: 'currency',
        currency,
        currencyDisplay: 'narrowSymbol',
      }),
  };
}

/** A day has no zone, so it must not move by one. */
function dayFormat(language: string): Formats['day'] {
  const options = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  const format = new Intl.DateTimeFormat(language, options);
  return (date) => {
    const ms = Date.parse(date);
    return Number.isNaN(ms) ? date : format.format(ms);
  };
}

/** A locale that the browser cannot read would fail each page. */
function knownLocale(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en-GB';
  } catch {
    return 'en-GB';
  }
}
