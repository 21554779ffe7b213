/** Bounds of `runs`, each with its arithmetic. Bounds that several rooms share are in `domain/`. */

/** Bytes kept of a sync process's output. A report with its rejections has 5 kB. */
export const maxSyncOutputBytes = 262_144;

/** How long a stopped sync may take before it is killed. The server itself ends within 10 s. */
export const syncStopMs = 5_000;
export const syncKillMs = 1_000;

/** Waiting runs of an organization that are searched for approved ones: one for each dataset. */
export const maxWaitingRuns = 1_000;

/** Syncs that one thread of the server has started and that still run: each takes a core. */
export const maxStartedRuns = 2;

/** How long a started process may take until its run is in the catalog: 1 s on a quiet machine. */
export const runBeginsMs = 30_000;

/** Pause between two looks for that run: 20 a second at 0.2 ms each are 0.4 % of a core. */
export const runPollMs = 50;
