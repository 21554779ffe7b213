/** Bounds of the contact store and its writer. Bounds of several rooms: `domain/limits.ts`. */

/** Bytes of one record: 1,000 long texts would be 65 MB; copying 1 MB at each read takes 0.1 ms. */
export const maxRecordBytes = 1_048_576;

/** How long the answer of a push is kept under its `Idempotency-Key`: 24 h. */
export const idempotencyMs = 86_400_000;

/** Expired keys removed for each new one; more than one, so that none is left behind. */
export const keysForgottenPerPush = 4;

/** How long a push waits for a writer that restarts, which takes about 1 s. */
export const pushFailoverMs = 5_000;

/** A run without a sign of life for this long loses its lease. A batch takes under 0.1 s. */
export const runLeaseMs = 30_000;

/**
 * Entries per read transaction of a scan: 1,000 take about 3 ms, so that old pages are soon free.
 */
export const scanEntriesPerTransaction = 1_000;

/** Bytes per piece of a pre-read: 1 MB takes about 0.2 ms. */
export const preReadPieceBytes = 1_048_576;

/**
 * How long further batches may join a transaction. The last of them may begin just before the end,
 * so that the transaction takes about 50 ms.
 */
export const maxGroupMs = 30;

/**
 * The same for batches of one run, if no other write waits when the transaction begins. There are
 * fewer commits then, each of which writes a page once however many of its rows changed: a first
 * load takes a tenth less CPU time. A write that comes meanwhile waits so long.
 */
export const maxAloneMs = 100;

/**
 * Batches of a first load after which it no longer waits for the disk. Small loads end before, and
 * save the writes of `contacts.loading`.
 */
export const leastLoadBatches = 16;

/** Bytes of a batch's sections: 1,000 usual rows have 1.2 MB. It bounds the memory of a frame. */
export const maxBatchBytes = 67_108_864;

/**
 * Bytes of a frame on the socket: a batch, plus at most 1,000 rows x 100 identities x 532 bytes.
 */
export const maxFrameBytes = maxBatchBytes + 53_300_000;

/** At so many unanswered calls a connection is not read further: 8 batches and 8 small calls. */
export const maxCallsPerConnection = 16;

/** Bytes of a socket's path. The system allows 108 (104 on macOS), with a zero at the end. */
export const maxSocketPathBytes = 100;

/** How long a call looks for a new writer; starting one and opening the store take about 1 s. */
export const writerFailoverMs = 15_000;

/** Pause between two attempts to become or find the writer. */
export const writerRetryMs = 25;

/**
 * How long a call may stay unanswered. 8 batches take about 1 s; after 60 s the process must hang.
 */
export const writerAnswerMs = 60_000;

/**
 * How long a closing client waits for the answer to its goodbye. Without an answer, its leases end
 * when the connection closes.
 */
export const writerGoodbyeMs = 1_000;

/** Pause between checks for dead readers, which keep old pages in use. */
export const readerCheckMs = 60_000;

/** How long opening a store waits for a compaction's swap: two renames take about 1 ms. */
export const fileLockWaitMs = 2_000;

/**
 * How long a process waits for its turn to open or write the store. Opening takes 1 ms, a commit 1
 * to 100 ms: after 1 s the other process must have been stopped.
 */
export const turnWaitMs = 1_000;

/**
 * How long a writer waits for the process that puts the numbering of transactions right. It needs
 * about 0.2 s.
 */
export const reopenMs = 10_000;

/** How long a process that opens the store waits for a slow commit of a writer that is running. */
export const slowTurnWaitMs = 30_000;

/** Pause between two attempts to take a turn: a fifth of a short turn, which takes 1 ms. */
export const turnPauseMs = 0.2;

/**
 * How long a compaction waits for others to close the store. A command that reads one contact has
 * the store open for about 0.2 s.
 */
export const storeClosedWaitMs = 10_000;

/** Entries per transaction of a copy: 5,000 take about 20 ms. */
export const copyEntriesPerTransaction = 5_000;

/** Bytes per transaction of a copy, which stay in memory until it ends. */
export const copyBytesPerTransaction = 16_777_216;

/**
 * How long a starting server waits for the writing process to answer. A process that has just
 * started answers after about 1 s.
 */
export const writerProbeMs = 2_000;

/** Rows of one component: deciding about 500 takes a few milliseconds. */
export const maxComponentRows = 500;

/** Rows that claim an identity without effect. An identity that more of them claim joins nobody. */
export const maxWaitingRows = 64;

/** How long the id of a contact that is gone waits for it to return: 30 days. */
export const tombstoneMs = 2_592_000_000;

/**
 * Runs of a dataset that changed nothing but ages of rows, and that are kept so that an older run
 * can be rolled back: a row that is good and bad in turn, in an hourly sync, makes 84 in a week.
 * Each keeps 1.2 kB for each such row.
 */
export const maxSilentRuns = 100;

/**
 * Runs of free pages that the library keeps in memory before it reads no more of its list. Each
 * commit checks them: 30,000, as after many joins, took 50 ms, and 2,000 take below 1 ms. In 3,000
 * transactions that rewrote records of all sizes, the file grew as with 50,000.
 */
export const maxFreeRuns = 2_000;

/** Contacts per transaction of a conversion: 2,000 take about 20 ms. */
export const convertedPerTransaction = 2_000;

/**
 * After so many joins a transaction ends once it has taken `maxGroupMs`, or `maxAloneMs`: 50 take 5
 * to 10 ms. Ending it at once would double the time of a run that joins everything.
 */
export const maxJoinsPerTransaction = 50;

/**
 * After deciding about so many rows a transaction ends once it has taken `maxGroupMs`, or
 * `maxAloneMs`: a few rows in dense data, where each is connected with hundreds of others.
 */
export const maxDecidedRows = 2_000;

/** How long a suppression list waits for a process that reads it: a copy takes about 0.1 s. */
export const suppressionWaitMs = 5_000;

/** How long the store answers an erasure again: 30 days. */
export const erasureKnownMs = 2_592_000_000;

/** Identities or rows that one step of an erasure looks at; a step also ends in time. */
export const erasureStepEntries = 200;

/** How long one call of an erasure goes on, in several transactions. */
export const erasureCallMs = 1_000;

/**
 * Joins by rows that one call parts. Those of one component are parted at once, so that a page of a
 * few joins would write each component many times.
 */
export const partedJoinsPerCall = 500;

/** Contacts that one read transaction reads at most, of 1 KB each: about 10 ms. */
export const maxContactsPerWalk = 5_000;

/**
 * Bytes of records after which a walk by id ends: those of a thousand usual contacts, or of two of
 * the largest.
 */
export const maxBytesPerWalk = 2_097_152;
