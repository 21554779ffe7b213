/** A clock that never goes back and is the same in all threads, unlike `performance.now`. */
// The global of the same name is looked for at each call.
import { performance } from 'node:perf_hooks';

/** Milliseconds with fractions, from an arbitrary moment. */
export function monotonicMs(): number {
  return performance.now() + startMs;
}

/**
 * When `performance.now` began in this thread. It reads the same clock as `process.hrtime`, and
 * makes no array. The two calls may be apart by any time, but hardly ever all ten times.
 */
const startMs = Math.max(...Array.from({ length: 10 }, measureStart));

function measureStart(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000 - performance.now();
}
