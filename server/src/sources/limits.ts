/**
 * Bounds of one room, each with its arithmetic: reading files, databases and HTTP. Bounds that
 * several rooms share are in `domain/limits.ts`.
 */

/**
 * Memory of the engine that reads and compares sources; beyond it spills to disk. It takes some 200
 * bytes a row: 5 M rows just fit, and the process stays below 2 GB.
 */
export const workbenchMemoryBytes = 1_073_741_824;

/**
 * Disk that it may spill to: 100 M rows of 1.2 kB. A small file that unfolds to more stops there,
 * not when the disk is full.
 */
export const workbenchSpillBytes = 137_438_953_472;

/**
 * Levels of lists and structures in a column: each doubles what the engine takes to write it as
 * text, 2 ms at 12.
 */
export const maxNestedTypes = 12;

/**
 * Bytes of one row of a source: a record holds 1 MB, twice that leaves room for columns that are
 * skipped.
 */
export const maxSourceRowBytes = 2_097_152;

/**
 * Files of one dataset: three years of a file a day. The engine plans 1,000 files in half a second.
 */
export const maxSourceFiles = 1_000;

/** Names that a glob looks through: 100,000 take about 1 s on a local disk. */
export const maxGlobEntries = 100_000;

/** Folders that `**` goes down: a link cannot make a ring, but a tree can be deep. */
export const maxGlobDepth = 16;

/**
 * Memory of the engine that answers a dataset's query; beyond it spills to disk. It and the
 * workbench are 1.5 GB together.
 */
export const queryMemoryBytes = 536_870_912;

/** Disk that a query may spill to: sorting 100 M rows of 300 bytes. */
export const querySpillBytes = 34_359_738_368;

/** Time for a query: joining 100 M rows takes minutes on 2 cores. */
export const queryTimeoutMs = 1_800_000;

/** Bytes of a query's result: 10 M rows of 3 kB. */
export const maxQueryResultBytes = 34_359_738_368;

/**
 * Bytes looked at to tell encoding, separator and header: a header of 2,000 names of 64 characters
 * is 130 kB.
 */
export const sourceHeadBytes = 1_048_576;

/**
 * How much larger than itself a compressed file may be: exports unpack to 5 to 50 times, gzip
 * cannot do more than 1,032.
 */
export const maxUnpackedRatio = 200;

/**
 * Bytes that any compressed file may unpack to, whatever its ratio: a small file of alike rows is
 * no attack.
 */
export const freeUnpackedBytes = 134_217_728;

/** Bytes that a compressed file may unpack to at all: 100 M rows of 1.2 kB. */
export const maxUnpackedBytes = 137_438_953_472;

/** Bytes that are fetched of one source: 50 M rows of 1.2 kB are 60 GB. */
export const maxFetchedBytes = 68_719_476_736;

/** How long fetching a source may take: the most bytes at 20 MB/s take 57 minutes. */
export const maxFetchMs = 3_600_000;

/** Rows that are fetched of one source: twice what fits the most bytes at 700 bytes each. */
export const maxFetchedRows = 200_000_000;

/** Redirects that one request follows: a link shortener and a signed URL of a storage are 2. */
export const maxRedirects = 5;

/**
 * Times that one request is made when the server is busy or fails: waits of 1, 2 and 4 s, or what
 * it asks for.
 */
export const maxHttpAttempts = 4;

/** The longest wait that a server's `Retry-After` is granted: 3 of them are 3 minutes of a run. */
export const maxRetryAfterMs = 60_000;

/**
 * How long a web server may take before its answer begins: exports that are made while one waits
 * take below a minute.
 */
export const httpFirstByteMs = 120_000;

/** How long a body may stand still; a network's outage of a minute is over or lasts. */
export const httpIdleMs = 60_000;

/**
 * How long is waited for what a server may send behind a body: one that closes the connection, as
 * it is asked to, ends the wait.
 */
export const httpSurplusMs = 200;

/** Pages of one source: 10,000 pages of 1,000 rows are 10 M rows. */
export const maxHttpPages = 10_000;

/** Bytes of one page: it is parsed whole, which takes about ten times as much memory. */
export const maxHttpPageBytes = 16_777_216;

/**
 * How long a database or web server may take to accept a connection: a name's look-up and TLS take
 * below 1 s.
 */
export const sourceConnectMs = 15_000;

/**
 * Pause between two cancels of work that has not ended: an interrupt takes about 1 us, and nobody
 * notices 20 ms.
 */
export const cancelEveryMs = 20;

/**
 * How long a statement of the engine may take to end once it is interrupted; it looks after each
 * 2,048 rows, and a server ends within 10 s.
 */
export const engineEndMs = 8_000;

/** How often a process that reads SQLite looks whether the one that asked still lives. */
export const parentCheckMs = 500;

/**
 * How long a process that is killed may take to be gone: the kernel frees its memory in some ms.
 */
export const childEndMs = 2_000;

/**
 * How long is waited until a database server has ended a session of ours: a connection and a kill
 * take some 50 ms, and a command that is told to stop has 1.8 s.
 */
export const serverEndMs = 1_000;
