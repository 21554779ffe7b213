/** Bounds of runs, pushes and schedules. Those that rooms share are in `domain/limits.ts`. */

/**
 * Contacts that are grouped while a run counts what it would join. Each takes 40 bytes, so that all
 * take at most 80 MB. Contacts beyond that are counted without groups, once for each row that names
 * them.
 */
export const maxGroupedContacts = 2_000_000;

/**
 * Rows that are held back to be sent together with other rows of the same contact. With more of
 * them, all rows are sent in their usual order.
 */
export const maxGatheredRows = 50_000;

/** Bytes of values in rows that are held back. At this size, they are sent. */
export const maxGatheredBytes = 33_554_432;

/** A field name is `[a-z][a-z0-9_]{0,63}`. */
export const maxFieldNameLength = 64;

/** Pushed rows read before look-ups get a turn: 40 rows of 40 values take about 1 ms. */
export const pushRowsPerTurn = 40;

/** Problems reported for one rejected row: 1,000 rows x 3 x 150 bytes make an answer of 450 kB. */
export const maxPushProblemsPerRow = 3;

/** Names of unknown columns that the answer to a push lists; the rest is counted. */
export const maxUnknownColumns = 20;

/** Rows read to infer the types of columns. The whole column is then checked against its type. */
export const typeSampleRows = 2_000;

/**
 * Lines of a run's rejections file, and of its file of refused claims; the rest is counted. 100,000
 * lines of 100 bytes are 10 MB.
 */
export const maxRejectionLines = 100_000;

/**
 * Rows of a source that is read once more only to number the rows whose claims have no effect:
 * 100,000 take about 0.1 s.
 */
export const maxRescannedRows = 100_000;

/**
 * Batches sent to the writer and not yet answered: 8 x 1,000 rows of 1.2 kB are 10 MB, which fill a
 * transaction.
 */
export const maxBatchesInFlight = 8;

/**
 * Batches sent to the writer at once. A transaction takes those of them that fit into its time, and
 * waits for the disk once: 35 ms for 1,000 changed rows, and hardly more for 4,000.
 */
export const batchesTogether = 4;

/**
 * Batches that a thread reads ahead of those in flight: 2 x 2 MB. Of rows in memory, it reads 1,000
 * in 3 ms.
 */
export const maxBatchesAhead = 2;

/**
 * Bytes of staged rows that a thread reads: 16 MB take 80 ms, and the thread's start takes 50 ms.
 */
export const leastThreadedBytes = 16_777_216;

/**
 * `block`: bytes of staged rows buffered for each of 256 ranges of digests, 16 MB in all. `piece`:
 * bytes of a range that are sorted at a time; with a million rows, a range has 4 MB.
 */
export const partsBytes = { block: 65_536, piece: 33_554_432 } as const;

/** Attempts of a scheduled sync: pauses of 30 s, 1, 2 and 4 min outlast a database's restart. */
export const maxSyncAttempts = 5;

/** Pause before a failed sync is tried again; twice as long each time. */
export const syncRetryDelayMs = 30_000;

/** The longest pause before a failed sync is tried again. */
export const maxSyncRetryDelayMs = 3_600_000;

/** Shortest time between two syncs. To update values more often, push the rows. */
export const minSyncIntervalMs = 60_000;

/** Rows of a reference dataset: a million of 200 bytes are 50 MB, which a query joins in 1 s. */
export const maxReferenceRows = 1_000_000;

/**
 * Runs of a dataset that can be rolled back: yesterday's mistake is two runs old when somebody sees
 * it. Each run keeps 1.2 kB for each changed contact, or a file of at most 50 MB: 10 datasets x 3
 * are 1.5 GB.
 */
export const keptRollbackRuns = 3;

/** How long a run can be rolled back: a week includes a weekend and the Monday after. */
export const keptRollbackMs = 604_800_000;

/** Uploaded files of an organization, with those that arrive now: 10 x 256 MB are 2.5 GB. */
export const maxUploads = 10;

/** Files of one caller that arrive in a thread at the same time, so that others find a place. */
export const maxArrivingUploads = 4;

/** Bytes that an upload sends at least in the time of a stall: 6.4 kB/s. */
export const minUploadBytes = 65_536;

/** How long an uploaded file is kept at most: a colleague approves its run within a day. */
export const uploadKeptMs = 86_400_000;

/** How long an upload may send nothing. */
export const uploadStallMs = 10_000;

/** How long an upload may take: 256 MB at 300 kB/s. */
export const maxUploadMs = 900_000;

/** Disk that an upload leaves free: the store and the catalog need some to work. */
export const uploadReserveBytes = 268_435_456;

/** Characters of the name of an uploaded file: what file systems allow. */
export const maxUploadNameLength = 255;

/** Characters of a value in the sample of a file: a line of a table on the screen. */
export const maxSampledCharacters = 200;

/** Fields that lose values which a plan names: as many as a person reads. */
export const maxNotedLosses = 20;

/** Contacts that a plan shows as examples: as many as a person reads. */
export const maxPlanExamples = 5;

/**
 * Contacts that a plan tells apart, so that one with several rows counts once: 2,000,000 take about
 * 80 MB. Beyond them each row counts.
 */
export const maxTouchedContacts = 2_000_000;

/** How often a run notes in the catalog how far it is: one small write, about 1 ms. */
export const progressNotedMs = 1_000;
