/** Lengths of time in one unit, up to twice its size: 62 min, 28 h, 3 d. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export function ageWords(ms: number): string {
  if (ms < 2 * minute) return `${Math.max(0, Math.floor(ms / second))} s`;
  if (ms < 2 * hour) return `${Math.floor(ms / minute)} min`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

/** How long something took: 0.4 s, 10.0 s, 62 min. */
export function tookWords(ms: number): string {
  if (ms < minute) return `${(ms / second).toFixed(1)} s`;
  return ageWords(ms);
}
