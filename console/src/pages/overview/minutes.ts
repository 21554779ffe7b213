/** The minutes of the last hour, also those without look-ups. */
import type { Overview } from './use-overview.ts';

type Minute = Overview['last_hour']['minutes'][number];

export interface Minutes {
  /** When each began: seconds since 1970. */
  readonly times: readonly number[];
  /** `undefined`: nobody called. */
  readonly counts: readonly (Minute | undefined)[];
}

/** Up to the last whole minute before the overview was read. */
export function minutesOf({ at, last_hour }: Overview, count: number): Minutes {
  const end = Math.floor(Date.parse(at) / minuteMs) * minuteMs;
  const byStart = new Map(last_hour.minutes.map((one) => [Date.parse(one.at), one]));
  const starts = Array.from({ length: count }, (_none, place) => end - (count - place) * minuteMs);
  return {
    times: starts.map((start) => start / 1_000),
    counts: starts.map((start) => byStart.get(start)),
  };
}

/** Look-ups by status, summed over all minutes. */
export function statusSums({ counts }: Minutes): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const minute of counts) {
    for (const [status, count] of Object.entries(minute?.statuses ?? {})) {
      sums.set(status, (sums.get(status) ?? 0) + Number(count));
    }
  }
  return sums;
}

export function sumOf({ counts }: Minutes, member: 'requests' | 'not_ok' | 'limited'): number {
  return counts.reduce((sum, minute) => sum + (minute?.[member] ?? 0), 0);
}

const minuteMs = 60_000;
