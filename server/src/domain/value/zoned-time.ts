/** Converts local times to instants, with the time zones of the runtime. */

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The instant of a local time. A time that the clock skips (in spring) takes the offset before the
 * change. If a time occurs twice (in autumn), the first one counts.
 * @param localMs the local time as if it were UTC, in milliseconds since 1970
 * @param timeZone an IANA name or `Z`; an unknown one throws a RangeError
 */
export function toEpochMs(localMs: number, timeZone: string): number {
  if (timeZone === 'Z' || timeZone === 'UTC') return localMs;
  const dayMs = 86_400_000;
  const before = offsetMs(localMs - dayMs, timeZone);
  const after = offsetMs(localMs + dayMs, timeZone);
  const first = localMs - Math.max(before, after);
  if (before === after || offsetMs(first, timeZone) === Math.max(before, after)) {
    return before === after ? localMs - before : first;
  }
  const second = localMs - Math.min(before, after);
  return offsetMs(second, timeZone) === Math.min(before, after) ? second : localMs - before;
}

/** The formats count years before the year 1 up again. No clock changed in those years. */
const firstMs = Date.parse('0001-01-03T00:00:00Z');

/** How far the local time is ahead of UTC. */
export function offsetMs(instantMs: number, timeZone: string): number {
  const epochMs = Math.max(instantMs, firstMs);
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(epochMs)
      .map((part) => [part.type, part.value]),
  );
  const number = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name) ?? 0);
  const local = new Date(0);
  local.setUTCFullYear(number('year'), number('month') - 1, number('day'));
  local.setUTCHours(number('hour'), number('minute'), number('second'));
  return local.getTime() - Math.floor(epochMs / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    ...({ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  });
  formats.set(timeZone, made);
  return made;
}
