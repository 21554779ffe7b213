/**
 * Bounds of one room, each with its arithmetic: the command line. Bounds that several rooms share
 * are in `domain/limits.ts`.
 */

/**
 * How long an import waits before it says it is done, so that every thread knows the fields that it
 * made: three askings.
 */
export const catalogVisibleMs = 60;

/** Bytes of a catalog file: 2,000 fields of 500 bytes are 1 MB. */
export const maxCatalogFileBytes = 4_194_304;

/** Nesting of a catalog file: ours needs 6. */
export const maxCatalogFileDepth = 20;

/**
 * Values that the aliases of a catalog file may add up to: each is read where it is used, so that a
 * few lines could be millions.
 */
export const maxCatalogFileAliases = 1_000;

/** Rows of a source that are shown as contacts before a definition is committed. */
export const validatedRows = 20;

/** Of more, nobody reads each; a sync with --dry-run counts them all. */
export const maxValidatedRows = 1_000;

/**
 * What free space in the store's file is worth a compaction: more than a third of it, and more than
 * 64 MB, which no disk misses.
 */
export const compactAdvice = { freePercent: 33, freeBytes: 67_108_864 } as const;

/**
 * How long a command that was told to stop may take: a server drains for at most 9 s, any other
 * ends within 2 s, whatever it is at.
 */
export const stopBoundMs = { command: 1_800, server: 10_000 } as const;

/**
 * Signals that follow the first within this time are the same wish: npm passes on the ctrl-c that
 * the terminal sends to both, within some 20 ms.
 */
export const signalEchoMs = 150;
