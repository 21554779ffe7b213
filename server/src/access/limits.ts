/** Bounds of the access log. */

/**
 * Slots of a thread's queue. An entry takes one: at 30,000 look-ups a second the queue holds 2 s of
 * them, and a batch of 1,000 identities fits 65 times. A power of two, so that places wrap by a
 * mask.
 */
export const queueSlots = 65_536;

/** Bytes of a slot: an entry has 52. With 65,536 slots a queue takes 4 MB. */
export const slotBytes = 64;

/**
 * How often queues are written and synced. A sync takes 1 to 30 ms, so that a crash loses less than
 * the last second.
 */
export const appendIntervalMs = 250;

/**
 * How often the appender collects a step of entries for the next block. Collecting all of them at
 * once takes 4 ms at 60,000 look-ups a second, for which look-ups on the same core wait.
 */
export const collectIntervalMs = 25;

/** Entries of a queue that the appender collects at a time: 1,500 x 0.1 us are 0.15 ms. */
export const collectedPerStep = 1_500;

/** Its pause between two steps. It sleeps, because the system gives a core away for 3 to 4 ms. */
export const collectPauseMs = 1;

/** How long a reveal waits until it is on the disk: several intervals and syncs. */
export const maxSyncWaitMs = 3_000;

/** Entries of a block: 250 ms at 200,000 a second are 50,000. 65,536 x 36 bytes are 2.4 MB. */
export const maxBlockEntries = 65_536;

/** How many entries a query or an erasure reads before it lets other work go first: 1 ms. */
export const entriesPerTurn = 20_000;

/** A file is closed at this size: it is read as a whole by queries, and it leaves as a whole. */
export const maxFileBytes = 16_777_216;

/**
 * Texts of a file, numbered with 16 bits: the file is closed before they run out. A step of entries
 * may add five texts for each.
 */
export const maxFileWords = 57_000;

/**
 * Texts that a thread remembers of each kind, such as 4,096 addresses. Others are sent again. A
 * power of two.
 */
export const maxThreadWords = 4_096;

/** Bytes of one text. 1,000 field ids of 5 digits, with their commas, are 6,000 bytes. */
export const maxWordBytes = 8_192;

/** Characters of the header `Usher-Actor`. */
export const maxActorLength = 128;

/** A block that claims to be longer is damaged: entries, 65,535 texts, and room to spare. */
export const maxBlockBytes = 536_870_912;

/** How often the catalog notes the end of the log: one small write. */
export const noteIntervalMs = 60_000;

/** How often the catalog gets the counts of looks: one small write. */
export const countIntervalMs = 10_000;

/** Milliseconds of an hour. */
export const hourMs = 3_600_000;

/** Milliseconds of a day. */
export const dayMs = 86_400_000;

/** Files that one page of a query reads: 8 x 16 MB hold 3.7 million entries: 0.2 s of CPU. */
export const filesPerCall = 8;

/** Newest files that a check on request proves: 2 x 16 MB take 0.1 s, in turns. */
export const filesPerCheck = 2;

/** How long the answer of such a check is kept. */
export const checkedForMs = 60_000;

/** Bytes that a proof reads before it lets other work go first: 1 MB takes 3 ms. */
export const provenBytesPerTurn = 1_048_576;
