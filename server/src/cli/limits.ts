/** Bounds of the command line, each with its arithmetic. Shared ones are in `domain/limits.ts`. */

/** How long a run waits at its end so that every thread knows its fields: they ask every 20 ms. */
export const catalogVisibleMs = 60;

/** Bytes of a catalog file: 2,000 fields of 500 bytes are 1 MB. */
export const maxCatalogFileBytes = 4_194_304;

/** Levels of nesting in a catalog file: a valid one needs 6. */
export const maxCatalogFileDepth = 20;

/** Values that a catalog file's aliases may expand to: a few lines could become millions. */
export const maxCatalogFileAliases = 1_000;

/** Rows of a source that `usher dataset validate` shows as contacts. */
export const validatedRows = 20;

/** Nobody reads more. A sync with --dry-run counts all rows. */
export const maxValidatedRows = 1_000;

/** Free space that makes a compaction worthwhile: more than a third of the file and than 64 MB. */
export const compactAdvice = { freePercent: 33, freeBytes: 67_108_864 } as const;

/** How long a stopped command may take. A server drains for at most 9 s, others end within 2 s. */
export const stopBoundMs = { command: 1_800, server: 10_000 } as const;

/** Signals this soon after the first are the same request: npm passes ctrl-c on within 20 ms. */
export const signalEchoMs = 150;
