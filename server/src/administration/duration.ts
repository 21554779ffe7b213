/** Durations and moments as people write them: `90d`, `24h`, `2026-12-31`. */

const unitsMs = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
]);

export const durationForm = 'a number with s, m, h, d or w, such as 90d or 24h';

/** Milliseconds of a duration such as `24h` or `0`; `undefined` for any other text. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const [, number, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const unitMs = unitsMs.get(unit);
  return number === undefined || unitMs === undefined ? undefined : Number(number) * unitMs;
}

/**
 * The moment that a text names: a duration from now, a date (00:00 UTC), or an RFC 3339 time.
 * @returns milliseconds since the epoch, or `undefined`
 */
export function parseMoment(text: string, nowMs: number): number | undefined {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return nowMs + durationMs;
  const form = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/i;
  const date = form.exec(text)?.[1];
  // JavaScript reads February 30 as March 2, so a date that changes is invalid.
  if (date === undefined || dayOf(Date.parse(date)) !== date) return undefined;
  const momentMs = Date.parse(text.toUpperCase());
  return Number.isNaN(momentMs) ? undefined : momentMs;
}

/** Like `parseMoment`, but a duration is one that has passed: `2h` is two hours ago. */
export function parsePastMoment(text: string, nowMs: number): number | undefined {
  const durationMs = parseDuration(text);
  return durationMs === undefined ? parseMoment(text, nowMs) : nowMs - durationMs;
}

function dayOf(momentMs: number): string | undefined {
  return Number.isNaN(momentMs) ? undefined : new Date(momentMs).toISOString().slice(0, 10);
}

/** The shortest text that `parseDuration` reads as these whole seconds. */
export function formatDuration(ms: number): string {
  const [unit = 's', unitMs = 1_000] =
    [...unitsMs].findLast(([, size]) => ms > 0 && ms % size === 0) ?? [];
  return `${Math.round(ms / unitMs)}${unit}`;
}
