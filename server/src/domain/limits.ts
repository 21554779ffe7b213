/**
 * Limits that several rooms share. A room's own limits are in its `limits.ts`. Each comment shows
 * the arithmetic.
 */

/** Bytes of an identity's value after normalisation. */
export const maxIdentityBytes = 512;

/** Identities of one contact: each takes an index entry of about 60 bytes. */
export const maxIdentitiesPerContact = 100;

/** Identity types of an organization, the built-in ones included. */
export const maxIdentityTypesPerOrganization = 50;

/** Fields of an organization. Ids have 16 bits. 2,000 short values make a record of about 52 kB. */
export const maxFieldsPerOrganization = 2_000;

/** Datasets of an organization. Each adds 24 bytes to a contact: 200 x 24 = 4.8 kB at most. */
export const maxDatasetsPerOrganization = 200;

/**
 * Segments of an organization. Each takes about 1 kB in every thread; most organizations have fewer
 * than 300.
 */
export const maxSegmentsPerOrganization = 2_000;

/** Flows of an organization: the slots of each take 20 kB in every thread; those of 500 10 MB. */
export const maxFlowsPerOrganization = 500;

/** Exclusion groups of an organization: their slots take 20 kB each. */
export const maxGroupsPerOrganization = 100;

/**
 * Definitions in a chain, each of which uses the next. A rule is nested at most 100 deep, so that
 * 20 of them take 2,000 levels of the stack; a thread has room for about 8,000.
 */
export const maxUseDepth = 20;

/** Characters of the name of a segment or a flow. */
export const maxDefinitionNameLength = 100;

/** Ids of segments and flows: nine digits, so that they are numbers in every language. */
export const definitionIdRange = { min: 1, max: 999_999_999 } as const;

/** Characters of a `string` value. */
export const maxStringLength = 254;

/** Characters of a number, date or word in a source. A double in full digits has at most 1,078. */
export const maxPlainLength = 1_100;

/**
 * Combining marks that follow each other in a text. Composing n marks takes n² steps: 256 take 0.02
 * ms. Words need fewer than 10.
 */
export const maxMarksInRow = 256;

/** Bytes of a `text` or `set` value as JSON. A record with a hundred of them is below 7 MB. */
export const maxTextBytes = 65_536;

/** Elements of a `set` value. */
export const maxSetElements = 1_000;

/**
 * Rows of a write transaction. 1,000 rows take about 38 ms; a transaction should take under 50 ms.
 */
export const maxRowsPerBatch = 1_000;

/** An organization's rate limit, in units per second. */
export const rateLimitRange = { min: 1, max: 100_000, default: 50 } as const;

/**
 * Campaigns of a contact that are kept and returned: the newest ones. A joined contact keeps as
 * many for each row key that they came by, and returns 100.
 */
export const maxCampaignsReceived = 100;

/**
 * Flows of a contact that are kept: the newest ones, including those that ended. As many segments
 * and journeys are kept. At 200 bytes each they are 100 kB of each at most, and only reports read
 * all of them. A joined contact keeps as many for each row key that its memberships came by, and
 * returns 500.
 */
export const maxReportedMemberships = 500;

/** Reports of one contact in one change: 1,000 x 300 bytes are 300 kB of a batch. */
export const maxReportsPerChange = 1_000;

/** Live tokens of an organization. Each takes about 500 bytes in every thread. */
export const tokenPoolRange = { min: 1, max: 1_000, default: 10 } as const;

/** Age of a token, in days, from which Usher warns about it. */
export const tokenAgeDaysRange = { min: 1, max: 3_650, default: 90 } as const;

/**
 * Significant digits of an amount of money. A double keeps every 15-digit decimal, not every 16.
 */
export const maxExactDigits = 15;

/** Digits of a `big integer`. 2^332 has 100; counters and ids have fewer. */
export const maxBigIntegerDigits = 100;

/**
 * Free disk space that opening the store for writing needs. LMDB's first pages and its lock file
 * take less than 200 kB; 4 MB leave room for the catalog.
 */
export const minFreeDiskBytes = 4_194_304;

/** Columns of a source: as many as an organization may have fields. */
export const maxSourceColumns = 2_000;

/** Bytes that a copy or a hash of a file reads at a time: 1 MB takes about 0.2 ms to read. */
export const copyPieceBytes = 1_048_576;

/** Reference datasets of an organization. A query that uses one reads all of its rows. */
export const maxReferenceDatasets = 10;

/** Paths or globs of a source; as many named tables of a query. People write them by hand. */
export const maxSourcePaths = 100;

/** Characters of a query. A page of SQL has about 3,000. */
export const maxQueryLength = 65_536;

/** A field counts as unused when no token has read it for this many days. */
export const fieldUseDays = 30;

/**
 * Runs that are searched when only the first characters of a run's id are given: hourly runs for a
 * year are 8,760. For older runs, give the whole id.
 */
export const maxListedRuns = 10_000;

/**
 * Rejected rows that never stop a run: a person can correct ten by hand, and in a small source they
 * can be a large share.
 */
export const fewRejectedRows = 10;

/** How far a run's share of rejected rows may exceed that of the last applied run. */
export const rejectedShareSlack = 0.01;

/**
 * How far a run may exceed the plan that a person approved, as a share of the dataset's contacts:
 * a source may change a little while the run waits.
 */
export const approvalSlack = 0.01;

/**
 * Contacts that a run may join with others without approval, whatever their share: a person can
 * part ten by hand.
 */
export const fewJoinedContacts = 10;

/** Groups of contacts that a plan shows: as many as a person looks through. */
export const shownGroups = 20;

/**
 * Failed authentications of a client address. A person who tries several tokens stays below the
 * limit. 20 a minute are 10 million guesses a year at a token with 256 random bits.
 */
export const failedAuthentications = { burst: 20, perMinute: 20 } as const;

/**
 * Client addresses whose failed authentications are counted: 2,560 sets of 4 entries of 24 bytes
 * are 246 kB. A full set forgets its least recently seen address.
 */
export const countedAddresses = { sets: 2_560, perSet: 4 } as const;

/**
 * Rate limits of organizations and tokens that are counted at the same time: 2,048 x 4,128 bytes
 * are 8.5 MB. The system maps only the memory that is used.
 */
export const maxRateWindows = 2_048;

/** Identities of one erasure: the monthly list of a data protection officer. */
export const maxErasedIdentities = 10_000;

/** Variants of an experiment, or its branches. 2 % each; a test of more would need years. */
export const maxVariants = 50;

/** Characters of a variant's name. */
export const maxVariantNameLength = 100;

/** Flows of an exclusion group: 1 % of the contacts each. */
export const maxGroupFlows = 100;

/**
 * Characters of a flow's salt. Up to 18 and a contact id are one block of MD5, which takes 0.2 µs;
 * 64 are two blocks.
 */
export const maxSaltLength = 64;

/** The share of a live flow's members that a change may move without approval. */
export const maxMovedShare = 0.3;

/** Contacts that a change may move into, out of or within a live flow without approval. */
export const maxMovedContacts = 30_000;

/** How much counts may differ from an approved plan, as a share of the members. */
export const planTolerance = 0.01;

/** Changed definitions that a plan names: one, or the first of a catalog file. */
export const maxPlannedChanges = 20;

/** How long a plan of a change can be approved: 24 h. */
export const planLifeMs = 86_400_000;
