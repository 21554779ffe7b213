/** Times in the format of HTTP (RFC 9110, section 5.6.7), with the recent ones cached. */

/**
 * Contacts that were written in one batch have the same time in seconds, so a few kept texts serve
 * most answers.
 */
const maxKept = 1_024;
const kept = new Map<number, string>();

export function httpDate(timeMs: number): string {
  const second = Math.floor(timeMs / 1_000);
  const known = kept.get(second);
  if (known !== undefined) return known;
  if (kept.size >= maxKept) kept.clear();
  const text = new Date(second * 1_000).toUTCString();
  kept.set(second, text);
  return text;
}
