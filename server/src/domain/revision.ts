/**
 * Revisions: a hybrid logical clock of 64 bits, 48 for milliseconds since 1970 and 16 for a
 * counter. Each write gets a higher revision than the last, even if the clock goes back.
 */

/** The revision of this moment, or `last + 1` if the clock has not moved on. */
export function nextRevision(last: bigint, nowMs: number): bigint {
  const now = BigInt(Math.trunc(nowMs)) << 16n;
  return now > last ? now : last + 1n;
}

/** 16 lower-case hexadecimal digits. As text they sort like the revisions. */
export function formatRevision(revision: bigint): string {
  return revision.toString(16).padStart(16, '0');
}

/** Reads what `formatRevision` wrote; `undefined` for any other text. */
export function parseRevision(text: string): bigint | undefined {
  return /^[0-9a-f]{16}$/.test(text) ? BigInt(`0x${text}`) : undefined;
}
