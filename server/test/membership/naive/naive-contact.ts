/** A contact as plain values, for the naive evaluator. `null` is null. */
/// <reference lib="esnext.temporal" />
import type { TrialContact } from '../rule-trial.ts';

/** With days of 23, 23.5, 24.5 and 25 hours, and in Apia one day that never was. */
export const timeZones: readonly string[] = [
  ...['America/New_York', 'Europe/London', 'UTC', 'Australia/Lord_Howe', 'Pacific/Apia'],
];

export interface NaiveContact extends TrialContact {
  readonly nowMs: number;
  readonly timeZone: string;
  /** Values that people set; `null`: they removed the value. They are never withheld. */
  readonly amended?: Readonly<Record<string, unknown>>;
  /** What decides about slots: the contact's id, and the digest of each identity type. */
  readonly units?: Readonly<Record<string, string | undefined>>;
}

/** Types of the fields, and what a missing value means. */
export const naiveFields = {
  state: ['string', null],
  name: ['text', 'NY'],
  orders: ['integer', 0],
  visits: ['positive integer', 3],
  spend: ['currency', 0],
  rate: ['rate', null],
  vip: ['boolean', false],
  news: ['boolean', null],
  card: ['big integer', '0'],
  seen: ['date', null],
  born: ['date', '2026-03-08'],
  tags: ['set', null],
  likes: ['set', ['a', 'ä']],
} as const;

export type NaiveField = keyof typeof naiveFields;

/** The value that rules see: the implied value if there is none, null if it is withheld. */
export function fieldValue(contact: NaiveContact, name: NaiveField): unknown {
  const isAmended = contact.amended !== undefined && name in contact.amended;
  if (!isAmended && contact.withheld?.includes(name) === true) return null;
  return ownValue(contact, name) ?? naiveFields[name][1];
}

/** Whether the contact has a value of its own. */
export function hasValue(contact: NaiveContact, name: NaiveField): boolean {
  const isAmended = contact.amended !== undefined && name in contact.amended;
  if (!isAmended && contact.withheld?.includes(name) === true) return false;
  return ownValue(contact, name) !== null;
}

function ownValue({ amended = {}, values }: NaiveContact, name: NaiveField): unknown {
  return (name in amended ? amended : values)[name] ?? null;
}

/** The beginning of a day in the zone, in milliseconds. */
export function startOfDay(day: string, timeZone: string): number {
  const time = Temporal.PlainDate.from(day).toPlainDateTime('00:00');
  return time.toZonedDateTime(timeZone).epochMilliseconds;
}

/** A date of a record in milliseconds. */
export function msOf(date: unknown, timeZone: string): number | null {
  if (typeof date !== 'string') return null;
  return date.length === 10 ? startOfDay(date, timeZone) : Date.parse(date);
}

/**
 * The same local time on another day, if possible with the same offset; null outside of the years
 * 1 to 9999.
 */
export function plusDays(ms: number, days: number, timeZone: string): number | null {
  if (Math.abs(days) > 3_700_000) return null;
  const from = new Temporal.ZonedDateTime(BigInt(ms) * 1_000_000n, timeZone);
  const moved = from.toPlainDateTime().add({ days });
  if (moved.year < 1 || moved.year > 9_999) return null;
  const text = `${moved}${from.offset}[${timeZone}]`;
  return dateOrNull(Temporal.ZonedDateTime.from(text, { offset: 'prefer' }).epochMilliseconds);
}

export function dateOrNull(ms: number): number | null {
  const isDate =
    ms >= Date.parse('0001-01-01T00:00:00Z') && ms < Date.parse('+010000-01-01T00:00:00Z');
  return isDate ? ms : null;
}
