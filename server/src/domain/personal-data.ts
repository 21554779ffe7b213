/**
 * Every place that keeps data of contacts, or could: what it holds, for how long, and what an
 * erasure does there. `docs/privacy.md` shows the tables; a test fails if a database of the store,
 * a table of the catalog or a file of the data folder is missing here.
 */
import { dataFiles } from './data-files.ts';
import { usagePlace } from './usage-place.ts';
import { userPlace } from './user/user-place.ts';

/**
 * `values`: texts that people read. `digests`: SHA-256 of identities, which anyone can test.
 * `keyed digests`: only who has the key can test them.
 */
export type DataForm = 'values' | 'digests' | 'keyed digests' | 'nothing personal';

export interface PersonalDataPlace {
  readonly name: string;
  /** Paths of its files in the data folder, as globs. */
  readonly paths: readonly string[];
  /** Databases of the contact store. */
  readonly databases?: readonly string[];
  /** Tables of the catalog. */
  readonly tables?: readonly string[];
  readonly holds: string;
  readonly forms: readonly DataForm[];
  readonly kept: string;
  /** What an erasure does there. */
  readonly erasure: string;
}

const store = [dataFiles.contacts];
const untilNextRow = 'until the row changes, or is gone from its source';
const rollbackDays = '7 days, of the last 3 runs of a dataset';
const removed = 'removed at once; its free space is emptied by `usher compact`';
const none = 'nothing to remove';

/** Databases of the contact store. */
export const storePlaces: readonly PersonalDataPlace[] = [
  {
    name: 'records',
    paths: store,
    databases: ['rec'],
    holds: 'the values of a contact, by dataset, and contact ids that lead to another one',
    forms: ['values'],
    kept: untilNextRow,
    erasure: removed,
  },
  {
    name: 'rows and identities',
    paths: store,
    databases: ['ids'],
    holds: 'the rows of a contact and what they claim, with the identities in full',
    forms: ['values', 'digests'],
    kept: untilNextRow,
    erasure: `${removed}. Rows of other people let the identities go`,
  },
  {
    name: 'index of identities',
    paths: store,
    databases: ['id'],
    holds: 'where an identity leads',
    forms: ['digests'],
    kept: 'as long as a row claims the identity',
    erasure: removed,
  },
  {
    name: 'memberships',
    paths: store,
    databases: ['mem'],
    holds: 'recorded memberships of a contact',
    forms: ['values'],
    kept: 'as long as the contact',
    erasure: removed,
  },
  {
    name: 'hidden rows',
    paths: store,
    databases: ['row'],
    holds: 'the values of rows that do not answer, because a newer row of the dataset does',
    forms: ['values', 'digests'],
    kept: untilNextRow,
    erasure: removed,
  },
  {
    name: 'claims, joins and partings',
    paths: store,
    databases: ['link'],
    holds: 'what is known of an identity besides where it leads: waiting claims, bars, join memory',
    forms: ['digests'],
    kept: 'as long as a row or a person says so',
    erasure: removed,
  },
  {
    name: 'log of joins',
    paths: store,
    databases: ['log'],
    holds: 'who or what joined and parted which row keys',
    forms: ['digests'],
    kept: 'without end',
    erasure: 'entries that name an erased identity are removed',
  },
  {
    name: 'waiting contact ids',
    paths: store,
    databases: ['gone'],
    holds: 'the contact id of a row that is gone, and its row key',
    forms: ['digests'],
    kept: '30 days',
    erasure: removed,
  },
  {
    name: 'effects of unfinished runs',
    paths: store,
    databases: ['effects'],
    holds: 'which identities a run moved, contacts it joined and parted, and claims without effect',
    forms: ['digests'],
    kept: 'until the run ends',
    erasure:
      'what names an erased identity is removed, and the id of an erased contact is replaced',
  },
  {
    name: 'rollback data',
    paths: store,
    databases: ['undo'],
    holds: 'the rows from before a run',
    forms: ['values', 'digests'],
    kept: rollbackDays,
    erasure: 'rows of the person are removed, and rows of others lose the identity',
  },
  {
    name: 'answers of pushes',
    paths: store,
    databases: ['once'],
    holds:
      'counts, codes and row numbers of a push, under digests of its key and its request; no text that the caller sent',
    forms: ['keyed digests'],
    kept: '24 hours, and until the next day of pushes removes them',
    erasure: 'kept: only the key of the data folder tests a digest, and they go after a day',
  },
  {
    name: 'amendments',
    paths: store,
    databases: ['amend'],
    holds: 'values that count over those of sources, by row key',
    forms: ['values', 'digests'],
    kept: 'until they are lifted, or the field is removed',
    erasure: removed,
  },
  {
    name: 'erasures under way',
    paths: store,
    databases: ['erase'],
    holds:
      'the identities that an erasure has still to erase, and the ids of erased contacts; afterwards its counts and subjects',
    forms: ['digests', 'keyed digests'],
    kept: 'the digests until the erasure is done, the rest for 30 days',
    erasure: 'the digests are removed when it is done',
  },
  {
    name: 'facts about the store',
    paths: store,
    databases: ['meta'],
    holds: 'counts, leases, versions, rules, and the key ids of the suppression lists',
    forms: ['nothing personal'],
    kept: 'as long as the store',
    erasure: none,
  },
];

const catalogFiles = [dataFiles.catalog, `${dataFiles.catalog}-wal`, `${dataFiles.catalog}-shm`];

/** Other files of the data folder. */
export const filePlaces: readonly PersonalDataPlace[] = [
  {
    name: 'definitions and tokens',
    paths: catalogFiles,
    tables: [
      ...['catalog_state', 'organizations', 'identity_types', 'identity_settings', 'datasets'],
      ...['dataset_versions', 'fields', 'built_in_content', 'tokens', 'schedule_states'],
      ...['segments', 'flows', 'exclusion_groups', 'definition_edits', 'change_plans'],
      ...['last_live_definitions', 'field_reads', 'access_end', 'access_hours', 'pushed_rows'],
      ...['kysely_migration', 'kysely_migration_lock', 'sqlite_sequence'],
    ],
    holds:
      'what operators define, with their own addresses; nothing of contacts, unless somebody wrote it into a rule',
    forms: ['nothing personal'],
    kept: 'as long as the catalog',
    erasure: none,
  },
  {
    name: 'runs',
    paths: catalogFiles,
    tables: ['runs'],
    holds:
      'states, counts, failures without values, and the plan of a run that waits for approval, with the ids of at most 5 contacts until it is decided or the next run begins',
    forms: ['nothing personal'],
    kept: 'without end',
    erasure: 'the ids of contacts are removed',
  },
  {
    name: 'audit log',
    paths: catalogFiles,
    tables: ['audit'],
    holds:
      'who changed what. A person is named by a random entry of the log of joins, or by a request. Of blocked values only the number is noted',
    forms: ['nothing personal'],
    kept: 'without end',
    erasure: none,
  },
  { ...usagePlace, paths: catalogFiles },
  { ...userPlace, paths: catalogFiles },
  {
    name: 'privacy requests',
    paths: catalogFiles,
    tables: ['privacy_requests', 'privacy_subjects'],
    holds: 'kind, state, times, actor, counts, the receipt, and the subjects of the request',
    forms: ['keyed digests'],
    kept: 'without end: they prove that a request was carried out',
    erasure: 'kept',
  },
  {
    name: 'baselines',
    paths: [`${dataFiles.baselines}/*/*/*.parquet`],
    holds: 'the rows that the last run of a dataset read',
    forms: ['keyed digests'],
    kept: 'until the next run of the dataset',
    erasure: 'kept: only the key of the data folder tests a digest, and the next run replaces them',
  },
  {
    name: 'key of the data folder',
    paths: [dataFiles.secretKey],
    holds:
      'the key of the digests in baselines and of answers of pushes, of cursors, of the access log, and of what users of the console have',
    forms: ['nothing personal'],
    kept: 'as long as the data folder',
    erasure: none,
  },
  {
    name: 'reference rows',
    paths: [`${dataFiles.references}/*/*/*.parquet`, `${dataFiles.references}/*/*/*.json`],
    holds: 'rows of reference datasets, such as products. They belong to no contact',
    forms: ['values'],
    kept: `until the next run of the dataset; earlier rows ${rollbackDays}`,
    erasure: 'not searched: keep people out of reference datasets, or remove the row in its source',
  },
  {
    name: 'rejections',
    paths: [
      `${dataFiles.runs}/*/${dataFiles.rejections}`,
      `${dataFiles.runs}/*/${dataFiles.refusedClaims}`,
    ],
    holds: 'the row number, column and reason of rejected rows and refused claims, never a value',
    forms: ['nothing personal'],
    kept: 'without end',
    erasure: none,
  },
  {
    name: 'work files',
    paths: [`${dataFiles.work}/**`],
    holds: 'the rows of a run or an import under way, and the contacts of an export',
    forms: ['values'],
    kept: 'until it ends; if it was killed, until the next run, export or `usher compact`',
    erasure: 'not touched: rows of the person are rejected when they reach the store',
  },
  {
    name: 'uploaded files',
    paths: [`${dataFiles.uploads}/**`],
    holds: 'a file that somebody uploaded for a dataset, with its name',
    forms: ['values'],
    kept: 'until a run has applied it or was rejected, and at most 24 hours. A running server removes it; a stopped one, when it starts',
    erasure:
      'not touched: rows of the person are rejected when they reach the store. `usher compact` removes all uploaded files',
  },
  {
    name: 'suppression lists',
    paths: [`${dataFiles.suppression}/*.list*`, `${dataFiles.suppression}/*.unfinished*`],
    holds: 'the erased identities and kept rows, with the times of suppression and lifting',
    forms: ['keyed digests'],
    kept: 'without end: they keep erased people out',
    erasure: 'the identities are added',
  },
  {
    name: 'keys of suppression lists',
    paths: [`${dataFiles.suppression}/*.key`],
    holds: 'the keys of these digests',
    forms: ['nothing personal'],
    kept: 'as long as their lists',
    erasure: none,
  },
  {
    name: 'access log',
    paths: [`${dataFiles.access}/*.log`],
    holds:
      'who looked at whom, when, at which fields, and what came of it: tokens and users, what they claim in `Usher-Actor`, and addresses of clients; never a value',
    forms: ['keyed digests'],
    kept: 'until the log is larger, or older, than its settings allow',
    erasure: 'the digests of the person are removed; the entries stay, without a subject',
  },
  {
    name: 'proof of the access log',
    paths: [
      `${dataFiles.access}/${dataFiles.accessMark}`,
      `${dataFiles.access}/${dataFiles.accessCheckpoint}`,
    ],
    holds: 'how far the access log goes, and what left it',
    forms: ['nothing personal'],
    kept: 'as long as the access log',
    erasure: none,
  },
  {
    name: 'erasures of the access log under way',
    paths: [`${dataFiles.access}/${dataFiles.accessErasures}/*`],
    holds: 'the digests that the access log has still to remove',
    forms: ['keyed digests'],
    kept: 'until they are removed: within seconds, or when a server starts',
    erasure: 'removed when it is done',
  },
  {
    name: 'locks and socket',
    paths: [
      ...[dataFiles.contactsLock, dataFiles.serverLock, dataFiles.serverEnd, dataFiles.loading],
      ...[dataFiles.writerLock, dataFiles.readersLock, dataFiles.writerSocket],
    ],
    holds: 'ids of processes and of a boot, and when the last server ended',
    forms: ['nothing personal'],
    kept: 'as long as the data folder',
    erasure: none,
  },
  {
    name: 'compaction under way',
    paths: [`${dataFiles.compaction}/**`],
    holds: 'a copy of the contact store without removed data',
    forms: ['values', 'digests'],
    kept: 'until it ends; if it was killed, until the next one',
    erasure: 'no erasure runs meanwhile',
  },
  {
    name: 'restore under way',
    paths: [`${dataFiles.restore}/**`],
    holds: 'a copy of the backup',
    forms: ['values', 'digests', 'keyed digests'],
    kept: 'until it ends; if it was killed, until you remove the folder',
    erasure: 'people on a suppression list are erased before the copy is put in place',
  },
];

const killedPart =
  'A `.part` that a kill left: until the next run, export or `usher compact`, or until you delete it: `usher doctor` names it';

/** Places outside of the data folder. */
export const outerPlaces: readonly PersonalDataPlace[] = [
  {
    name: 'backups',
    paths: [],
    holds: 'all of the above but work files and locks, as of one moment',
    forms: ['values', 'digests', 'keyed digests'],
    kept: 'as long as you keep them',
    erasure: 'not reached: a restore erases whom the suppression lists name. Delete old backups',
  },
  {
    name: 'log of the server, metrics, problems',
    paths: [],
    holds: 'no identity, value or token of a caller',
    forms: ['nothing personal'],
    kept: 'as long as you keep them',
    erasure: none,
  },
  {
    name: 'log of the rate limiter',
    paths: [],
    holds: 'times and counts (`USHER_LIMIT_LOG`)',
    forms: ['nothing personal'],
    kept: 'as long as you keep it',
    erasure: none,
  },
  {
    name: 'temporary folder of the system',
    paths: [],
    holds: 'the rows of a dry run under way',
    forms: ['values'],
    kept: 'until it ends; if it was killed, until the system empties the folder',
    erasure: 'not reached',
  },
  {
    name: 'documents of `usher privacy export`',
    paths: [],
    holds: 'everything that is known of one person; `FILE.*.part` beside it while it is written',
    forms: ['values'],
    kept: `until the person who asked for it deletes it; Usher keeps no copy. ${killedPart}`,
    erasure: 'not reached',
  },
  {
    name: 'files of `usher contact export`',
    paths: [],
    holds: 'the contacts that somebody exported; `FILE.*.part` beside it while it is written',
    forms: ['values'],
    kept: `until you delete it. ${killedPart}`,
    erasure: 'not reached',
  },
];
