/**
 * Bounds that several rooms share, each with its arithmetic. A room's own bounds are in its
 * `limits.ts`. A bound that an operator may move is a setting (`settings/`) or an organization's
 * setting; its permitted range is here.
 */

/** Bytes of an identity's value after normalising (contract, section 1). */
export const maxIdentityBytes = 512;

/**
 * Field ids are 16-bit; a record of 1,600 fields is 42 kB, so 2,000 a organization keeps a record
 * below 64 kB of values that are short.
 */
export const maxFieldsPerOrganization = 2_000;

/**
 * Dataset ids are 16-bit; each dataset of a contact costs 24 bytes of directory: 200 x 24 = 4.8 kB
 * at worst.
 */
export const maxDatasetsPerOrganization = 200;

/** Characters of a `string` value: below 255 (contract, section 1). */
export const maxStringLength = 254;

/**
 * Characters of a number, a date or a word as it is written: a double written out in full has 1,078
 * at most.
 */
export const maxPlainLength = 1_100;

/**
 * Combining marks in a row: composing takes the square of their number, 0.02 ms for 256; a letter
 * of any language has below 10.
 */
export const maxMarksInRow = 256;

/** Bytes of a `text` or `set` value as JSON: a record of a hundred of them stays below 7 MB. */
export const maxTextBytes = 65_536;

/** Elements of a `set` value. */
export const maxSetElements = 1_000;

/**
 * Rows of one write transaction: 1,000 rows take about 38 ms, and a transaction stays below 50 ms.
 */
export const maxRowsPerBatch = 1_000;

/** Units per second an organization's limit may be set to. */
export const rateLimitRange = { min: 1, max: 100_000, default: 50 } as const;

/** Recorded campaigns answered and kept per contact (contract, section 1). */
export const maxCampaignsReceived = 100;

/**
 * Flows kept per contact, ended ones included, and as many segments; the newest. Each is about 200
 * bytes: 100 kB at worst, which only reports read whole.
 */
export const maxReportedMemberships = 500;

/** Reports of one contact in one change: 1,000 x 300 bytes are 300 kB of a batch. */
export const maxReportsPerChange = 1_000;

/**
 * Live tokens of an organization: a small pool (contract, section 3); each is about 500 bytes in
 * every thread.
 */
export const tokenPoolRange = { min: 1, max: 1_000, default: 10 } as const;

/** Days after which a token's age is warned of. */
export const tokenAgeDaysRange = { min: 1, max: 3_650, default: 90 } as const;

/**
 * Significant digits of an amount of money: a double holds any 15 decimal digits exactly, not
 * any 16.
 */
export const maxExactDigits = 15;

/** Digits of a `big integer`: 2^332 has 100, more is no number that a system counts with. */
export const maxBigIntegerDigits = 100;

/**
 * Free disk space below which the store is not opened for writing: LMDB's first pages and its lock
 * file are under 200 kB; 4 MB leave room for the catalog too.
 */
export const minFreeDiskBytes = 4_194_304;

/** Columns of a source: as many as an organization may have fields. */
export const maxSourceColumns = 2_000;

/**
 * Bytes of one piece of a file that is copied or hashed: at 1 MB a read costs about 0.2 ms, and the
 * buffer stays small.
 */
export const copyPieceBytes = 1_048_576;

/** Reference rows are read whole by every query that uses them, so that a handful is much. */
export const maxReferenceDatasets = 10;

/** Paths or globs of a source, and named tables of a query: people write them by hand. */
export const maxSourcePaths = 100;

/** Characters of a query: a page of SQL has about 3,000. */
export const maxQueryLength = 65_536;

/** Days after which a field that no token read counts as unused. */
export const fieldUseDays = 30;

/**
 * Runs looked through for one by the first characters of its id: a dataset an hour for two years
 * are 17,520; of more, give the whole id.
 */
export const maxListedRuns = 10_000;

/**
 * Rejected rows that stop no run: ten are read and mended by hand, and of a small source they may
 * be a large share.
 */
export const fewRejectedRows = 10;

/**
 * By how much a run's share of rejected rows may be above that of the last applied run: one
 * percentage point.
 */
export const rejectedShareSlack = 0.01;
