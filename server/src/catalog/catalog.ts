/**
 * The catalog, as everything else sees it: all that organizations have defined (identity types, datasets, fields,
 * tokens, settings), the runs that brought datasets in, and the audit log. This file is the manual;
 * `test/contracts/catalog-contract.ts` holds every backend to it. What may be defined, and by whom, is
 * `administration/`'s business: the catalog keeps what it is given.
 *
 * What a catalog promises:
 * - **A change is all or nothing**, and its audit entries and the new revision are part of it: nobody sees one without
 *   the others, also across `kill -9`, also when many processes change at once.
 * - **Changes come one after the other**: what a change reads, nobody else changes before it ends. So a rule that holds
 *   when it is checked inside a change (a name is free, the pool has room) holds when the change is done.
 * - **The revision** is one number of the whole catalog, growing with each change; each organization has the number of the
 *   last change that concerned it. Runs, last-used times and nothing else are written without moving it.
 * - **Ids are never used again**: of organizations, tokens, and inside an organization of identity types, datasets, fields.
 * - **The audit log only grows**: nothing changes or removes an entry.
 * - **Order**: lists are in order of creation, except runs and audit entries: newest first.
 * - **Errors**: `store_unavailable` after 5 s of waiting for other writers, or when the database cannot be used;
 *   `storage_full` when the disk is. Both leave everything as it was, and the same call succeeds once the cause is gone.
 */
import type { CatalogSnapshot, Dataset } from '../domain/catalog-snapshot.ts';
import type { DatasetDefinition } from '../domain/dataset-definition.ts';
import type { Field } from '../domain/field.ts';
import type { IdentityType } from '../domain/identity-type.ts';
import type { Organization } from '../domain/organization.ts';
import type { Token } from '../domain/token.ts';

/** Times are milliseconds since the epoch, everywhere in this file. */
export interface OrganizationRecord extends Organization {
  /** Of the last change that concerned this organization. */
  readonly revision: number;
  readonly createdAtMs: number;
}

export interface DatasetRecord extends Dataset {
  /** `null` until it is first defined. */
  readonly definition: DatasetDefinition | null;
  /** 0 until it is first defined; grows with each definition. */
  readonly definitionVersion: number;
  readonly createdAtMs: number;
}

export interface TokenRecord extends Token {
  /** The id of the token that it was rotated into. */
  readonly replacedBy: string | null;
}

/** Who did what to what. `before` and `after` are plain JSON without secrets; `null`: there was, or is, nothing. */
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

/** What a change answers, and what it did. No audit entry means that nothing is to change: all of it is undone. */
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
  /** @param filter `datasetId` missing: of all datasets */
  listRuns(
    organizationId: number,
    filter: { readonly datasetId?: number; readonly limit: number },
  ): Promise<readonly Run[]>;
  findRun(organizationId: number, runId: string): Promise<Run | undefined>;
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
  /** @returns the new definition version */
  defineDataset(
    organizationId: number,
    datasetId: number,
    definition: DatasetDefinition,
  ): Promise<number>;
  /** In the order given. */
  insertFields(organizationId: number, fields: readonly NewField[]): Promise<readonly Field[]>;
  /** Replaces the field with this id, but for its name and its dataset. */
  updateField(organizationId: number, field: Field): Promise<void>;
  setBuiltInContent(organizationId: number, name: string, content: boolean): Promise<void>;
  insertToken(token: NewToken): Promise<TokenRecord>;
  /** Replaces the times of the token's end and its successor; nothing else of a token ever changes. */
  updateToken(token: TokenRecord): Promise<void>;
}

export type RunState = 'running' | 'succeeded' | 'failed' | 'interrupted';

export interface RunCounts {
  readonly rowsRead: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly cleared: number;
  readonly rejected: number;
  /** Of the source, as read. */
  readonly bytes: number;
}

/** One execution of bringing a dataset in. */
export interface Run extends RunCounts {
  readonly id: string;
  readonly organizationId: number;
  readonly datasetId: number;
  /** What kind of run: `import` at first. */
  readonly kind: string;
  readonly state: RunState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly errorCode: string | null;
}

export type NewRun = Pick<Run, 'id' | 'organizationId' | 'datasetId' | 'kind' | 'startedAtMs'>;

export interface RunEnd {
  readonly state: Exclude<RunState, 'running'>;
  readonly endedAtMs: number;
  readonly errorCode: string | null;
  readonly counts: RunCounts;
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
   * @param previous an older one: organizations that did not change since are taken over from it, not read again
   */
  loadSnapshot(previous?: CatalogSnapshot): Promise<CatalogSnapshot>;

  /** Runs `work` over one moment of the catalog. Inside, await nothing but the view. */
  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T>;

  /**
   * Runs `work` as one change. Nothing of it happens when `work` throws or answers no audit entry. Inside, await
   * nothing but the change: everybody else waits for it. `work` may run again when another writer was in the way.
   */
  change<T>(author: ChangeAuthor, work: (change: CatalogChange) => Promise<Changed<T>>): Promise<T>;

  /** Notes a run as running, with no counts. Starting a run twice changes nothing. */
  startRun(run: NewRun): Promise<void>;

  /** Notes the counts so far of a running run; of an ended or unknown one, nothing. */
  noteRun(runId: string, counts: RunCounts): Promise<void>;

  /** Ends a run. Ending it again replaces the end. */
  endRun(runId: string, end: RunEnd): Promise<void>;

  /** Notes when tokens were last used, to the minute; an older time than the one known changes nothing. */
  recordLastUsed(uses: readonly TokenUse[]): Promise<void>;

  /** Closes the database. Twice is the same as once; other calls afterwards fail. */
  close(): Promise<void>;
}
