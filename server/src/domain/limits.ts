/**
 * Every bound of the product in one place, each with its arithmetic. A bound that an operator may move is a
 * setting (`settings/`) or an organization's setting and is not here; its permitted range is.
 */

/** Bytes of an identity's value after normalising (contract, section 1). */
export const maxIdentityBytes = 512;

/** A field name is `[a-z][a-z0-9_]{0,63}`. */
export const maxFieldNameLength = 64;

/** Field ids are 16-bit; a record of 1,600 fields is 42 kB, so 2,000 a organization keeps a record below 64 kB of values that are short. */
export const maxFieldsPerOrganization = 2_000;

/** Dataset ids are 16-bit; each dataset of a contact costs 24 bytes of directory: 200 x 24 = 4.8 kB at worst. */
export const maxDatasetsPerOrganization = 200;

/** Identity types an organization may define, the built-in ones included. */
export const maxIdentityTypesPerOrganization = 50;

/** Characters of a `string` value: below 255 (contract, section 1). */
export const maxStringLength = 254;

/** Bytes of a `text` or `set` value as JSON: a record of a hundred of them stays below 7 MB. */
export const maxTextBytes = 65_536;

/** Elements of a `set` value. */
export const maxSetElements = 1_000;

/** Bytes of one contact's record: 1,000 long texts would be 65 MB; a record is copied on each read, 1 MB takes 0.1 ms. */
export const maxRecordBytes = 1_048_576;

/** Rows of one write transaction: 1,000 rows take about 38 ms, and a transaction stays below 50 ms. */
export const maxRowsPerBatch = 1_000;

/** Identities of one contact: each is an index entry of about 60 bytes. */
export const maxIdentitiesPerContact = 100;

/** Units per second an organization's limit may be set to. */
export const rateLimitRange = { min: 1, max: 100_000, default: 50 } as const;

/** Identities of one batch request, before the limit and the token's share lower it. */
export const maxBatchIdentities = 50;

/** Entries named by `Usher-Omitted`, the rest is counted: 20 x (64 + 25) bytes is below 2 kB of header. */
export const maxOmittedNames = 20;

/** Names in a `fields` parameter: 2,000 fields of an organization at most, and 100 is more than any page shows. */
export const maxRequestedFields = 500;

/** How long a look-up waits for the revision that it asks to see: a commit shows within milliseconds, so a second is a write that never was. */
export const minRevisionWaitMs = 1_000;

/** Pause between two looks for a revision: 200 a second at 3 us each are 0.06 % of a core. */
export const revisionPollMs = 5;

/** Rows of one push: one transaction of the writer. */
export const maxPushRows = 1_000;

/** Bytes of the body of a push: 1,000 rows of 1 kB. A megabyte of JSON is read in about 10 ms, for which the thread's look-ups wait. */
export const maxIngestBodyBytes = 1_048_576;

/** Rows of a push that a thread reads before it answers look-ups again: 40 rows of 40 values take about 1 ms. */
export const pushRowsPerTurn = 40;

/** Problems told of one rejected row: 1,000 rows x 3 x 150 bytes are an answer of 450 kB. */
export const maxPushProblemsPerRow = 3;

/** Names of unknown columns that a push is told of; the rest is counted. */
export const maxUnknownColumns = 20;

/** Pushes that a thread has under way: each holds a body of 1 MB and its rows, about 5 MB; one more is `overloaded`. */
export const maxPushesUnderWay = 16;

/** Characters of an `Idempotency-Key`. */
export const maxIdempotencyKeyLength = 255;

/** How long the answer of a push is kept under its key (contract, section 5). */
export const idempotencyMs = 86_400_000;

/** Outdated keys forgotten with each new one: more than one, so that none is left behind. */
export const keysForgottenPerPush = 4;

/** How long a push waits for the writer when that is being restarted, which takes about 1 s; a caller waits no longer. */
export const pushFailoverMs = 5_000;

/** Recorded campaigns answered and kept per contact (contract, section 1). */
export const maxCampaignsReceived = 100;

/** Flows kept per contact, ended ones included, and as many segments; the newest. Each is about 200 bytes: 100 kB at worst, which only reports read whole. */
export const maxReportedMemberships = 500;

/** Reports of one contact in one change: 1,000 x 300 bytes are 300 kB of a batch. */
export const maxReportsPerChange = 1_000;

/** Live tokens of an organization: a small pool (contract, section 3); each is about 500 bytes in every thread. */
export const tokenPoolRange = { min: 1, max: 1_000, default: 10 } as const;

/** Days after which a token's age is warned of. */
export const tokenAgeDaysRange = { min: 1, max: 3_650, default: 90 } as const;

/** How long a rotated token may live on (contract, section 3): 0 to 7 days, 24 hours unless said. */
export const tokenOverlapMs = { min: 0, max: 7 * 86_400_000, default: 86_400_000 } as const;

/** The longest life of a token that can be asked for: 10 years, so that a typo makes no token for ever. */
export const maxTokenLifeMs = 3_650 * 86_400_000;

/** Entries of each allow-list of a token: 200 x 64 bytes are 13 kB of catalog row and of snapshot. */
export const maxTokenListEntries = 200;

/** Characters of names and descriptions that people write. */
export const maxNameLength = 100;
export const maxDescriptionLength = 1_000;

/** Organization ids are 16-bit in the store's keys. */
export const maxOrganizations = 65_535;

/** A catalog writer waits at most this long for others; a change takes about 2 ms, so 5 s are thousands of them. */
export const catalogWaitMs = 5_000;

/** How long SQLite itself may block the thread for a lock: a look-up thread must not stand still; the rest is waited asynchronously. */
export const catalogBlockingWaitMs = 5;

/** Entries of one page of a list. */
export const pageSize = { min: 1, max: 200, default: 50 } as const;

/** Significant digits of an amount of money: a double holds any 15 decimal digits exactly, not any 16. */
export const maxExactDigits = 15;

/** Digits of a `big integer`: 2^332 has 100, more is no number that a system counts with. */
export const maxBigIntegerDigits = 100;

/** Free disk space below which the store is not opened for writing: LMDB's first pages and its lock file are under 200 kB; 4 MB leave room for the catalog too. */
export const minFreeDiskBytes = 4_194_304;

/** A run that shows no sign of life for this long is over; a batch takes below 0.1 s, so 30 s are a stalled process or machine. */
export const runLeaseMs = 30_000;

/** Entries read in one read transaction of a walk: 1,000 take about 3 ms, so no thread stands still and no old page is kept for long. */
export const scanEntriesPerTransaction = 1_000;

/** Bytes of one piece of a pre-read: at 1 MB a read costs about 0.2 ms, and the buffer stays small. */
export const preReadPieceBytes = 1_048_576;

/** Batches that wait are put into one transaction until it took this long; with the last batch (10 ms of a load, up to 38 ms of scattered changes) it stays near 50 ms. */
export const maxGroupMs = 30;

/** Memory of the engine that reads and compares sources; beyond it spills to disk. It takes some 200 bytes a row: 5 M rows just fit, and the process stays below 2 GB. */
export const workbenchMemoryBytes = 1_073_741_824;

/** Disk that it may spill to: 100 M rows of 1.2 kB. A small file that unfolds to more stops there, not when the disk is full. */
export const workbenchSpillBytes = 137_438_953_472;

/** Levels of lists and structures in a column: each doubles what the engine takes to write it as text, 2 ms at 12. */
export const maxNestedTypes = 12;

/** Columns of a source: as many as an organization may have fields. */
export const maxSourceColumns = 2_000;

/** Bytes of one row of a source: a record holds 1 MB, twice that leaves room for columns that are skipped. */
export const maxSourceRowBytes = 2_097_152;

/** Files of one dataset: three years of a file a day. The engine plans 1,000 files in half a second. */
export const maxSourceFiles = 1_000;

/** Names that a glob looks through: 100,000 take about 1 s on a local disk. */
export const maxGlobEntries = 100_000;

/** Folders that `**` goes down: a link cannot make a ring, but a tree can be deep. */
export const maxGlobDepth = 16;

/** Memory of the engine that answers a dataset's query; beyond it spills to disk. It and the workbench are 1.5 GB together. */
export const queryMemoryBytes = 536_870_912;

/** Disk that a query may spill to: sorting 100 M rows of 300 bytes. */
export const querySpillBytes = 34_359_738_368;

/** Time for a query: joining 100 M rows takes minutes on 2 cores. */
export const queryTimeoutMs = 1_800_000;

/** Bytes of a query's result: 10 M rows of 3 kB. */
export const maxQueryResultBytes = 34_359_738_368;

/** Bytes looked at to tell encoding, separator and header: a header of 2,000 names of 64 characters is 130 kB. */
export const sourceHeadBytes = 1_048_576;

/** Rows looked at to tell the columns' types; what they do not show, the whole column does. */
export const typeSampleRows = 2_000;

/** Bytes of a secret: a URL or a key; certificates with their chain are below 20 kB. */
export const maxSecretBytes = 65_536;

/** How much larger than itself a compressed file may be: exports unpack to 5 to 50 times, gzip cannot do more than 1,032. */
export const maxUnpackedRatio = 200;

/** Bytes that any compressed file may unpack to, whatever its ratio: a small file of alike rows is no attack. */
export const freeUnpackedBytes = 134_217_728;

/** Bytes that a compressed file may unpack to at all: 100 M rows of 1.2 kB. */
export const maxUnpackedBytes = 137_438_953_472;

/** Bytes of a malformed JSON array that may be read whole to say what is wrong: parsed it takes about ten times as much memory. */
export const maxSlowJsonBytes = 67_108_864;

/** Bytes that are fetched of one source: 50 M rows of 1.2 kB are 60 GB. */
export const maxFetchedBytes = 68_719_476_736;

/** How long fetching a source may take: the most bytes at 20 MB/s take 57 minutes. */
export const maxFetchMs = 3_600_000;

/** Rows that are fetched of one source: twice what fits the most bytes at 700 bytes each. */
export const maxFetchedRows = 200_000_000;

/** Redirects that one request follows: a link shortener and a signed URL of a storage are 2. */
export const maxRedirects = 5;

/** Times that one request is made when the server is busy or fails: waits of 1, 2 and 4 s, or what it asks for. */
export const maxHttpAttempts = 4;

/** The longest wait that a server's `Retry-After` is granted: 3 of them are 3 minutes of a run. */
export const maxRetryAfterMs = 60_000;

/** How long a web server may take before its answer begins: exports that are made while one waits take below a minute. */
export const httpFirstByteMs = 120_000;

/** How long a body may stand still; a network's outage of a minute is over or lasts. */
export const httpIdleMs = 60_000;

/** Pages of one source: 10,000 pages of 1,000 rows are 10 M rows. */
export const maxHttpPages = 10_000;

/** Bytes of one page: it is parsed whole, which takes about ten times as much memory. */
export const maxHttpPageBytes = 16_777_216;

/** How long a database or web server may take to accept a connection: a name's look-up and TLS take below 1 s. */
export const sourceConnectMs = 15_000;

/** Lines of a run's rejections file; the rest is counted. 100,000 lines of 100 bytes are 10 MB. */
export const maxRejectionLines = 100_000;

/** Batches on their way to the writer: 8 x 1,000 rows of 1.2 kB are 10 MB, enough to fill a transaction while the last one is committed. */
export const maxBatchesInFlight = 8;

/** Bytes of staged rows that are kept back for each of 256 ranges of digests before they are written, 16 MB in all; and that are sorted at a time: a range of a million rows has 4 MB. */
export const partsBytes = { block: 65_536, piece: 33_554_432 } as const;

/** Bytes of a request line with headers: node's own default, twice what proxies commonly pass. */
export const maxHeaderBytes = 16_384;

/** Header fields of a request: browsers send about 20, proxies add about 10. */
export const maxHeaderCount = 100;

/** Time for the headers, and for the whole of a request: 1 MB in 10 s is 100 kB/s; with a check twice a second, slow callers are gone within 11 s. */
export const requestDeadlineMs = 10_000;
export const connectionCheckMs = 500;

/** How long a connection may idle between requests: longer than the 60 s that proxies commonly keep theirs. */
export const keepAliveMs = 65_000;

/** Bytes of a body of a look-up: 500 names of 64 and 50 identities of 512 are 58 kB. */
export const maxLookupBodyBytes = 65_536;

/** Bytes of a body of administration: 2,000 fields of 500 bytes are 1 MB. */
export const maxAdministrationBodyBytes = 1_048_576;

/** Nesting of a JSON body: ours need 4. */
export const maxJsonDepth = 32;

/** Bytes of a parameter in a path: an e-mail of 512 bytes, each percent-encoded as three. */
export const maxPathParameterLength = 1_536;

/** How long a refused connection may go on sending, so that it can read why before it is reset. */
export const refusedLingerMs = 500;

/** Bytes of the sections of one batch: 1,000 rows of 1.2 kB are 1.2 MB; 64 MB let batches of long texts through and bound what a frame may hold in memory. */
export const maxBatchBytes = 67_108_864;

/** A frame on the writer's socket: a batch, and at most 1,000 rows x 100 identities x 532 bytes around it. */
export const maxFrameBytes = maxBatchBytes + 53_300_000;

/** Unanswered calls of one connection before it is read no further: 8 batches in flight and as many small calls. */
export const maxCallsPerConnection = 16;

/** A Unix socket's address holds 108 bytes (104 on macOS), with its end. */
export const maxSocketPathBytes = 100;

/** How long a call waits for another writer when its own is gone: starting a process and opening the store take about 1 s. */
export const writerFailoverMs = 15_000;

/** Pause between two attempts to become or find the writer. */
export const writerRetryMs = 25;

/** How long a call may stay unanswered by the process that writes: a queue of 8 batches takes about 1 s, so 60 s are a process that stands still. */
export const writerAnswerMs = 60_000;

/** How long a closing client waits for the one that writes to note it; without that its leases end some seconds later. */
export const writerGoodbyeMs = 1_000;

/** Pause between two checks for readers whose process died: each keeps old pages alive until then. */
export const readerCheckMs = 60_000;

/** How often a thread of the server asks for the catalog's revision: 50 times a second at 3 us each are 0.02 % of a core. */
export const catalogPollMs = 20;

/** How long an import waits before it says it is done, so that every thread knows the fields that it made: three askings. */
export const catalogVisibleMs = 60;

/** Attempts of a scheduled sync before its next due time: pauses of 30 s, 1, 2 and 4 min carry over a restart of a database. */
export const maxSyncAttempts = 5;

/** Pause before a failed sync is tried again; twice as long each time. */
export const syncRetryDelayMs = 30_000;

/** The longest such pause. */
export const maxSyncRetryDelayMs = 3_600_000;

/** Between two due times of a schedule: below a minute, starting a process is a good part of the work, and rows are better pushed. */
export const minSyncIntervalMs = 60_000;

/** Syncs that a server runs at once: each has an engine of up to 1 GB and two threads. */
export const maxScheduledSyncs = 2;

/** How often the server looks what is due: cron patterns are by the second. */
export const scheduleCheckMs = 1_000;

/** How long the opening of a store may stand still for a compaction that puts its new file in place: two renames take about 1 ms. */
export const fileLockWaitMs = 2_000;

/** How long a compaction waits for others to close the store before it puts its file in place: a command that reads a contact takes about 0.2 s. */
export const storeClosedWaitMs = 10_000;

/** Entries and bytes of one transaction of a copy of a store: 5,000 take about 20 ms, and 16 MB of changed pages are held in memory. */
export const copyEntriesPerTransaction = 5_000;
export const copyBytesPerTransaction = 16_777_216;

/** Bytes of one piece of a file that is copied or hashed: at 1 MB a read costs about 0.2 ms, and the buffer stays small. */
export const copyPieceBytes = 1_048_576;

/** Bytes of a backup's list of files: 200 bytes a file, and a dataset has one snapshot. */
export const maxManifestBytes = 67_108_864;

/** Reference rows are read whole by every query that uses them, so that a handful is much. */
export const maxLookupDatasets = 10;

/** Paths or globs of a source, and named tables of a query: people write them by hand. */
export const maxSourcePaths = 100;

/** Characters of a path, a URL or a column's name: the longest path that Linux opens has 4,096 bytes. */
export const maxPathLength = 4_096;

/** Characters of a query: a page of SQL has about 3,000. */
export const maxQueryLength = 65_536;

/** Headers that a request to a source carries. */
export const maxSourceHeaders = 20;

/** The oldest that values may become before a policy takes hold: 10 years, so that a typo does not mean never. */
export const maxAgeRangeMs = { min: 60_000, max: 315_360_000_000 } as const;

/** Bytes of a catalog file: 2,000 fields of 500 bytes are 1 MB. */
export const maxCatalogFileBytes = 4_194_304;

/** Nesting of a catalog file: ours needs 6. */
export const maxCatalogFileDepth = 20;

/** Values that the aliases of a catalog file may add up to: each is read where it is used, so that a few lines could be millions. */
export const maxCatalogFileAliases = 1_000;

/** Days after which a field that no token read counts as unused. */
export const fieldUseDays = 30;

/** Rows of a source that are shown as contacts before a definition is committed. */
export const validatedRows = 20;

/** Of more, nobody reads each; a sync with --dry-run counts them all. */
export const maxValidatedRows = 1_000;
/** Rows of a lookup dataset: a million products of 200 bytes are a Parquet file of some 50 MB, which a query joins in a second. */
export const maxLookupRows = 1_000_000;

/** Runs looked through for one by the first characters of its id: a dataset an hour for two years are 17,520; of more, give the whole id. */
export const maxListedRuns = 10_000;

/** What free space in the store's file is worth a compaction: more than a third of it, and more than 64 MB, which no disk misses. */
export const compactAdvice = { freePercent: 33, freeBytes: 67_108_864 } as const;
/** Kept of what a scheduled sync prints: a report with its rejections is some 5 kB. */
export const maxSyncOutputBytes = 262_144;

/** How long an approved run is left to whoever approved it at the command line before the server carries it out. */
export const approvalGraceMs = 3_000;

/** Runs of a dataset that can be taken back: yesterday's mistake is two runs old when it is seen; each keeps what it changed, 1.2 kB a contact, or of reference rows a file, 50 MB at most: 10 datasets x 3 are 1.5 GB. */
export const keptUndoRuns = 3;

/** How long they can: a week holds a weekend and the Monday after. */
export const keptUndoMs = 604_800_000;

/** Datasets that the metrics tell of one by one: three lines each, and labels without a bound would fill a Prometheus. */
export const maxMeasuredDatasets = 200;
