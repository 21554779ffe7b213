/**
 * The catalog: everything that organizations have defined (identity types, datasets, fields,
 * tokens, settings), the runs of datasets, and the audit log. The catalog stores what it is given;
 * `administration/` decides what may be defined, and by whom. Times named `...Ms` are milliseconds
 * since the epoch. `test/contracts/catalog-contract.ts` tests every backend against these promises:
 * - **A change is atomic.** Its audit entries and the new revision are part of it. This holds
 *   across `kill -9` and with many processes that change the catalog at once.
 * - **Changes run one after the other.** Until a change ends, no other writer changes what it has
 *   read. So a rule that is checked inside a change (a name is free, the pool has room) still holds
 *   when the change is done.
 * - **The revision** is one number for the whole catalog and grows with each change. Each
 *   organization keeps the number of the last change that concerned it. Runs and their approvals,
 *   acts outside the catalog, privacy requests, users, schedule states, last-used times and reads
 *   of fields do not change the revision.
 * - **The definitions revision** of an organization is the number of its last change of anything
 *   but tokens.
 * - **Ids are never used again**: those of organizations and tokens, and within an organization
 *   those of identity types, datasets, fields, segments and flows.
 * - **The audit log only grows.** No entry is changed or removed.
 * - **Order**: lists are in order of creation, except segments and flows: by id, and runs, audit
 *   entries and edits: newest first.
 * - **Errors**: `store_unavailable` after 5 s of waiting for other writers, or when the database
 *   cannot be used; `storage_full` when the disk is full. Neither changes anything, and the same
 *   call succeeds once the cause is gone.
 */
import type { AccessEnds } from '../domain/access-end.ts';
import type { AccessHour, AccessHours } from '../domain/access-hours.ts';
import type { CatalogState, Dataset } from '../domain/catalog-state.ts';
import type { Field } from '../domain/contact/field.ts';
import type { IdentitySettings, IdentityType } from '../domain/contact/identity-type.ts';
import type { DatasetDefinition } from '../domain/dataset/dataset-definition.ts';
import type { PeopleCounts } from '../domain/dataset/people-counts.ts';
import type { RunPlan } from '../domain/dataset/run-plan.ts';
import type { RunProgress } from '../domain/dataset/run-progress.ts';
import type { RejectionCode } from '../domain/errors.ts';
import type { Organization } from '../domain/organization.ts';
import type { Token } from '../domain/token/token.ts';
import type { AuditEntry, AuditLog, AuditRecord } from './audit-log.ts';
import type { ChangePlan } from './change-plans.ts';
import type { DefinitionChange, DefinitionView } from './definitions.ts';
import type { PrivacyRequests } from './privacy-requests.ts';
import type { UsageView, UsageWriting } from './usage-log.ts';
import type { Users } from './users.ts';

export type { AuditEntry, AuditRecord } from './audit-log.ts';

export interface OrganizationRecord extends Organization {
  /** The revision of the last change that concerned this organization. */
  readonly revision: number;
  /** The revision of the last change that concerned it and was not only about tokens. */
  readonly definitionsRevision: number;
  readonly createdAtMs: number;
}

export interface DatasetRecord extends Dataset {
  /** The version of the dataset's newest commit; 0 until the dataset is first defined. */
  readonly version: number;
  readonly createdAtMs: number;
}

/**
 * A commit of a dataset, with the definition and the fields that are valid until the next commit.
 */
export interface DatasetVersion {
  /** Counts up from 1. */
  readonly version: number;
  /**
   * The dataset's definition version since this commit. It grows only when a commit changes what
   * rows mean (`readsAnew`). The next run then reads every row.
   */
  readonly definitionVersion: number;
  /** The actor, as in the audit log. */
  readonly author: string;
  readonly atMs: number;
  readonly definition: DatasetDefinition;
  /** All fields of the dataset at that moment, in order of creation. */
  readonly fields: readonly Field[];
}

export interface TokenRecord extends Token {
  /** The id of the token that this one was rotated into; `null` if it was not rotated. */
  readonly replacedBy: string | null;
}

/** Who changes the catalog, and when. */
export interface ChangeAuthor {
  readonly actor: string;
  readonly atMs: number;
}

/** The result of a change and its audit entries. Without entries, the change is rolled back. */
export interface Changed<T> {
  readonly result: T;
  readonly audit: readonly AuditRecord[];
}

export type NewOrganization = Omit<Organization, 'id'>;
export type NewField = Omit<Field, 'id'>;
export type NewToken = Omit<Token, 'rowId' | 'lastUsedAtMs' | 'revokedAtMs'>;

/** Reads as of one moment. A missing thing is `undefined`; a list without elements is empty. */
export interface CatalogView extends DefinitionView, AuditLog, UsageView {
  /** Looks at contacts, the oldest hour first. */
  listAccessHours(organizationId: number, fromHour: number): Promise<readonly AccessHour[]>;
  listOrganizations(): Promise<readonly OrganizationRecord[]>;
  findOrganization(key: { id: number } | { name: string }): Promise<OrganizationRecord | undefined>;
  /** All identity types: built-in ones first, then added ones in the order of their creation. */
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
  /** The content flags of all built-in fields, defaults included. */
  readBuiltInContent(organizationId: number): Promise<ReadonlyMap<string, boolean>>;
  /** All tokens, including revoked and expired ones. */
  listTokens(organizationId: number): Promise<readonly TokenRecord[]>;
  /** @param page entries older than the given one, at most `limit` */
  listAudit(
    organizationId: number,
    page: { readonly beforeId?: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  listRuns(organizationId: number, filter: RunFilter): Promise<readonly Run[]>;
  findRun(organizationId: number, runId: string): Promise<Run | undefined>;
  /** The dataset's newest import or sync that read rows, succeeded and was not rolled back. */
  findLastApplied(organizationId: number, datasetId: number): Promise<Run | undefined>;
  /** The run of the dataset that was running at a time; `undefined`: none was. */
  findRunAt(organizationId: number, datasetId: number, atMs: number): Promise<Run | undefined>;
  /**
   * The keys (`FileRows.key`) of the files in which the last successful sync found rows. Empty if
   * its source has no files.
   */
  findLastFiles(organizationId: number, datasetId: number): Promise<ReadonlySet<string>>;
  /** Schedule states of all organizations. A dataset without one was never due and never paused. */
  listScheduleStates(): Promise<readonly ScheduleState[]>;
  /**
   * The newest read of each field by each token since the day of `sinceMs`, revoked tokens
   * included.
   */
  listFieldReads(organizationId: number, sinceMs: number): Promise<readonly FieldRead[]>;
  /** The newest day of each dataset with pushed rows. */
  listPushes(organizationId: number): Promise<readonly PushedRows[]>;
}

/** Reads and writes of one change. A name in a call must exist, and a new name must be free. */
export interface CatalogChange extends CatalogView, DefinitionChange {
  insertOrganization(
    organization: NewOrganization,
    createdAtMs: number,
  ): Promise<OrganizationRecord>;
  /** Replaces all settings of the organization with this id. */
  updateOrganization(organization: Organization): Promise<void>;
  insertIdentityType(
    organizationId: number,
    type: Pick<IdentityType, 'name' | 'normalisation'>,
  ): Promise<IdentityType>;
  /** Replaces the settings of a type, also of a built-in one. */
  setIdentitySettings(
    organizationId: number,
    typeId: number,
    settings: IdentitySettings,
  ): Promise<void>;
  deleteIdentityType(organizationId: number, type: { readonly id: number }): Promise<void>;
  /** Creates a dataset without a definition. */
  insertDataset(organizationId: number, name: string, createdAtMs: number): Promise<DatasetRecord>;
  /**
   * Commits a definition together with the dataset's current fields, so write the fields first.
   * @param readsAnew whether the same rows now mean something else; the next run then reads every
   *   row
   * @returns the definition version, which is new if `readsAnew`
   */
  defineDataset(
    organizationId: number,
    datasetId: number,
    commit: { readonly definition: DatasetDefinition; readonly readsAnew: boolean },
  ): Promise<number>;
  /**
   * Removes a dataset together with its runs, commits, schedule state and place in the order of
   * trust. It must have no fields.
   */
  deleteDataset(organizationId: number, name: string): Promise<void>;
  /** Adds fields in the given order. */
  insertFields(organizationId: number, fields: readonly NewField[]): Promise<readonly Field[]>;
  /** Replaces everything of the field with this id except its name and dataset. */
  updateField(organizationId: number, field: Field): Promise<void>;
  deleteField(organizationId: number, name: string): Promise<void>;
  setBuiltInContent(organizationId: number, name: string, content: boolean): Promise<void>;
  insertToken(token: NewToken): Promise<TokenRecord>;
  /**
   * Replaces the token's end times and its successor. Only these and its last-used time ever
   * change.
   */
  updateToken(token: TokenRecord): Promise<void>;
}

/**
 * `waiting`: the run has a plan, changed nothing, and waits for approval. `rejected`: the approval
 * was refused. `rolled_back`: the run succeeded and was rolled back later.
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

/** Why a run began; `api`: over HTTP, `retry`: after a failure, `catch_up`: after a missed time. */
export const runTriggers = ['command', 'api', 'schedule', 'retry', 'catch_up', 'approval'] as const;

export type RunTrigger = (typeof runTriggers)[number];

/** Rejected rows by code. */
export type RejectionCounts = Readonly<Partial<Record<RejectionCode, number>>>;

export interface RunCounts {
  readonly rowsRead: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Rows that changed nothing, because a newer run or push had already written the contact. */
  readonly stale: number;
  readonly cleared: number;
  readonly rejected: number;
  /** Rejected rows by code; empty for a run by a release that did not record codes. */
  readonly rejections: RejectionCounts;
  /** Zeros for a run by a release that did not count them. */
  readonly people: PeopleCounts;
  /** Bytes read from the source. */
  readonly bytes: number;
}

/** One run of a dataset. */
export interface Run extends RunCounts {
  readonly id: string;
  readonly organizationId: number;
  readonly datasetId: number;
  readonly kind: RunKind;
  readonly trigger: RunTrigger;
  /** The dataset's definition version when the run began. */
  readonly definitionVersion: number;
  readonly state: RunState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly errorCode: string | null;
  /** A text for people, without personal values or secrets. */
  readonly errorDetail: string | null;
  readonly plan: RunPlan | null;
  /** How far it was when it last said so; `null`: it never did. */
  readonly progress: RunProgress | null;
  /** The actor who approved this waiting run. Another run then carries it out. */
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
  /** If missing, runs of all datasets. */
  readonly datasetId?: number;
  /** If missing, runs in any state. */
  readonly states?: readonly RunState[];
  /**
   * Only runs that come after this one in the list. With an unknown id, the list starts at the
   * newest run.
   */
  readonly afterId?: string;
  readonly limit: number;
}

export interface RunDecision {
  readonly runId: string;
  readonly verdict: 'approved' | 'rejected' | 'rolled_back';
}

/** What the scheduler remembers about a dataset. */
export interface ScheduleState {
  readonly organizationId: number;
  readonly datasetId: number;
  /** The actor who paused the schedule; `null` if it is not paused. */
  readonly pausedBy: string | null;
  /** The last due time that was handled. */
  readonly lastDueMs: number | null;
  /** Consecutive failures. */
  readonly attempts: number;
  readonly retryAtMs: number | null;
}

/** Missing members keep their value: pausing and running change the state independently. */
export type ScheduleChange = Pick<ScheduleState, 'organizationId' | 'datasetId'> &
  Partial<ScheduleState>;

export interface FieldRead {
  /** `Token.rowId`. */
  readonly tokenRowId: number;
  /** `Field.id` of the token's organization, or `builtInFieldId`. */
  readonly fieldId: number;
  /** Days since the epoch, in UTC. */
  readonly day: number;
}

/** Rows that were pushed to a dataset. */
export interface PushedRows {
  readonly organizationId: number;
  readonly datasetId: number;
  /** When the last of them came: milliseconds since the epoch. */
  readonly lastAtMs: number;
  /** Days since the epoch, in UTC: that of the last ones. Only they are counted. */
  readonly day: number;
  readonly received: number;
  readonly rejected: number;
}

export interface TokenUse {
  /** `Token.rowId`. */
  readonly rowId: number;
  readonly atMs: number;
}

export interface Catalog extends PrivacyRequests, Users, UsageWriting, AccessEnds, AccessHours {
  /** The revision of the whole catalog. Cheap: every thread asks fifty times a second. */
  readRevision(): Promise<number>;
  /**
   * The immutable state that requests are served from, as of one moment.
   * @param previous an older state; organizations that have not changed since are reused
   */
  loadState(previous?: CatalogState): Promise<CatalogState>;
  /** Runs `work` on one moment of the catalog. Await nothing but the view inside. */
  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T>;
  /**
   * Runs `work` as one change. Nothing happens if `work` throws or returns no audit entry. Await
   * nothing but the change inside, because all other writers wait for it. `work` may run again if
   * another writer was in the way.
   */
  change<T>(author: ChangeAuthor, work: (change: CatalogChange) => Promise<Changed<T>>): Promise<T>;
  /** Records a run as running, without counts. Starting a run twice changes nothing. */
  startRun(run: NewRun): Promise<void>;
  /** Stores what a run would do, in place of an earlier plan. An unknown run is ignored. */
  saveRunPlan(runId: string, plan: RunPlan): Promise<void>;
  /** Stores how far a run is. An unknown run, and one that has ended, is ignored. */
  saveRunProgress(runId: string, progress: RunProgress): Promise<void>;
  /** Stores the keys of the files in which a run found rows. An unknown run is ignored. */
  saveRunFiles(runId: string, keys: readonly string[]): Promise<void>;
  /**
   * Ends a run, if `run-states.ts` allows this end in the run's state. Otherwise the run does not
   * change. Example: a later run found no sign of life from a run and marked it as interrupted. If
   * its process still lives and then fails, the run stays interrupted.
   */
  endRun(runId: string, end: RunEnd): Promise<void>;
  /**
   * Records a decision on a run, with its audit entry. A waiting run that nobody has approved yet
   * can be approved (it keeps its state and gets `approvedBy`) or rejected. A run that succeeded
   * can be rolled back.
   * @returns false, without a change, if the run's state does not allow this decision
   */
  decideRun(author: ChangeAuthor, organizationId: number, decision: RunDecision): Promise<boolean>;
  /** Writes audit entries of acts outside the catalog, such as joining two contacts. */
  recordActs(author: ChangeAuthor, records: readonly AuditRecord[]): Promise<void>;
  /** Keeps a plan for 30 days, with its audit entry. An organization has 1,000: the newest. */
  keepChangePlan(author: ChangeAuthor, plan: ChangePlan): Promise<void>;
  /** Changes the schedule state of a dataset, which must exist. */
  putScheduleState(change: ScheduleChange): Promise<void>;
  /**
   * Records on which day tokens last read fields. Older days and unknown tokens change nothing.
   * Deletes reads that are more than `fieldUseDays` days older than the newest of these days.
   */
  recordFieldReads(reads: readonly FieldRead[]): Promise<void>;
  /** Adds to what was pushed on that day; a later day begins anew. */
  recordPushes(pushes: readonly PushedRows[]): Promise<void>;
  /** Records the minute in which tokens were last used. An older time changes nothing. */
  recordLastUsed(uses: readonly TokenUse[]): Promise<void>;
  /** Closes the database. A second call does nothing; other calls afterwards fail. */
  close(): Promise<void>;
}
