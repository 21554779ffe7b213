/**
 * Bounds of one room, each with its arithmetic: the catalog. Bounds that several rooms share are in
 * `domain/limits.ts`.
 */

/**
 * A catalog writer waits at most this long for others; a change takes about 2 ms, so 5 s are
 * thousands of them.
 */
export const catalogWaitMs = 5_000;

/**
 * How long SQLite itself may block the thread for a lock: a look-up thread must not stand still;
 * the rest is waited asynchronously.
 */
export const catalogBlockingWaitMs = 5;
