/** Bounds of HTTP: heads, bodies, connections, pages. `domain/limits.ts` has the shared ones. */

/**
 * Identities of one batch request. The organization's limit or the token's share may lower this.
 */
export const maxBatchIdentities = 50;

/** Names in `Usher-Omitted`; the others are only counted. 20 x (64 + 25) bytes are below 2 kB. */
export const maxOmittedNames = 20;

/** Names in a `fields` parameter. An organization has at most 2,000 fields; few pages need 100. */
export const maxRequestedFields = 500;

/**
 * How long a look-up waits for a revision: a write is visible within milliseconds, so 1 s is
 * generous.
 */
export const minRevisionWaitMs = 1_000;

/** Pause between two checks for a revision: 200 a second at 3 us each are 0.06 % of a core. */
export const revisionPollMs = 5;

/**
 * Requests per second of an organization that its own limit does not cover. A change of the catalog
 * takes about 2 ms, so 20 take 4 % of the time of its one writer. Small pushes share a write to the
 * disk, so that 200 a second fit; callers with more rows put them into one push. A page of the
 * console makes about 10 requests, so 50 for each user are five pages a second.
 */
export const fixedRateLimits = { administration: 20, ingest: 200, console: 50 } as const;

/** Rows of one push: one transaction of the writer. */
export const maxPushRows = 1_000;

/** Bytes of a push's body: 1,000 rows of 1 kB. Parsing 1 MB blocks look-ups for about 10 ms. */
export const maxIngestBodyBytes = 1_048_576;

/** Pushes that a thread runs at once: one with a body of 1 MB takes about 5 MB of memory. */
export const maxPushesUnderWay = 16;

/** Characters of an `Idempotency-Key`. */
export const maxIdempotencyKeyLength = 255;

/**
 * How long the answer to an erasure waits for its end. One person takes under 1 s; proxies wait at
 * least 30 s.
 */
export const erasureAnswerMs = 5_000;

/** Entries of one page of a list. */
export const pageSize = { min: 1, max: 200, default: 50 } as const;

/**
 * How long a list of contacts may take, from its first page to its last: 1,000,000 contacts at one
 * page of 200 in 4 s. All pages are as of the first one.
 */
export const listCursorMs = 21_600_000;

/** Bytes of a request's head with its first line: node's default, twice what proxies allow. */
export const maxHeaderBytes = 16_384;

/** Header fields of a request: browsers send about 20, proxies add about 10. */
export const maxHeaderCount = 100;

/**
 * Time for the headers, and for a whole request: 1 MB in 10 s is 100 kB/s.
 */
export const requestDeadlineMs = 10_000;

/** Pause between two checks of this deadline: slow requests end within 11 s. */
export const connectionCheckMs = 500;

/** How long a new connection may send nothing: as long as a request may take. */
export const silentMs = 10_000;

/** How long an idle connection stays open: longer than the 60 s that are common for proxies. */
export const keepAliveMs = 65_000;

/**
 * How long a closing connection reads on, so that the client sees the answer before a reset: half a
 * second of silence, or 5 s (half a megabyte at 100 kB/s).
 */
export const lingerMs = { quiet: 500, most: 5_000 } as const;

/** How long a client may read nothing of an answer: 64 kB in 10 s are 6.5 kB/s. */
export const writeStallMs = 10_000;

/** Bytes of answers per write to the system: what a socket of Node.js buffers before it waits. */
export const outputPieceBytes = 65_536;

/**
 * Bytes of a thread's answers that wait for clients: 500 x 128 kB. Above it, the connections that
 * have waited longest are closed.
 */
export const maxQueuedOutputBytes = 67_108_864;

/** How long one turn of the event loop answers requests. A caller waits at most twice as long. */
export const turnMs = 5;

/** How long a look-up thread works before it rests, where threads share a core. */
export const coreWorkMs = 1;

/** A rest. The system adds 0.05 ms, and another thread gets the core meanwhile. */
export const coreRestMs = 0.01;

/** A core is shared if another thread had a turn in this time: longer than the system's 4 ms. */
export const coreSharedForMs = 20;

/** Requests of one connection that are answered on arrival; pipelining clients send about 10. */
export const answersPerRead = 16;

/** Requests per turn of all waiting connections, at least one each: 128 x 20 us are 2.5 ms. */
export const answersPerTurn = 128;

/** Bytes of a look-up's body: 500 names of 64 and 50 identities of 512 are 58 kB. */
export const maxLookupBodyBytes = 65_536;

/** Bytes of an administration body: 2,000 fields of 500 bytes are 1 MB. */
export const maxAdministrationBodyBytes = 1_048_576;

/**
 * Bytes of a receipt to verify: 230,000 identities of 35 bytes. Parsing 8 MB blocks look-ups for
 * about 80 ms, and only the scope `privacy:write` may send it.
 */
export const maxReceiptBodyBytes = 8_388_608;

/** Levels of nesting in a JSON body. The definition of a dataset needs 5. */
export const maxJsonDepth = 32;

/** Bytes of a parameter in a path: an e-mail of 512 bytes, each percent-encoded as three. */
export const maxPathParameterLength = 1_536;

/**
 * Event streams that are open at the same time. An open page of the console has one. Each takes
 * about 20 kB with its connection: 256 are 5 MB. A caller has at most 8 in a thread: another one
 * ends the oldest, so that nobody takes those of the others.
 */
export const maxEventStreams = { perOrganization: 64, perServer: 256, perCaller: 8 } as const;

/** Events that wait for a client: 100 x 600 bytes. A client that lets them wait is dropped. */
export const maxQueuedEvents = 100;

/** Events that an organization's clients can ask for again: 256 x 600 bytes are 150 kB. */
export const keptEvents = 256;

/** How often a thread looks for changes: 1 ms for each organization that has streams. */
export const eventLookMs = 1_000;

/** Looks between two events with figures of the traffic. */
export const trafficLooks = 5;

/** Looks between two signs of life, so that proxies keep an idle stream open. */
export const heartbeatLooks = 15;

/** Looks after the last stream has ended in which clients can come back and miss nothing. */
export const eventIdleLooks = 60;

/**
 * How often a long call that reads looks whether its caller may go on: it ends within a second of a
 * sign-out.
 */
export const rightsLookMs = 500;
