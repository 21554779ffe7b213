/** Bounds of one room, each with its arithmetic: the running server. Bounds that several rooms share are in `domain/limits.ts`. */

/** How often a thread of the server asks for the catalog's revision: 50 times a second at 3 us each are 0.02 % of a core. */
export const catalogPollMs = 20;

/** Syncs that a server runs at once: each has an engine of up to 1 GB and two threads. */
export const maxScheduledSyncs = 2;

/** How often the server looks what is due: cron patterns are by the second. */
export const scheduleCheckMs = 1_000;

/** Kept of what a scheduled sync prints: a report with its rejections is some 5 kB. */
export const maxSyncOutputBytes = 262_144;

/** How long an approved run is left to whoever approved it at the command line before the server carries it out. */
export const approvalGraceMs = 3_000;

/** Datasets that the metrics tell of one by one: three lines each, and labels without a bound would fill a Prometheus. */
export const maxMeasuredDatasets = 200;
