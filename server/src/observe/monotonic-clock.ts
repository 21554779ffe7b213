/**
 * A clock that never goes back and that all threads of the process share (each has a
 * `performance.now` of its own).
 */

/** Milliseconds, with fractions, since some moment in the past. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
