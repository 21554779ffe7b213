/** The minutes, hours or days that the overview shows, also those without look-ups. */
import type { AnswerOf } from '../../api/operation-types.ts';
import type { Formats } from '../../format/formats.ts';
import type { Overview } from '../../parts/use-overview.ts';

type Minute = Overview['last_hour']['minutes'][number];
type UsageEntry = AnswerOf<'GET /admin/v1/usage'>['data'][number];

/** What was counted in a minute, an hour or a day. */
export type Counts = Omit<Minute, 'at'>;

export interface Periods {
  /** "in the last 24 hours" */
  readonly words: string;
  /** When each began: seconds since 1970. */
  readonly times: readonly number[];
  /** `undefined`: nobody called. `null`: it was not counted. */
  readonly counts: readonly (Counts | undefined | null)[];
  /** How long each is. The last one may not be over. */
  readonly seconds: readonly number[];
  readonly timeWords: (seconds: number, formats: Formats) => string;
}

export const rangeNames = ['15m', '1h', '24h', '30d'] as const;

export type RangeName = (typeof rangeNames)[number];

/** The range of the address; an hour if it names none. */
export function rangeOf(name: string | undefined): RangeName {
  return rangeNames.find((one) => one === name) ?? '1h';
}

/** Up to the last whole minute before the overview was read. */
export function minutesOf(
  { at, last_hour }: Pick<Overview, 'at' | 'last_hour'>,
  count: number,
): Periods {
  const end = Math.floor(Date.parse(at) / minuteMs) * minuteMs;
  const countedSince = Date.parse(last_hour.counted_since);
  const byStart = new Map(last_hour.minutes.map((one) => [Date.parse(one.at), one]));
  const starts = Array.from({ length: count }, (_none, place) => end - (count - place) * minuteMs);
  return {
    words: `in the last ${count} minutes`,
    times: starts.map((start) => start / 1_000),
    counts: starts.map(
      (start) => byStart.get(start) ?? (start + minuteMs <= countedSince ? null : undefined),
    ),
    seconds: starts.map(() => minuteMs / 1_000),
    timeWords: (seconds, formats) => formats.clock(timeText(seconds)),
  };
}

/** The hours or days of the usage, the current one included. */
export function periodsOf(
  entries: readonly UsageEntry[],
  { by, nowMs }: { readonly by: 'hour' | 'day'; readonly nowMs: number },
): Periods {
  const { lengthMs, count, words } = units[by];
  const last = Math.floor(nowMs / lengthMs) * lengthMs;
  const byStart = new Map(entries.map((one) => [Date.parse(one.at), one]));
  const starts = Array.from(
    { length: count },
    (_none, place) => last - (count - 1 - place) * lengthMs,
  );
  return {
    words,
    times: starts.map((start) => start / 1_000),
    counts: starts.map((start) => byStart.get(start)),
    // What a minute counts is stored once it is over.
    seconds: starts.map((start) => Math.min(lengthMs, Math.max(minuteMs, nowMs - start)) / 1_000),
    timeWords: (seconds, formats) =>
      by === 'day'
        ? formats.day(timeText(seconds).slice(0, 10))
        : formats.when(timeText(seconds), nowMs),
  };
}

/** Look-ups by status, summed over all periods. */
export function statusSums({ counts }: Periods): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const one of counts) {
    for (const [status, count] of Object.entries(one?.statuses ?? {})) {
      sums.set(status, (sums.get(status) ?? 0) + Number(count));
    }
  }
  return sums;
}

export function sumOf({ counts }: Periods, member: 'requests' | 'not_ok' | 'limited'): number {
  return counts.reduce((sum, one) => sum + (one?.[member] ?? 0), 0);
}

/** Each period's number as a rate. `null`: it was not counted. */
export function ratesOf(
  { counts, seconds }: Periods,
  numberOf: (counts: Counts) => number,
): readonly (number | null)[] {
  return counts.map((one, place) => {
    if (one === null) return null;
    return one === undefined ? 0 : numberOf(one) / (seconds[place] ?? 1);
  });
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

const minuteMs = 60_000;

const units = {
  hour: { lengthMs: 60 * minuteMs, count: 24, words: 'in the last 24 hours' },
  day: { lengthMs: 24 * 60 * minuteMs, count: 30, words: 'in the last 30 days, in UTC' },
} as const;
