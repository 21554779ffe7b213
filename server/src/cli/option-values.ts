/** Values of options that several commands take: times that have passed, and lengths of lists. */
import { parsePastMoment } from '../administration/duration.ts';
import { UsageError } from './exit-code.ts';

/** How a time that has passed is written, for help and errors. */
export const pastMomentForm = '2h (ago), 2026-12-31 (00:00 UTC) or an RFC 3339 time';

/**
 * Reads a time that has passed.
 * @returns milliseconds since the epoch
 * @throws UsageError that names the flag
 */
export function readPastMoment(flag: string, text: string, nowMs: number): number {
  const momentMs = parsePastMoment(text, nowMs);
  if (momentMs !== undefined && momentMs >= 0) return momentMs;
  throw new UsageError(`${flag} must be ${pastMomentForm}.`);
}

/** @throws UsageError if `--limit` is not a whole number from 1 to `max` */
export function requireListLimit(limit: number, max: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return;
  throw new UsageError(`--limit must be a whole number from 1 to ${max}.`);
}
