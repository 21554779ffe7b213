/** Bounds of `runs`, each with its arithmetic. Bounds that several rooms share are in `domain/`. */

/** Bytes of a sync process's output that are kept. A report with its rejections has 5 kB. */
export const maxSyncOutputBytes = 262_144;

/** How long a sync may take to end after SIGINT; then it is killed. A server ends within 10 s. */
export const syncStopMs = 5_000;

/** How long a killed sync may take to end. */
export const syncKillMs = 1_000;

/** Waiting runs of an organization that are searched for approved ones: one for each dataset. */
export const maxWaitingRuns = 1_000;

/**
 * The newest runs of a dataset among which the one that carries out an approved run is looked for:
 * it follows within seconds.
 */
export const newestRuns = 20;

/** Running syncs that one thread of the server may have started: each takes a core. */
export const maxStartedRuns = 2;

/**
 * How long a started process may take until its run is in the catalog. On a quiet machine it takes
 * 1 s.
 */
export const runBeginsMs = 30_000;

/**
 * Pause between two checks whether a started run is in the catalog: 20 a second at 0.2 ms each are
 * 0.4 % of a core.
 */
export const runPollMs = 50;

/** Running runs of an organization that are watched: a dataset has one, and few go on at a time. */
export const maxWatchedRuns = 100;

/**
 * How long a run may hold no lease before it counts as dead. A run that ends holds none for the few
 * milliseconds until the catalog knows; a busy disk makes seconds of that.
 */
export const silentRunMs = 10_000;

/** Previews that one thread of the server runs at the same time: each takes a core. */
export const maxPreviews = 2;

/** Exact previews take about 5 s for a million contacts; one that takes longer than this ends. */
export const maxPreviewMs = 120_000;

/**
 * Memory of JavaScript objects of a preview, in MB: 2,000 rules take 100 MB. The store is mapped,
 * and does not count.
 */
export const previewHeapMegabytes = 512;

/** How long a preview may take to end after SIGTERM; then it is killed. It writes nothing. */
export const previewStopMs = 1_000;

/** Uploaded files that one thread of the server reads at once to show what is in them. */
export const maxSamples = 2;

/** How long reading an uploaded file to show it may take: 256 MB take about 5 s. */
export const maxSampleMs = 120_000;

/** Characters of what is in a file: 2,000 columns x 100 rows x 200 are 40 MB; few files need it. */
export const maxSampleOutputBytes = 67_108_864;
