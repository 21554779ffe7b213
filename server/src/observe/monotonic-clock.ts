/** A clock that never goes back and is the same in all threads, unlike `performance.now`. */

/** Milliseconds with fractions, from an arbitrary moment. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
