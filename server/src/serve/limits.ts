/** Bounds of the running server. Bounds that several rooms share are in `domain/limits.ts`. */

/** How often a thread polls the catalog's revision: 50 a second at 3 us are 0.02 % of a core. */
export const catalogPollMs = 20;

/** Syncs that a server runs at once. Each engine has up to 1 GB of memory and two threads. */
export const maxScheduledSyncs = 2;

/** How often the server checks which syncs are due; cron patterns can name seconds. */
export const scheduleCheckMs = 1_000;

/** How long the server leaves an approved run to the command that approved it. */
export const approvalGraceMs = 3_000;

/** How often the server looks for privacy requests whose process died: an indexed query. */
export const privacyCheckMs = 5_000;

/** Datasets that `/metrics` lists one by one, with three lines each, to bound its length. */
export const maxMeasuredDatasets = 200;

/** How long a terminated thread may take to end: it ends at its next step of JavaScript. */
export const threadEndMs = 1_000;

/**
 * How long the server says that it is not ready before it refuses connections. Load balancers that
 * ask each second notice in time.
 */
export const unreadyMs = 1_500;

/**
 * How long a server still accepts connections after the signal, if nobody watches its readiness. It
 * answers the requests that were sent before the signal. If it closed its port at once, the kernel
 * would reset their connections.
 */
export const settleMs = 200;

/**
 * A server counts as watched if somebody has asked for `/readyz` in this time. Then it reports that
 * it stops before it closes its port. Slow load balancers ask every 30 s.
 */
export const watchedMs = 60_000;

/**
 * How long a stopping server waits for requests in progress. Before it, the server says for 1.5 s
 * that it is not ready, if anybody watches; after it, it waits for the writer and 1 s for threads
 * that hang. So it ends within 10 s.
 */
export const lookupCloseMs = 5_500;

/** How long a stopping server then waits for the writer. */
export const writerCloseMs = 1_500;

/** Pause before a thread that died is restarted: if it keeps dying, at most twice a second. */
export const restartPauseMs = 500;

/** How often a server repeats the message that it waits for the process that writes the store. */
export const writerReminderMs = 60_000;

/** How often the server looks for uploaded files to remove: it reads the names of a few folders. */
export const uploadCheckMs = 5_000;

/** How often the usage of tokens is stored: a crash loses at most as much. */
export const usageStoredMs = 60_000;

/** Tokens whose usage is stored in one transaction: 100 x 0.2 ms are 20 ms. */
export const usageHoursPerWrite = 100;

/** Plans of look-ups whose fields are counted in 5 s: 10,000 x 50 bytes are 500 kB. */
export const maxCountedPlans = 10_000;

/** Look-ups of each act of a rehearsal: V8 compiles what ran some ten thousand times. */
export const rehearsedLookups = 15_000;

/** After this time, an act of a rehearsal begins no more look-ups: the server waits for it. */
export const maxActMs = 750;

/** How many contacts a rehearsal looks up, again and again. */
export const rehearsalContacts = 1_000;

/** How many fields a look-up of a rehearsal asks for, as real ones do. */
export const rehearsedFields = 24;

/** How many connections a rehearsal has at a time, and how many look-ups each of them sends. */
export const rehearsalTalks = { atATime: 16, lookups: 250 } as const;
