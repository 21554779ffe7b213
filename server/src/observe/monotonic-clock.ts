/**
 * A clock that never goes back and that all threads of the process share. (`performance.now`
 * differs between threads.)
 */

/** Milliseconds with fractions, from an arbitrary moment. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
