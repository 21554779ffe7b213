/**
 * Lengths of time in one unit, up to twice its size: 62 min, 28 h, 3 d, 60 y. No line ends between
 * a number and its unit.
 */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365.25 * day;

export function ageWords(ms: number): string {
  if (ms < 2 * minute) return `${Math.max(0, Math.floor(ms / second))}\u00a0s`;
  if (ms < 2 * hour) return `${Math.floor(ms / minute)}\u00a0min`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)}\u00a0h`;
  if (ms < 2 * year) return `${Math.floor(ms / day)}\u00a0d`;
  return `${Math.floor(ms / year)}\u00a0y`;
}

/** How long ago a day was: "today", "1 day ago", "60 years ago", "in 12 days". */
export function dayDistance(ms: number): string {
  const days = Math.floor(Math.abs(ms) / day);
  if (days === 0) return ms >= 0 ? 'today' : ageWords(-ms);
  const years = Math.floor(Math.abs(ms) / year);
  const words = years >= 2 ? `${years} years` : days === 1 ? '1 day' : `${days} days`;
  return ms > 0 ? `${words} ago` : `in ${words}`;
}
