/**
 * Bounds of one room, each with its arithmetic: the contact store and its writer. Bounds that
 * several rooms share are in `domain/limits.ts`.
 */

/**
 * Bytes of one contact's record: 1,000 long texts would be 65 MB; a record is copied on each read,
 * 1 MB takes 0.1 ms.
 */
export const maxRecordBytes = 1_048_576;

/** Identities of one contact: each is an index entry of about 60 bytes. */
export const maxIdentitiesPerContact = 100;

/** How long the answer of a push is kept under its key. */
export const idempotencyMs = 86_400_000;

/** Outdated keys forgotten with each new one: more than one, so that none is left behind. */
export const keysForgottenPerPush = 4;

/**
 * How long a push waits for the writer when that is being restarted, which takes about 1 s; a
 * caller waits no longer.
 */
export const pushFailoverMs = 5_000;

/**
 * A run that shows no sign of life for this long is over; a batch takes below 0.1 s, so 30 s are a
 * stalled process or machine.
 */
export const runLeaseMs = 30_000;

/**
 * Entries read in one read transaction of a walk: 1,000 take about 3 ms, so no thread stands still
 * and no old page is kept for long.
 */
export const scanEntriesPerTransaction = 1_000;

/**
 * Bytes of one piece of a pre-read: at 1 MB a read costs about 0.2 ms, and the buffer stays small.
 */
export const preReadPieceBytes = 1_048_576;

/**
 * Batches that wait are put into one transaction until it took this long; with the last batch (10
 * ms of a load, up to 38 ms of scattered changes) it stays near 50 ms.
 */
export const maxGroupMs = 30;

/**
 * Bytes of the sections of one batch: 1,000 rows of 1.2 kB are 1.2 MB; 64 MB let batches of long
 * texts through and bound what a frame may hold in memory.
 */
export const maxBatchBytes = 67_108_864;

/**
 * A frame on the writer's socket: a batch, and at most 1,000 rows x 100 identities x 532 bytes
 * around it.
 */
export const maxFrameBytes = maxBatchBytes + 53_300_000;

/**
 * Unanswered calls of one connection before it is read no further: 8 batches in flight and as many
 * small calls.
 */
export const maxCallsPerConnection = 16;

/** A Unix socket's address holds 108 bytes (104 on macOS), with its end. */
export const maxSocketPathBytes = 100;

/**
 * How long a call waits for another writer when its own is gone: starting a process and opening the
 * store take about 1 s.
 */
export const writerFailoverMs = 15_000;

/** Pause between two attempts to become or find the writer. */
export const writerRetryMs = 25;

/**
 * How long a call may stay unanswered by the process that writes: a queue of 8 batches takes about
 * 1 s, so 60 s are a process that stands still.
 */
export const writerAnswerMs = 60_000;

/**
 * How long a closing client waits for the one that writes to note it; without that its leases end
 * some seconds later.
 */
export const writerGoodbyeMs = 1_000;

/**
 * Pause between two checks for readers whose process died: each keeps old pages alive until then.
 */
export const readerCheckMs = 60_000;

/**
 * How long the opening of a store may stand still for a compaction that puts its new file in place:
 * two renames take about 1 ms.
 */
export const fileLockWaitMs = 2_000;

/**
 * How long a compaction waits for others to close the store before it puts its file in place: a
 * command that reads a contact takes about 0.2 s.
 */
export const storeClosedWaitMs = 10_000;

/**
 * Entries and bytes of one transaction of a copy of a store: 5,000 take about 20 ms, and 16 MB of
 * changed pages are held in memory.
 */
export const copyEntriesPerTransaction = 5_000;
export const copyBytesPerTransaction = 16_777_216;

/**
 * How long a server that starts looks whether the process that writes answers: one that has begun
 * listens after about 1 s, and look-ups wait no longer.
 */
export const writerProbeMs = 2_000;
