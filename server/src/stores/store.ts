/**
 * The contact store: a reader that any thread may hold, and one writer. This file is the manual,
 * and `test/contracts/store-contract.ts` tests every backend against it.
 *
 * What a store promises:
 * - **A contact is one record**: a header and one section per dataset (`contact-codec.ts`). A
 *   reader sees a change as a whole or not at all, even after `kill -9`.
 * - **Organizations are separate**: every key starts with the organization's id, and no call reads
 *   or writes two organizations.
 * - **An identity leads to at most one contact**, by the rules of `docs/identities.md`: which one
 *   follows from what rows claim, never from the order of rows within a run.
 * - **Newer wins, per row**: a change carries the source version of its run, a number that grows
 *   with each run of the dataset. A section of a higher version stays (`stale`). A section of the
 *   same version was written by the same run, and stays too: the outcome is `unchanged`, or
 *   `identity_repeated` if the content differs (`stale` for the kind `clear`). Applying a batch
 *   twice therefore changes nothing the second time.
 * - **Acknowledged writes are kept**: when `applyBatch` resolves, new reads of every process see
 *   the change, and it survives the death of any process. After `flush` it survives a power cut.
 * - **Ids are stable**: an id (UUIDv7) belongs to a row key: the contact with that key has it. When
 *   contacts join, the oldest id answers and the others redirect to it. The id of a contact that is
 *   gone waits 30 days for its row to return.
 * - **Only what is known is answered**: a contact without sections and recorded memberships is not
 *   found.
 * - **A full disk loses nothing**: the write fails with `storage_full`, and reads go on. Once there
 *   is space, the same call succeeds without a restart.
 */
import type { IdentityRules } from '../domain/contact/identity-rules.ts';
import type { ContactParts, ContactWalk, WalkedContacts } from './contact-walk.ts';
import type { IdentityKey, KnownIdentity } from './identity-key.ts';
import type { ExplainedContact, JoinLogPage, JoinSearch } from './join-answer.ts';
import type { AmendableField, Amendment, HiddenRow, IdentityTraces } from './privacy-answer.ts';
import type { AppliedRun, RollbackRun, RunHolder } from './run-lease.ts';
import type { DatasetCounts, StoreCounts, StoreFaults } from './store-counts.ts';

export type {
  BatchReport,
  ContactChange,
  PeopleReport,
  PushOnce,
  PushOptions,
  PushReport,
  RefusedChange,
  RefusedClaimOfRun,
  RunPeople,
  RunPeopleReport,
} from './contact-change.ts';
export type { ContactParts } from './contact-walk.ts';
export type { ContactWriter } from './contact-writer.ts';
export type { IdentityKey, KnownIdentity } from './identity-key.ts';
export type { DatasetCounts, StoreCounts, StoreFaults } from './store-counts.ts';

/** Embedded stores answer at once, so that a look-up needs no promise; others answer later. */
export type Awaitable<T> = T | Promise<T>;

/** Which contact to read, and which parts of it. */
export interface ContactQuery {
  readonly organizationId: number;
  readonly identity: IdentityKey;
  readonly parts: ContactParts;
}

/** The record alone. */
export const recordOnly: ContactParts = { memberships: false, identities: false };

/** Bytes lent for one synchronous call. The next read, perhaps of another request, reuses them. */
export interface LentBytes {
  readonly bytes: Buffer;
  /** Only the first `length` bytes are lent; `bytes` may be longer. */
  readonly length: number;
}

/**
 * A contact as stored, all parts as of one commit. Empty after the call that it was lent to
 * returns.
 */
export interface LentContact {
  readonly record: LentBytes;
  /** As `domain/membership/membership.ts` packs them; `undefined` if none, or not asked for. */
  readonly memberships: LentBytes | undefined;
  /** A copy, in the order in which they became known; empty if they were not asked for. */
  readonly identities: readonly KnownIdentity[];
}

/**
 * What a call that was lent memory may return: no promise, which would use the memory later, no
 * bytes and no object that holds bytes. Turn bytes into text, or copy them.
 */
export type Kept =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | (object & {
      readonly then?: never;
      readonly buffer?: never;
      readonly bytes?: never;
      readonly record?: never;
    });

/** What names a row of a dataset. */
export interface RowKeys {
  /**
   * The row key; then the ids of its contact. The other identities that name the row too follow:
   * for a mark of a list those of its contact, for a row of an older release those that it claims.
   */
  readonly keys: readonly IdentityKey[];
}

/**
 * What is stored of a row. `same`: the dataset has a row with this key and these identities.
 * `other`: it has one with this key, but with other identities. `known`: it has none, but one of
 * the identities leads to a contact. `unknown`: none does. The mark of a list has no identities, so
 * it is `other`.
 */
export type RowState = 'same' | 'other' | 'known' | 'unknown';

/** Existing contacts that a row would connect: the rules join them, or move an identity. */
export interface ConnectedContacts {
  /** Two or more, of 16 bytes. */
  readonly contactIds: readonly Uint8Array[];
  /** The types of the identities that connect them. */
  readonly typeIds: readonly number[];
}

/**
 * Reads for look-ups without waiting. All reads of one turn of the event loop see one moment of the
 * store, which is not older than the turn's first read.
 */
export interface TurnReader {
  /** Like `lendContact` of a `ContactReader`. */
  lendInTurn<Query extends ContactQuery, Result extends Kept>(
    query: Query,
    read: (contact: LentContact, query: Query) => Result,
  ): Result | undefined;

  /** Call it at the end of each turn, so that the next one sees what was written meanwhile. */
  endTurn(): void;
}

export interface ContactReader {
  /**
   * Lends the contact of an identity to `read`, and returns what `read` returns. `undefined`: there
   * is no such contact, or nothing of it is left, and `read` was not called. The id of a contact
   * that is part of another one leads to that one.
   *
   * All parts are of one commit. `read` is called once, synchronously, with the query, so that it
   * needs no closure. It must not keep the contact, which is empty afterwards. It must not call
   * this reader, which throws.
   *
   * @example
   *   const length = await reader.lendContact(query, ({ record }) => record.length);
   */
  lendContact<Query extends ContactQuery, Result extends Kept>(
    query: Query,
    read: (contact: LentContact, query: Query) => Result,
  ): Awaitable<Result | undefined>;

  /**
   * Lends several contacts, all as of one moment. Gives one result for each query, in their order;
   * `undefined` where there is no such contact. The rules of `lendContact` apply to `read`, which
   * is called once for each contact found; if it throws, so does the call. Space that other
   * processes free cannot be reused before the call returns, so read a batch at a time.
   *
   * @example
   *   const lengths = await reader.readContacts(queries, ({ record }) => record.length);
   */
  readContacts<Query extends ContactQuery, Result extends Kept>(
    queries: readonly Query[],
    read: (contact: LentContact, query: Query) => Result,
  ): Awaitable<readonly (Result | undefined)[]>;

  /**
   * Lends contacts one after the other, all as of one moment, and gives what `read` returned for
   * each. The rules of `lendContact` apply to `read`. Walk in short steps: space that other
   * processes free cannot be reused before the call returns.
   *
   * @example
   *   const range = { by: 'id', after: null, limit: 1_000 } as const;
   *   const { results, next } = await reader.walkContacts({ ...walk, range }, contactIdOf);
   */
  walkContacts<Result extends Kept>(
    walk: ContactWalk,
    read: (contact: LentContact) => Result,
  ): Awaitable<WalkedContacts<Result>>;

  /**
   * The identities of one type, ascending by digest. What is written meanwhile may or may not be
   * included.
   */
  scanIdentities(organizationId: number, typeId: number): AsyncIterable<IdentityKey>;

  /**
   * Who claims the identities of a contact, and why claims have no effect. `undefined`: the
   * identity leads nowhere and nobody claims it. Takes a millisecond and more.
   * @param rules how the organization's identities join. Missing: as last given
   */
  explainContact(
    organizationId: number,
    identity: IdentityKey,
    rules?: IdentityRules,
  ): Awaitable<ExplainedContact | undefined>;

  /** The log of joins and partings, the newest first. */
  listJoins(
    organizationId: number,
    page: { readonly before: string | null; readonly limit: number },
  ): Awaitable<JoinLogPage>;

  /**
   * The entries of the log that are about one of the identities, the newest first. Reads `limit`
   * entries of the log; `next` is where the next search continues.
   */
  findJoins(organizationId: number, search: JoinSearch): Awaitable<JoinLogPage>;

  /**
   * The rows of a dataset. What is written meanwhile may or may not be included.
   */
  scanRows(organizationId: number, datasetId: number): AsyncIterable<RowKeys>;

  /**
   * For each row of a dataset the contacts that it would connect if it were applied: the contact
   * that its key leads to, and those of the identities that the dataset's row does not claim yet.
   * `undefined` for a row that connects nothing. All as of one moment.
   * @param rows the identities of each, its key first
   */
  findConnected(
    organizationId: number,
    datasetId: number,
    rows: readonly (readonly IdentityKey[])[],
  ): Awaitable<readonly (ConnectedContacts | undefined)[]>;

  /**
   * What is stored of each row, all as of one moment.
   * @param rows the identities of each, its key first
   */
  findRowStates(
    organizationId: number,
    datasetId: number,
    rows: readonly (readonly IdentityKey[])[],
  ): Awaitable<readonly RowState[]>;

  /**
   * Whether each row of a dataset would be refused as `contact_suppressed` if it were applied now.
   * `undefined`: nothing is suppressed. Throws `store_unavailable` while a suppression list cannot
   * be used: then nothing can be applied.
   * @param rows the identities of each, its key first
   */
  findSuppressed(
    organizationId: number,
    datasetId: number,
    rows: readonly (readonly IdentityKey[])[],
  ): Awaitable<readonly boolean[] | undefined>;

  /**
   * The run whose baseline matches the dataset's sections exactly; `undefined`: the next run must
   * send everything. Set when a run ends, cleared by the next write to the dataset.
   */
  appliedRun(organizationId: number, datasetId: number): Awaitable<AppliedRun | undefined>;

  /** The run that holds the dataset's lease, even if the run was killed; `undefined`: none. */
  runHolder(organizationId: number, datasetId: number): Awaitable<RunHolder | undefined>;

  /** How fresh the dataset is (ms since the epoch), by its last finished run; `undefined`: none. */
  asOf(organizationId: number, datasetId: number): Awaitable<number | undefined>;

  /** How far the dataset was read, as reported by the last finished run that reported it. */
  watermark(organizationId: number, datasetId: number): Awaitable<string | undefined>;

  /** The revision of the newest visible write (`domain/revision.ts`); 0 before the first. Cheap. */
  revision(): Awaitable<bigint>;

  /** Identifies this store for ever; a baseline made for another store is void. */
  storeId(): Awaitable<string>;

  /** Zeros for an unknown organization. */
  counts(organizationId: number): Awaitable<StoreCounts>;

  /**
   * Zero sections for an unknown dataset. Throws `store_unavailable` for a store of an earlier
   * release that was not opened for writing yet.
   */
  datasetCounts(organizationId: number, datasetId: number): Awaitable<DatasetCounts>;

  /** The runs of a dataset that can be rolled back, newest first. */
  listRollbackRuns(organizationId: number, datasetId: number): Awaitable<readonly RollbackRun[]>;

  /** The amendments of a contact; `undefined`: there is no such contact. */
  readAmendments(
    organizationId: number,
    identity: IdentityKey,
  ): Awaitable<readonly Amendment[] | undefined>;

  /** How many amendments are of none of these fields, or do not fit its type: by field id. */
  countMisfits(
    organizationId: number,
    fields: readonly AmendableField[],
  ): Promise<ReadonlyMap<number, number>>;

  /**
   * What else is held of identities: amendments, earlier rows, and rows of others. Reads all
   * rollback data of the organization: about a second for a million entries.
   */
  readTraces(organizationId: number, identities: readonly IdentityKey[]): Promise<IdentityTraces>;

  /** A row that does not answer; `undefined`: it answers, or there is none of this key. */
  readHiddenRow(
    organizationId: number,
    datasetId: number,
    key: IdentityKey,
  ): Awaitable<HiddenRow | undefined>;

  /** Checks the whole store; takes minutes on a large one. */
  verify(): Promise<StoreFaults>;

  /** SHA-256 (hex) of all contacts. `content` leaves out ids, revisions and times. */
  digest(kind: 'content' | 'full'): Promise<string>;

  /**
   * Reads the data into memory until `stop`, so that later reads are quick. Returns how many bytes
   * it read.
   */
  preRead(stop?: AbortSignal): Promise<number>;

  /** Later calls throw `store_unavailable`. Closing twice does nothing. */
  close(): Promise<void>;
}
