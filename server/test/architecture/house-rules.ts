/**
 * The rules of the architecture as data: which room may import which, who may use which package,
 * which names are banned. `docs/architecture.md` has the same rules in words; `check-house.ts`
 * checks the tree.
 */

/** The rooms of `server/src`: its folders, and `main.ts` and `compose.ts` under their own names. */
const belowSync = ['membership', 'stores', 'sources', 'catalog', 'domain'];
const belowRuns = ['administration', 'sync', ...belowSync];
const belowExplain = ['lookup', 'access', ...belowRuns];
const belowHttp = ['explain', 'lookup', 'runs', 'users', 'access', ...belowRuns];
const wiring = ['settings', 'observe'];
const belowCompose = ['http', ...belowHttp, ...wiring];

/**
 * `main > cli > serve > compose > http > explain > lookup | runs | users > administration >
 * access | sync > membership > stores, sources, catalog > domain`
 */
export const directions: ReadonlyMap<string, readonly string[]> = new Map([
  ['main', ['cli', 'serve', 'compose', ...belowCompose]],
  // The command line prints the wire's schema of the catalog file.
  ['cli', ['serve', 'compose', 'contract', ...belowCompose]],
  ['serve', ['compose', 'http', ...belowHttp, 'observe']],
  ['compose', belowCompose],
  ['http', ['contract', ...belowHttp]],
  ['explain', belowExplain],
  ['lookup', ['sync', ...belowSync]],
  ['runs', belowRuns],
  ['users', ['administration', 'stores', 'catalog', 'domain']],
  ['administration', ['access', 'sync', ...belowSync]],
  ['sync', belowSync],
  ['membership', ['stores', 'domain']],
  ['access', ['stores', 'domain']],
  ['stores', ['domain']],
  ['sources', ['domain']],
  ['catalog', ['domain']],
  ['settings', ['domain']],
  ['observe', ['domain']],
  ['domain', []],
]);

/** What a room may import beyond the table, as types only. */
export const typeDirections: ReadonlyMap<string, readonly string[]> = new Map([
  ['serve', ['settings']],
  ['http', ['observe']],
  ['lookup', ['observe']],
  ['administration', ['observe']],
  ['sync', ['observe']],
  ['client', ['contract']],
  ['console', ['contract']],
]);

/** The words of these tables are the domain's too. */
export const domainTables = new Set([
  'contract/src/access-words.ts',
  'contract/src/audit-words.ts',
  'contract/src/problems.ts',
  'contract/src/roles.ts',
  'contract/src/wait-cause-schema.ts',
]);

/** Folders with a backend a folder: seen by their own `open-*.ts` only, that by `compose` only. */
export const backendRooms = ['stores', 'sources', 'catalog'];

/** What the backends of a room have in common: seen from within that room only. */
export const sharedBackendParts = new Set(['catalog/sql', 'stores/suppression']);

/** The pure functions that `domain` may take from node, by name. */
export const pureNodeNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['node:crypto', ['hash', 'timingSafeEqual']],
  ['node:zlib', ['crc32']],
  ['node:url', ['domainToASCII']],
  ['node:net', ['isIP', 'isIPv4', 'isIPv6', 'BlockList']],
]);

/** What `domain` must not say: it waits for nothing and asks the world nothing. */
export const impureWords: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/(?<![\w$.])(?:await|async)\b/, 'waits (async, await)'],
  [/\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\./, 'reads the clock'],
  [/\bMath\.random\b|\bgetRandomValues\b/, 'asks for randomness'],
  [/\bprocess\./, 'asks the process'],
  [/\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'sets a timer'],
  [/\bconsole\.|\bfetch\(/, 'talks to the world'],
];

/** A package is used where it is at home, so that it can be replaced there. */
export const packageHomes: ReadonlyMap<string, readonly string[]> = new Map([
  ['lmdb', ['server/src/stores/embedded']],
  ['better-sqlite3', ['server/src/catalog/sqlite', 'server/src/stores', 'server/src/sources']],
  ['pg', ['server/src/sources']],
  ['pg-copy-streams', ['server/src/sources']],
  ['mysql2', ['server/src/sources']],
  ['kysely', ['server/src/catalog']],
  ['@duckdb/node-api', ['server/src/sources', 'server/src/sync']],
  ['find-my-way', ['server/src/http']],
  ['commander', ['server/src/cli']],
  ['cli-progress', ['server/src/cli', 'server/src/observe']],
  ['pino', ['server/src/observe']],
  ['marked', ['server/src/http']],
  ['yaml', ['server/src/cli']],
  ['croner', ['server/src/sync']],
  ['openid-client', ['server/src/users/oidc']],
  ['@marcbachmann/cel-js', ['server/src/membership']],
]);

/** Names that only these files may import, because they own what the name stands for. */
export const ownedNames = [
  {
    // The layout of a stored contact. The lender looks at the kind and the id before it lends one.
    name: 'recordLayout',
    home: 'server/src/stores/contact-codec.ts',
    owners: [
      'server/src/stores/read-record.ts',
      'server/src/stores/merge-section.ts',
      'server/src/stores/embedded/contact-lender.ts',
    ],
  },
];

/** What the backends of a room share holds no statement that one database alone understands. */
export const rawStatements = { folder: 'server/src/catalog/sql/', package: 'kysely', name: 'sql' };

export const bannedNames = new Set(
  'utils util helpers helper common misc shared lib core types manager base impl index'.split(' '),
);

/** A name with one of these as a part says no more than the banned ones do. */
export const bannedNameParts = new Set('utils util helpers helper misc manager impl'.split(' '));

export const maxFileLines = 400;

/** Functions of `node:fs` that write files or name them. */
export const writingNames = new Set(
  'writeFile writeFileSync appendFile appendFileSync copyFile copyFileSync createWriteStream link rename renameSync'.split(
    ' ',
  ),
);

/** Who may write files by other means than `stores/durable-file.ts`: paths begin so. */
export const fileWriters = [
  'server/src/stores/durable-file.ts',
  // Work files: they end with their run, and no other run reads them.
  'server/src/sources/',
  'server/src/sync/stage/written-file.ts',
  // A stream, which gets its name when all of it has arrived.
  'server/src/sync/upload/receive-upload.ts',
  // Files that SQLite and LMDB keep whole themselves.
  'server/src/catalog/sqlite/',
  'server/src/stores/embedded/',
  'server/src/stores/suppression/',
  // A backup's folder gets its name when all of it is written and synced.
  'server/src/administration/backup/make-backup.ts',
  'server/src/administration/backup/backup-files.ts',
  'server/src/administration/backup/restore-backup.ts',
  // Blocks are appended, and digests are removed in place.
  'server/src/access/',
  // Lines are appended.
  'server/src/serve/limit-log.ts',
  // A special file, such as a pipe, cannot be replaced.
  'server/src/cli/write-out.ts',
];

/** Types of memory that belongs to whoever lends it, and is filled again for the next reader. */
export const lentTypes = new Set([
  'LentBytes',
  'LentContact',
  'RecordView',
  'SectionView',
  'PreviousSection',
  'ByteScratch',
]);

/** Methods of a reader that call a function with such memory. */
export const lendingMethods = new Set(['lendContact', 'readContacts', 'walkContacts']);

/** Methods and functions whose result is such memory. */
export const lendingCalls = new Set([
  'getBinaryFast',
  'reserve',
  'findRecord',
  'findSection',
  'sectionAt',
]);

/** What goes on later, and so may not hold such memory. */
export const waitingTypes = new Set(
  'Promise PromiseLike Awaitable AsyncGenerator AsyncIterable AsyncIterator'.split(' '),
);

/** Files that lend: theirs is the memory, and its place is a property. */
export const lenders = new Set([
  'server/src/stores/embedded/contact-lender.ts',
  'server/src/stores/embedded/contacts/walk-contacts.ts',
]);

/**
 * Files that write to the terminal's own streams: where they are given, cleaned, and where a bar or
 * a question is drawn.
 */
export const terminalWriters = new Set([
  'server/src/main.ts',
  'server/src/cli/terminal/clean-io.ts',
  'server/src/cli/terminal/confirm.ts',
  'server/src/cli/terminal/progress-report.ts',
  'server/src/http/pages/reference-script-loader.ts',
]);
