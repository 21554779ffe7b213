/** Bounds of definitions and backups. Bounds that several rooms share are in `domain/limits.ts`. */

/** How many identities of one type a contact may have. */
export const maxPerContactRange = { min: 1, max: 100 } as const;

/**
 * Rows of one dataset that may claim the same value. A family shares an address; a value that more
 * rows claim identifies nobody.
 */
export const sharedLimitRange = { min: 1, max: 50 } as const;

/** Fields that one request amends: a person corrects a handful. */
export const maxAmendedFields = 100;

/** How often a process says that it works on a privacy request: one small write of the catalog. */
export const privacySignMs = 2_000;

/**
 * A privacy request without a sign for this long is taken over. A step of an erasure takes under
 * 1 s; if two processes work on one, they only share the work.
 */
export const privacySilenceMs = 10_000;

/** Identities that a verification reads in one turn of the event loop: 1,000 take about 2 ms. */
export const verifiedPerTurn = 1_000;

/** Joins of the log that are read in one turn: 1,000 take about 5 ms. */
export const joinsPerRead = 1_000;

/** Contacts that one search shows: each has up to 100 identities, so about 300 kB at most. */
export const maxSearchCandidates = 10;

/** Entries of the audit log that are read in one turn of the event loop: 5,000 take about 5 ms. */
export const auditEntriesPerStep = 5_000;

/** Such turns for one page of the audit log: a search through 100,000 entries takes 0.1 s. */
export const maxAuditSteps = 20;

/** Entries of one export of a log: 100,000 of 300 bytes are 30 MB. */
export const maxExportedEntries = 100_000;

/** Entries of an export that are read and sent together: 2,000 of 300 bytes are 600 kB. */
export const exportPageEntries = 2_000;

/** Runs in the overview: as many as a person reads. */
export const maxShownRuns = 10;

/** Decisions that wait, in the overview. */
export const maxShownWaiting = 20;

/** Tokens in the overview, those with the most calls first. */
export const maxShownTokens = 20;

/** Reasons that the overview gives for one waiting run. */
export const maxShownReasons = 5;

/** Runs that events report: the newest. Fewer than these begin within a second. */
export const maxWatchedRuns = 20;

/** Fields of a token that the usage of an hour shows. */
export const maxShownReads = 20;

/** Clients of a token that the usage of an hour shows. */
export const maxShownClients = 20;

/** Hours or days that one page of usage reads: all that are kept. 744 take 0.2 s, in turns. */
export const maxUsagePeriods = 31 * 24;

/** The overview names tokens that end within 7 days, if they are still used. */
export const endingTokenMs = 7 * 86_400_000;

/** A token counts as still used if it was used within this time. */
export const usedTokenMs = 86_400_000;

/** Blocked values of an identity type: 200 of 254 characters are 50 kB in each thread. */
export const maxBlockedValues = 200;

/** Characters of one blocked value. */
export const maxBlockedLength = 254;

/** How long a rotated token may stay valid: 0 to 7 days, 24 hours by default. */
export const tokenOverlapMs = { min: 0, max: 7 * 86_400_000, default: 86_400_000 } as const;

/**
 * The longest life of a token that can be asked for: 10 years, so that no typo makes it endless.
 */
export const maxTokenLifeMs = 3_650 * 86_400_000;

/**
 * Entries of each allow-list of a token: 200 x 64 bytes are 13 kB in the catalog's row and in each
 * catalog state.
 */
export const maxTokenListEntries = 200;

/** Characters of a name that people write. */
export const maxNameLength = 100;

/** Characters of a description that people write. */
export const maxDescriptionLength = 1_000;

/** Organization ids are 16-bit in the store's keys. */
export const maxOrganizations = 65_535;

/** Bytes of a backup's list of files: 200 bytes for each file; a dataset has one baseline. */
export const maxManifestBytes = 67_108_864;

/** Characters of a path, a URL or a column's name. Linux opens paths of up to 4,096 bytes. */
export const maxPathLength = 4_096;

/** Headers of a request to a source. */
export const maxSourceHeaders = 20;

/**
 * How old values may become before a policy applies: 1 minute to 10 years, so that a typo cannot
 * turn the policy off.
 */
export const maxAgeRangeMs = { min: 60_000, max: 315_360_000_000 } as const;

/** Identities of the log of joins that are looked up in one turn: 200 take about 2 ms. */
export const joinKeysPerTurn = 200;

/**
 * Contacts that are drawn for an estimate: 2,000 give a 95 % interval of at most 4.4 percentage
 * points.
 */
export const contactsForEstimate = 2_000;

/**
 * Contacts that are drawn to count how many a change would move. 20,000 are read in about 0.5 s,
 * and a share of 30 % of a flow with half of all contacts is right within 1 %.
 */
export const contactsForMoves = 20_000;

/**
 * Parts of the space of digests that contacts are drawn from, a window of each: 16 to 156 contacts,
 * which take up to 5 ms.
 */
export const drawWindows = 128;

/** A slow disk ends the drawing early, so that an estimate is there within a second. */
export const maxDrawMs = 600;

/**
 * Where all contacts are drawn, because there are few, the drawing ends after this time. 20,000
 * contacts usually take about 0.5 s.
 */
export const maxWholeDrawMs = 60_000;

/**
 * The same for the count of a change's moves, which other changes wait for: at most 5 s
 * (`catalogWaitMs`).
 */
export const maxWholeMovesMs = 1_000;

/**
 * How long the sample of a plan is read again: longer than the first time, so that a busy machine
 * does not change the counts.
 */
export const maxMovesAgainMs = 3_000;

/** After so long, a walk over contacts lets its thread answer others: rules can take long. */
export const maxStepMs = 50;

/** Members that a preview shows. */
export const shownMembers = 10;

/** Fields that a preview shows of each member. */
export const maxShownFields = 20;

/** Characters of a text that a preview shows. A whole preview has at most 800 kB. */
export const maxShownLength = 200;

/** Elements of a set that a preview shows. */
export const maxShownElements = 20;

/** Contacts that an exact preview reads in one turn: 1,000 take about 5 ms. */
export const contactsPerPreviewStep = 1_000;

/** Contacts that a list of members reads in one turn of a look-up thread: 200 take about 1 ms. */
export const contactsPerListStep = 200;

/** Characters of values after which a page ends: to answer 2 MB of JSON takes about 20 ms. */
export const maxPageBytes = 2_097_152;

/** Turns for one page of a list: 10,000 contacts. A page without members then leads to the next. */
export const maxStepsPerPage = 50;

/**
 * Bytes of a contact as JSON on its way into a Parquet file. A record of 1 MB is at most 6 MB, if
 * all of its characters need escapes; memberships and identities add less.
 */
export const maxStagedContactBytes = 33_554_432;

/**
 * Bytes of rows after which the engine writes them into a Parquet file. It reads up to 64 MiB at a
 * time (twice `maxStagedContactBytes`), and takes about 5 times as much memory to write them.
 */
export const maxRowGroupBytes = 33_554_432;
