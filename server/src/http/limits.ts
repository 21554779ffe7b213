/**
 * Bounds of one room, each with its arithmetic: HTTP: heads, bodies, connections, pages. Bounds
 * that several rooms share are in `domain/limits.ts`.
 */

/** Identities of one batch request, before the limit and the token's share lower it. */
export const maxBatchIdentities = 50;

/**
 * Entries named by `Usher-Omitted`, the rest is counted: 20 x (64 + 25) bytes is below 2 kB of
 * header.
 */
export const maxOmittedNames = 20;

/**
 * Names in a `fields` parameter: 2,000 fields of an organization at most, and 100 is more than any
 * page shows.
 */
export const maxRequestedFields = 500;

/**
 * How long a look-up waits for the revision that it asks to see: a commit shows within
 * milliseconds, so a second is a write that never was.
 */
export const minRevisionWaitMs = 1_000;

/** Pause between two looks for a revision: 200 a second at 3 us each are 0.06 % of a core. */
export const revisionPollMs = 5;

/** Rows of one push: one transaction of the writer. */
export const maxPushRows = 1_000;

/**
 * Bytes of the body of a push: 1,000 rows of 1 kB. A megabyte of JSON is read in about 10 ms, for
 * which the thread's look-ups wait.
 */
export const maxIngestBodyBytes = 1_048_576;

/**
 * Pushes that a thread has under way: each holds a body of 1 MB and its rows, about 5 MB; one more
 * is `overloaded`.
 */
export const maxPushesUnderWay = 16;

/** Characters of an `Idempotency-Key`. */
export const maxIdempotencyKeyLength = 255;

/** Entries of one page of a list. */
export const pageSize = { min: 1, max: 200, default: 50 } as const;

/**
 * Bytes of a request's head, from its first line to the empty one: node's own default, twice what
 * proxies commonly pass. A target has no bound of its own.
 */
export const maxHeaderBytes = 16_384;

/** Header fields of a request: browsers send about 20, proxies add about 10. */
export const maxHeaderCount = 100;

/**
 * Time for the headers, and for the whole of a request: 1 MB in 10 s is 100 kB/s; with a check
 * twice a second, slow callers are gone within 11 s.
 */
export const requestDeadlineMs = 10_000;
export const connectionCheckMs = 500;

/** How long a new connection may take to send its first byte: as long as a request may. */
export const silentMs = 10_000;

/**
 * How long a connection may idle between requests: longer than the 60 s that proxies commonly keep
 * theirs.
 */
export const keepAliveMs = 65_000;

/**
 * How long a connection that is closed may go on sending, so that the client can read why before it
 * is reset: until it is quiet for half a second, or for 5 s, in which 100 kB/s are half a megabyte.
 */
export const lingerMs = { quiet: 500, most: 5_000 } as const;

/**
 * How long a client may read nothing of an answer that waits for it: each 64 kB in 10 s are 6.5
 * kB/s.
 */
export const writeStallMs = 10_000;

/**
 * Bytes of answers that are given to the system at once: what a socket of node takes before it asks
 * to wait.
 */
export const outputPieceBytes = 65_536;

/**
 * Bytes of answers of a thread that wait for clients to read them: 500 clients that read nothing
 * with 128 kB each. Beyond it, those go that have waited longest.
 */
export const maxQueuedOutputBytes = 67_108_864;

/**
 * How long a thread answers in one turn of its event loop before it looks at its sockets again:
 * twice that, what arrived and what waited, is the delay of a caller.
 */
export const turnMs = 5;

/**
 * Requests of one connection that are answered as they arrive; a client that pipelines has about 10
 * under way.
 */
export const answersPerRead = 16;

/**
 * Requests that one turn takes of all connections that wait, one of each at least: 128 plain
 * look-ups at 20 us are 2.5 ms.
 */
export const answersPerTurn = 128;

/** Bytes of a body of a look-up: 500 names of 64 and 50 identities of 512 are 58 kB. */
export const maxLookupBodyBytes = 65_536;

/** Bytes of a body of administration: 2,000 fields of 500 bytes are 1 MB. */
export const maxAdministrationBodyBytes = 1_048_576;

/** Nesting of a JSON body: ours need 4. */
export const maxJsonDepth = 32;

/** Bytes of a parameter in a path: an e-mail of 512 bytes, each percent-encoded as three. */
export const maxPathParameterLength = 1_536;
