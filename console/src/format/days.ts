/** Days of the organization's time zone as moments. */

const dayMs = 86_400_000;

/** Whether a text of the address is a calendar day, such as 2026-07-15. */
export function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/**
 * The moment when a day begins in a zone, as the API takes it.
 * @param days later than the day: 1 is the end of it
 */
export function dayStart(day: string, timeZone: string, days = 0): string {
  const utcMs = Date.parse(day) + days * dayMs;
  // The offset may change between the two moments, on a day when clocks are set.
  const nearMs = utcMs - offsetMs(utcMs, timeZone);
  return new Date(utcMs - offsetMs(nearMs, timeZone)).toISOString();
}

/** How far the zone's clocks are ahead of UTC. */
function offsetMs(ms: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: timeZone === 'Z' ? 'UTC' : timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = Object.fromEntries(
    format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - ms;
}
