/** Bounds of the catalog. Bounds that several rooms share are in `domain/limits.ts`. */

/**
 * A catalog writer waits at most this long for others; a change takes about 2 ms, so 5 s are
 * thousands of them.
 */
export const catalogWaitMs = 5_000;

/**
 * How long SQLite itself may block the thread for a lock; a longer block would delay look-ups. The
 * rest of the wait is asynchronous.
 */
export const catalogBlockingWaitMs = 5;
