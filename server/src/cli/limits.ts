/** Bounds of the command line, each with its arithmetic. Shared ones are in `domain/limits.ts`. */

/**
 * How long a run waits before it says that it is done, so that every thread knows its new fields: a
 * thread asks for changes every 20 ms.
 */
export const catalogVisibleMs = 60;

/** Bytes of a catalog file: 2,000 fields of 500 bytes are 1 MB. */
export const maxCatalogFileBytes = 4_194_304;

/** Levels of nesting in a catalog file: a valid one needs 6. */
export const maxCatalogFileDepth = 20;

/**
 * Values that the aliases of a catalog file may expand to. Each use of an alias is expanded, so
 * without a bound a few lines could become millions of values.
 */
export const maxCatalogFileAliases = 1_000;

/** Rows of a source that `usher dataset validate` shows as contacts. */
export const validatedRows = 20;

/** Nobody reads more. A sync with --dry-run counts all rows. */
export const maxValidatedRows = 1_000;

/**
 * Free space in the store's file that makes a compaction worthwhile: more than a third of the file,
 * and more than 64 MB.
 */
export const compactAdvice = { freePercent: 33, freeBytes: 67_108_864 } as const;

/**
 * How long a command that was told to stop may take. A server drains for at most 9 s. Any other
 * command ends within 2 s.
 */
export const stopBoundMs = { command: 1_800, server: 10_000 } as const;

/**
 * Signals within this time after the first are one request to stop: the terminal sends ctrl-c to
 * npm and to us, and npm passes it on within 20 ms.
 */
export const signalEchoMs = 150;
