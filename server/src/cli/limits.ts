/** Bounds of the command line, each with its arithmetic. Shared ones are in `domain/limits.ts`. */

/**
 * How long a command waits at the end of a run, so that all threads of a server know the fields
 * that the run created: the threads poll the catalog every 20 ms.
 */
export const catalogVisibleMs = 60;

/** Bytes of a catalog file: 2,000 fields of 500 bytes are 1 MB. */
export const maxCatalogFileBytes = 4_194_304;

/** Levels of nesting in a catalog file: a valid one needs 6. */
export const maxCatalogFileDepth = 20;

/** Values to which the aliases of a catalog file may expand: a few lines could become millions. */
export const maxCatalogFileAliases = 1_000;

/** Rows of a source that `usher dataset validate` shows as contacts without `--rows`. */
export const validatedRows = 20;

/** The most rows for `--rows`: nobody reads more. `usher sync run --dry-run` counts all rows. */
export const maxValidatedRows = 1_000;

/** The most joins for `--limit`: their lines are 200 kB. */
export const maxListedJoins = 1_000;

/** The most looks for `--limit` of `usher access list`: their lines are 2 MB. */
export const maxListedLooks = 10_000;

/** The most requests for `--limit` of `usher privacy list`: their lines are 200 kB. */
export const maxListedRequests = 1_000;

/**
 * Bytes of a file of identities, and of a receipt: 10,000 lines of 2,113 characters; the digests of
 * 10,000 people with five identities each are 2 MB.
 */
export const maxPrivacyFileBytes = 33_554_432;

/** Bad lines of a file of identities that are named one by one. */
export const shownBadLines = 10;

/** Joins that one read of the log takes: those of 200 take about 5 ms. */
export const joinsPerRead = 200;

/** `usher doctor` advises a compaction if more than a third of the file and over 64 MB are free. */
export const compactAdvice = { freePercent: 33, freeBytes: 67_108_864 } as const;

/**
 * How long a command may take to end after a signal to stop; then the process is killed by that
 * signal. A server drains for at most 9 s; the other commands end within 2 s.
 */
export const stopBoundMs = { command: 1_800, server: 10_000 } as const;

/**
 * A second signal within this time counts as the first one: npm forwards ctrl-c within 20 ms, so
 * that the process receives it twice.
 */
export const signalEchoMs = 150;

/**
 * How long a backup or a compaction waits for erasures that are not complete. Longer than a killed
 * process stays silent before its erasure is taken over.
 */
export const openErasuresWaitMs = 15_000;

/** The most contacts for `--limit`. `usher contact export` writes all of them. */
export const maxListedContacts = 1_000;
