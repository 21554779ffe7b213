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

/** How long a plan that waits for approval is kept. It expires earlier. */
export const keptPlanMs = 30 * 86_400_000;

/** Plans of an organization that are kept: 1,000 of about 1 kB. */
export const maxPlansPerOrganization = 1_000;

/**
 * Entries of the audit log are in the order of their times, unless a clock was set back. So a
 * search with times reads one day more on each side.
 */
export const auditClockSlackMs = 86_400_000;

/** How long the usage of tokens is kept: 30 days. */
export const keptUsageHours = 30 * 24;

/** How long counts of looks are kept: 30 days of any time zone. A day has 24 small rows. */
export const keptAccessHours = 31 * 24;

/**
 * Rows of usage: one for each hour in which a token was used. 30,000 rows of about 1.5 kB are 45 MB
 * (at most 8 kB each, 240 MB): 41 tokens that are used in every hour of 30 days. If there are more,
 * the oldest hours go.
 */
export const maxUsageRows = 30_000;
