/** Bounds on reading files, databases and HTTP. Shared bounds are in `domain/limits.ts`. */

/**
 * Memory of the engine that reads and compares sources; above it the engine spills to disk. A row
 * takes about 200 bytes, so that 5 M rows just fit. The process stays below 2 GB.
 */
export const workbenchMemoryBytes = 1_073_741_824;

/**
 * Share of `workbenchMemoryBytes` for writing rows in their order. Rows that are ready early wait
 * in memory; without this bound they take 150 MB more, and writing is not faster.
 */
export const orderedMemoryShare = 0.25;

/** Disk that the engine may spill to: 100 M rows of 1.2 kB. It stops a decompression bomb. */
export const workbenchSpillBytes = 137_438_953_472;

/**
 * Levels of nested lists and structures in a column: each level doubles the engine's time, 2 ms at
 * 12.
 */
export const maxNestedTypes = 12;

/** Bytes of one row: a contact's record holds 1 MB, and skipped columns may have as much again. */
export const maxSourceRowBytes = 2_097_152;

/** Files of one dataset: one a day for three years. The engine plans 1,000 in half a second. */
export const maxSourceFiles = 1_000;

/** Names that one glob reads: 100,000 take about 1 s on a local disk. */
export const maxGlobEntries = 100_000;

/** Folders that `**` descends. Links cannot make a loop, but a tree can be deep. */
export const maxGlobDepth = 16;

/**
 * Memory of the engine that runs a query; above it the engine spills to disk. Together with the
 * workbench: 1.5 GB.
 */
export const queryMemoryBytes = 536_870_912;

/** Disk that a query may spill to: sorting 100 M rows of 300 bytes. */
export const querySpillBytes = 34_359_738_368;

/** Time for a query: joining 100 M rows takes minutes on 2 cores. */
export const queryTimeoutMs = 1_800_000;

/** Bytes of a query's result: 10 M rows of 3 kB. */
export const maxQueryResultBytes = 34_359_738_368;

/**
 * Bytes read to detect encoding, separator and header. A header of 2,000 names of 64 letters has
 * 130 kB.
 */
export const sourceHeadBytes = 1_048_576;

/** Bytes of a file that a thread reads whole: 16 MB take 10 ms, and the thread starts in 25 ms. */
export const leastThreadedFileBytes = 16_777_216;

/**
 * The largest ratio of unpacked to stored size of a file: exports reach 5 to 50, gzip at most
 * 1,032.
 */
export const maxUnpackedRatio = 200;

/**
 * Bytes that any compressed file may unpack to, whatever the ratio: small files of similar rows are
 * harmless.
 */
export const freeUnpackedBytes = 134_217_728;

/** Bytes that a compressed file may unpack to at most: 100 M rows of 1.2 kB. */
export const maxUnpackedBytes = 137_438_953_472;

/** Bytes fetched from one source: 50 M rows of 1.2 kB are 60 GB. */
export const maxFetchedBytes = 68_719_476_736;

/** Time to fetch one source: `maxFetchedBytes` at 20 MB/s take 57 minutes. */
export const maxFetchMs = 3_600_000;

/** Rows fetched from one source: twice the rows of 700 bytes that `maxFetchedBytes` holds. */
export const maxFetchedRows = 200_000_000;

/** Redirects of one request: a link shortener and the signed URL of an object storage make 2. */
export const maxRedirects = 5;

/** Attempts of one request to a busy server, after 1, 2 and 4 s or the `Retry-After` header. */
export const maxHttpAttempts = 4;

/** The longest `Retry-After` that is honoured: 3 of them add 3 minutes to a run. */
export const maxRetryAfterMs = 60_000;

/** Time until an answer begins: an export that is made on request takes below a minute. */
export const httpFirstByteMs = 120_000;

/** Time without a byte of the body: a network failure that lasts a minute usually lasts longer. */
export const httpIdleMs = 60_000;

/**
 * How long to wait for bytes after the body. A server that closes the connection, as asked, ends
 * the wait.
 */
export const httpSurplusMs = 200;

/** Pages of one source: 10,000 pages of 1,000 rows are 10 M rows. */
export const maxHttpPages = 10_000;

/** Bytes of one page. It is parsed whole, which takes about ten times as much memory. */
export const maxHttpPageBytes = 16_777_216;

/** Time to connect to a database or web server: DNS and TLS take below 1 s. */
export const sourceConnectMs = 15_000;

/** Pause between two cancels: an interrupt takes about 1 us, and nobody notices 20 ms. */
export const cancelEveryMs = 20;

/**
 * Time for an interrupted statement to end. The engine checks for an interrupt every 2,048 rows,
 * and a server must stop within 10 s.
 */
export const engineEndMs = 8_000;

/** How often the process that reads SQLite checks that its parent lives. */
export const parentCheckMs = 500;

/** Time for a killed process to end: the kernel frees its memory in milliseconds. */
export const childEndMs = 2_000;

/**
 * Time for a database server to end our session: connecting and killing take about 50 ms, and a
 * stopped command has 1.8 s.
 */
export const serverEndMs = 1_000;

/** First bytes of an uploaded file that show its format: a header of 500 names of 30 letters. */
export const sniffedBytes = 16_384;

/** Bytes that `sniffedBytes` may unpack to. gzip reaches 1,032 times as many, 17 MB. */
export const unpackedSniffBytes = 33_554_432;
