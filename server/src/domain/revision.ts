/**
 * Revisions: a hybrid logical clock of 64 bits, 48 of milliseconds since the epoch and 16 of a
 * counter. Each write gets a higher one than the last, whatever the wall clock does. Callers see it
 * as opaque text.
 */

/** The next revision after `last`: of this moment if the clock went on, else just after `last`. */
export function nextRevision(last: bigint, nowMs: number): bigint {
  const now = BigInt(Math.trunc(nowMs)) << 16n;
  return now > last ? now : last + 1n;
}

/** Milliseconds since the epoch. */
export function revisionMs(revision: bigint): number {
  return Number(revision >> 16n);
}

/** 16 lower-case hexadecimal digits, so that later is greater as text too. */
export function formatRevision(revision: bigint): string {
  return revision.toString(16).padStart(16, '0');
}

/** The revision that `formatRevision` wrote, or `undefined` for another text. */
export function parseRevision(text: string): bigint | undefined {
  return /^[0-9a-f]{16}$/.test(text) ? BigInt(`0x${text}`) : undefined;
}
