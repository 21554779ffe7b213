/**
 * Bounds of one room, each with its arithmetic: the running server. Bounds that several rooms share
 * are in `domain/limits.ts`.
 */

/**
 * How often a thread of the server asks for the catalog's revision: 50 times a second at 3 us each
 * are 0.02 % of a core.
 */
export const catalogPollMs = 20;

/** Syncs that a server runs at once: each has an engine of up to 1 GB and two threads. */
export const maxScheduledSyncs = 2;

/** How often the server looks what is due: cron patterns are by the second. */
export const scheduleCheckMs = 1_000;

/**
 * How long an approved run is left to whoever approved it at the command line before the server
 * carries it out.
 */
export const approvalGraceMs = 3_000;

/**
 * Datasets that the metrics tell of one by one: three lines each, and labels without a bound would
 * fill a Prometheus.
 */
export const maxMeasuredDatasets = 200;

/**
 * How long a thread may take to end once it is stopped where it is: it ends at its next step of
 * JavaScript.
 */
export const threadEndMs = 1_000;

/**
 * Load balancers that ask each second see that the server is not ready before a connection is
 * refused.
 */
export const unreadyMs = 1_500;

/**
 * 1.5 s unready, 5.5 s for what is under way, 1.5 s for the writer and 1 s for threads that hang
 * stay below the promised 10 s.
 */
export const lookupCloseMs = 5_500;
export const writerCloseMs = 1_500;

/** A thread that dies again and again is restarted no faster than twice a second. */
export const restartPauseMs = 500;

/**
 * How often a server says again that it waits for the one that holds the store: often enough to be
 * the last line that an operator sees.
 */
export const writerReminderMs = 60_000;
