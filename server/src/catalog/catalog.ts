/**
 * The catalog, as everything else sees it: all that organizations have defined (identity types,
 * datasets, fields, tokens, settings), the runs that brought datasets in, and the audit log. This
 * file is the manual; `test/contracts/catalog-contract.ts` holds every backend to it. What may be
 * defined, and by whom, is `administration/`'s business: the catalog keeps what it is given.
 *
 * What a catalog promises:
 * - **A change is all or nothing**, and its audit entries and the new revision are part of it:
 *   nobody sees one without the others, also across `kill -9`, also when many processes change at
 *   once.
 * - **Changes come one after the other**: what a change reads, nobody else changes before it ends.
 *   So a rule that holds when it is checked inside a change (a name is free, the pool has room)
 *   holds when the change is done.
 * - **The revision** is one number of the whole catalog, growing with each change; each
 *   organization has the number of the last change that concerned it. Runs and their approvals,
 *   schedules' states, last-used times, reads of fields and nothing else are written without moving
 *   it.
 * - **Ids are never used again**: of organizations, tokens, and inside an organization of identity
 *   types, datasets, fields.
 * - **The audit log only grows**: nothing changes or removes an entry.
 * - **Order**: lists are in order of creation, except runs and audit entries: newest first.
 * - **Errors**: `store_unavailable` after 5 s of waiting for other writers, or when the database
 *   cannot be used; `storage_full` when the disk is. Both leave everything as it was, and the same
 *   call succeeds once the cause is gone.
 */
import type { CatalogState, Dataset } from '../domain/catalog-state.ts';
import type { Field } from '../domain/contact/field.ts';
import type { IdentityType } from '../domain/contact/identity-type.ts';
import type { DatasetDefinition } from '../domain/dataset/dataset-definition.ts';
import type { RunPlan } from '../domain/dataset/run-plan.ts';
import type { RejectionCode } from '../domain/errors.ts';
import type { Organization } from '../domain/organization.ts';
import type { Token } from '../domain/token/token.ts';

/** Times are milliseconds since the epoch, everywhere in this file. */
export interface OrganizationRecord extends Organization {
  /** Of the last change that concerned this organization. */
  readonly revision: number;
  readonly createdAtMs: number;
}

export interface DatasetRecord extends Dataset {
  /** Of its newest commit; 0 until it is first defined. */
  readonly version: number;
  readonly createdAtMs: number;
}

/** A commit of a dataset: what it was from then on, until the next one. */
export interface DatasetVersion {
  /** From 1, one more with each commit. */
  readonly version: number;
  /** What `Dataset.definitionVersion` was from then on. */
  readonly definitionVersion: number;
  /** As the audit log names the actor. */
  readonly author: string;
  readonly atMs: number;
  readonly definition: DatasetDefinition;
  /** All of the dataset's fields at that moment, in order of creation. */
  readonly fields: readonly Field[];
}

export interface TokenRecord extends Token {
  /** The id of the token that it was rotated into. */
  readonly replacedBy: string | null;
}

/**
 * Who did what to what. `before` and `after` are plain JSON without secrets; `null`: there was, or
 * is, nothing.
 */
export interface AuditRecord {
  readonly organizationId: number;
  /** A verb and its object, as `token.create`. */
  readonly action: string;
  /** What was changed: a name or an id. */
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditEntry extends AuditRecord {
  /** Grows; unique in the catalog. */
  readonly id: number;
  readonly atMs: number;
  readonly actor: string;
}

/** Who changes, and when; the same for all entries of one change. */
export interface ChangeAuthor {
  readonly actor: string;
  readonly atMs: number;
}

/**
 * What a change answers, and what it did. No audit entry means that nothing is to change: all of it
 * is rolled back.
 */
export interface Changed<T> {
  readonly result: T;
  readonly audit: readonly AuditRecord[];
}

export type NewOrganization = Omit<Organization, 'id'>;
export type NewField = Omit<Field, 'id'>;
export type NewToken = Omit<Token, 'rowId' | 'lastUsedAtMs' | 'revokedAtMs'>;

/** Reads, all of one moment. A missing thing is `undefined`, a list of nothing is empty. */
export interface CatalogView {
  listOrganizations(): Promise<readonly OrganizationRecord[]>;
  findOrganization(key: { id: number } | { name: string }): Promise<OrganizationRecord | undefined>;
  /** Those the organization added, without the built-in ones. */
  listIdentityTypes(organizationId: number): Promise<readonly IdentityType[]>;
  listDatasets(organizationId: number): Promise<readonly DatasetRecord[]>;
  findDataset(organizationId: number, name: string): Promise<DatasetRecord | undefined>;
  /** All commits of a dataset, newest first. */
  listDatasetVersions(
    organizationId: number,
    datasetId: number,
  ): Promise<readonly DatasetVersion[]>;
  listFields(organizationId: number): Promise<readonly Field[]>;
  findField(organizationId: number, name: string): Promise<Field | undefined>;
  /** Content flags of all built-in fields, the defaults filled in. */
  readBuiltInContent(organizationId: number): Promise<ReadonlyMap<string, boolean>>;
  /** All tokens, revoked and expired ones included. */
  listTokens(organizationId: number): Promise<readonly TokenRecord[]>;
  /** @param page entries older than the one named, at most `limit` */
  listAudit(
    organizationId: number,
    page: { readonly beforeId?: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  listRuns(organizationId: number, filter: RunFilter): Promise<readonly Run[]>;
  findRun(organizationId: number, runId: string): Promise<Run | undefined>;
  /** The newest import or sync of a dataset that read rows, was applied and was not taken back. */
  findLastApplied(organizationId: number, datasetId: number): Promise<Run | undefined>;
  /**
   * Keys of the files that the last sync that was applied read rows from; none where it noted none.
   */
  findLastFiles(organizationId: number, datasetId: number): Promise<ReadonlySet<string>>;
  /** Of all organizations; a dataset without one was never due, nor paused. */
  listScheduleStates(): Promise<readonly ScheduleState[]>;
  /**
   * The newest read of each token and field, of the day of `sinceMs` and later; revoked tokens
   * included.
   */
  listFieldReads(organizationId: number, sinceMs: number): Promise<readonly FieldRead[]>;
}

/** Reads and writes of one change. What it names must exist; what it adds must have a free name. */
export interface CatalogChange extends CatalogView {
  insertOrganization(
    organization: NewOrganization,
    createdAtMs: number,
  ): Promise<OrganizationRecord>;
  /** Replaces all settings of the organization with this id. */
  updateOrganization(organization: Organization): Promise<void>;
  insertIdentityType(organizationId: number, type: Omit<IdentityType, 'id'>): Promise<IdentityType>;
  deleteIdentityType(organizationId: number, name: string): Promise<void>;
  /** A dataset without a definition. */
  insertDataset(organizationId: number, name: string, createdAtMs: number): Promise<DatasetRecord>;
  /**
   * Commits a definition, with the dataset's fields as they are now: write those first.
   * @param readsAnew whether rows become something else by it, so that the next run must compare
   *   with nothing
   * @returns the definition version: a new one if `readsAnew`
   */
  defineDataset(
    organizationId: number,
    datasetId: number,
    commit: { readonly definition: DatasetDefinition; readonly readsAnew: boolean },
  ): Promise<number>;
  /** Removes a dataset without fields, with its runs, commits and schedule's state. */
  deleteDataset(organizationId: number, name: string): Promise<void>;
  /** In the order given. */
  insertFields(organizationId: number, fields: readonly NewField[]): Promise<readonly Field[]>;
  /** Replaces the field with this id, but for its name and its dataset. */
  updateField(organizationId: number, field: Field): Promise<void>;
  deleteField(organizationId: number, name: string): Promise<void>;
  setBuiltInContent(organizationId: number, name: string, content: boolean): Promise<void>;
  insertToken(token: NewToken): Promise<TokenRecord>;
  /**
   * Replaces the times of the token's end and its successor; nothing else of a token ever changes.
   */
  updateToken(token: TokenRecord): Promise<void>;
}

/**
 * `waiting`: it stated what it would do, changed nothing, and waits for approval; `rejected`: that
 * was refused. `rolled_back`: it succeeded, and was taken back later.
 */
export type RunState =
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'interrupted'
  | 'waiting'
  | 'rejected'
  | 'rolled_back';

export type RunKind = 'import' | 'sync' | 'rollback';

/** Why a run began: a person, the time, a failure before, a time missed, an approval. */
export const runTriggers = ['command', 'schedule', 'retry', 'catch_up', 'approval'] as const;

export type RunTrigger = (typeof runTriggers)[number];

/** Rejected rows by code. */
export type RejectionCounts = Readonly<Partial<Record<RejectionCode, number>>>;

export interface RunCounts {
  readonly rowsRead: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly cleared: number;
  readonly rejected: number;
  /** Rejected rows by code; empty where the run was noted by a release that did not say. */
  readonly rejections: RejectionCounts;
  /** Of the source, as read. */
  readonly bytes: number;
}

/** One execution of bringing a dataset in. */
export interface Run extends RunCounts {
  readonly id: string;
  readonly organizationId: number;
  readonly datasetId: number;
  readonly kind: RunKind;
  readonly trigger: RunTrigger;
  /** The dataset's, when the run began. */
  readonly definitionVersion: number;
  readonly state: RunState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly errorCode: string | null;
  /** For people; no personal value, no secret. */
  readonly errorDetail: string | null;
  readonly plan: RunPlan | null;
  /**
   * Who approved this waiting run, as the audit log names actors; the run that carries it out is
   * another one.
   */
  readonly approvedBy: string | null;
  /** The waiting run that this one carries out. */
  readonly approvalOf: string | null;
}

export type NewRun = Pick<
  Run,
  | 'id'
  | 'organizationId'
  | 'datasetId'
  | 'kind'
  | 'trigger'
  | 'definitionVersion'
  | 'startedAtMs'
  | 'approvalOf'
>;

export interface RunEnd {
  readonly state: Exclude<RunState, 'running'>;
  readonly endedAtMs: number;
  readonly errorCode: string | null;
  readonly errorDetail: string | null;
  readonly counts: RunCounts;
}

export interface RunFilter {
  /** Missing: of all datasets. */
  readonly datasetId?: number;
  /** Missing: in any state. */
  readonly states?: readonly RunState[];
  /** Runs that stand behind this one in the order; an unknown id stands before all. */
  readonly afterId?: string;
  readonly limit: number;
}

export interface RunDecision {
  readonly runId: string;
  readonly verdict: 'approved' | 'rejected' | 'rolled_back';
}

/** Where a dataset's schedule stands. */
export interface ScheduleState {
  readonly organizationId: number;
  readonly datasetId: number;
  /** As the audit log names actors; `null`: it is not paused. */
  readonly pausedBy: string | null;
  /** The last due time that was taken care of. */
  readonly lastDueMs: number | null;
  /** Failures one after the other. */
  readonly attempts: number;
  readonly retryAtMs: number | null;
}

/**
 * What is left out stays as it is: whoever pauses a schedule and whoever runs it change it at the
 * same time, each their part.
 */
export type ScheduleChange = Pick<ScheduleState, 'organizationId' | 'datasetId'> &
  Partial<ScheduleState>;

export interface FieldRead {
  /** `Token.rowId`. */
  readonly tokenRowId: number;
  /** `Field.id`, of the token's organization, or `builtInFieldId`. */
  readonly fieldId: number;
  /** Whole days since the epoch, UTC. */
  readonly day: number;
}

export interface TokenUse {
  /** `Token.rowId`. */
  readonly rowId: number;
  readonly atMs: number;
}

export interface Catalog {
  /** The revision of the whole catalog. Cheap: every thread asks fifty times a second. */
  readRevision(): Promise<number>;

  /**
   * The immutable picture that requests are served from, of one moment.
   * @param previous an older one: organizations that did not change since are taken over from it,
   *   not read again
   */
  loadState(previous?: CatalogState): Promise<CatalogState>;

  /** Runs `work` over one moment of the catalog. Inside, await nothing but the view. */
  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T>;

  /**
   * Runs `work` as one change. Nothing of it happens when `work` throws or answers no audit entry.
   * Inside, await nothing but the change: everybody else waits for it. `work` may run again when
   * another writer was in the way.
   */
  change<T>(author: ChangeAuthor, work: (change: CatalogChange) => Promise<Changed<T>>): Promise<T>;

  /** Notes a run as running, with no counts. Starting a run twice changes nothing. */
  startRun(run: NewRun): Promise<void>;

  /** Keeps what a run would do. Saving again replaces it; of an unknown run, nothing happens. */
  saveRunPlan(runId: string, plan: RunPlan): Promise<void>;
  /** Notes the keys of the files that a run read rows from; a run that is not there is none. */
  saveRunFiles(runId: string, keys: readonly string[]): Promise<void>;

  /** Ends a run. Ending it again replaces the end. */
  endRun(runId: string, end: RunEnd): Promise<void>;

  /**
   * Notes a decision on an ended run, with its audit entry. Approved and rejected is a waiting run
   * that nobody approved yet: the first keeps its state and gets `approvedBy`. Rolled back is one
   * that succeeded.
   * @returns whether it was such a run; if not, nothing happens
   */
  decideRun(author: ChangeAuthor, organizationId: number, decision: RunDecision): Promise<boolean>;

  /** Changes where a dataset's schedule stands. The dataset must exist. */
  putScheduleState(change: ScheduleChange): Promise<void>;

  /**
   * Notes which fields tokens read, to the day; an older day than the one known, or an unknown
   * token, changes nothing. Forgets what is more than `fieldUseDays` older than the newest of these
   * days.
   */
  recordFieldReads(reads: readonly FieldRead[]): Promise<void>;

  /**
   * Notes when tokens were last used, to the minute; an older time than the one known changes
   * nothing.
   */
  recordLastUsed(uses: readonly TokenUse[]): Promise<void>;

  /** Closes the database. Twice is the same as once; other calls afterwards fail. */
  close(): Promise<void>;
}
