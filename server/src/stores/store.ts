/**
 * The store of contacts, as everything else sees it: a reader that any thread may hold, and the one
 * writer. This file is the manual; `test/contracts/store-contract.ts` holds every backend to it.
 *
 * What a store promises:
 * - **A contact is one record**: header, then one section per dataset (`contact-codec.ts`). A
 *   reader sees all of a change or nothing of it, never a mixture, also across `kill -9`.
 * - **Organizations never meet**: every key carries the organization's id; no call reads or writes
 *   two of them.
 * - **One identity, one contact**: an identity leads to exactly one contact, or to none. A change
 *   that would give a contact an identity that another holds is rejected (`identity_conflict`) and
 *   changes nothing.
 * - **Newer wins, per contact and dataset**: a change carries its run's source version; a section
 *   whose version is equal or higher stays (`stale`); what the run itself wrote before stays as
 *   well (`unchanged`, or `identity_repeated` where the content is other). So a batch applied twice
 *   changes nothing the second time.
 * - **An acknowledged write is kept**: when `applyBatch`'s promise resolves, the change is visible
 *   to new reads of every process, and survives the death of any process. `flush` resolves when it
 *   also survives the death of the machine.
 * - **Ids are stable**: a contact keeps its id (UUIDv7) for ever.
 * - **A full disk loses nothing**: the write fails with `storage_full`, reads go on, and once there
 *   is space the same call succeeds without a restart.
 */

import type { ChangeKind } from './change-kind.ts';
import type {
  AppliedRun,
  FinishedRun,
  RollbackRetention,
  RollbackRun,
  RolledBackBatch,
  RunHolder,
  RunLease,
  RunRequest,
} from './run-lease.ts';

/**
 * Embedded stores answer at once, so the hot path needs no promise; distributed ones answer later.
 */
export type Awaitable<T> = T | Promise<T>;

/** A key of the identity index. */
export interface IdentityKey {
  /** `IdentityType.id`; 0 means that `digest` is the contact id itself. */
  readonly typeId: number;
  /** 16 bytes: the first half of SHA-256 of the normalised value; for type 0 the contact's UUID. */
  readonly digest: Uint8Array;
}

/**
 * An identity with the normalised value that it was made from; the value is '' when only its hash
 * is known.
 */
export interface KnownIdentity extends IdentityKey {
  readonly value: string;
}

/** Which contact to read, and what of it. */
export interface ContactQuery {
  readonly organizationId: number;
  readonly identity: IdentityKey;
  readonly parts: ContactParts;
}

/** What is read beside the record. Each costs one more read. */
export interface ContactParts {
  readonly memberships: boolean;
  readonly identities: boolean;
}

/** The record alone. */
export const recordOnly: ContactParts = { memberships: false, identities: false };

/**
 * Bytes that a store lends for one synchronous call. The store fills the same memory again for the
 * next reader, which may belong to another request or another organization.
 */
export interface LentBytes {
  readonly bytes: Buffer;
  /** `bytes` may be longer: only the first `length` are lent. */
  readonly length: number;
}

/**
 * A contact as stored, all of it from one commit. Empty as soon as the call that it was lent to has
 * returned.
 */
export interface LentContact {
  readonly record: LentBytes;
  /**
   * The packed memberships (`domain/membership/membership.ts`); `undefined`: nothing is recorded,
   * or they were not asked for.
   */
  readonly memberships: LentBytes | undefined;
  /** A copy, in the order in which they became known; empty where they were not asked for. */
  readonly identities: readonly KnownIdentity[];
}

/**
 * What a call that was lent memory may return: neither a promise, which would go on with the memory
 * later, nor bytes or what holds them, which could be the memory itself. Turn bytes into text, or
 * copy them into an object of your own.
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

export interface StoreCounts {
  readonly contacts: number;
  readonly identities: number;
}

/** Kept up inside every write, so it costs one small read. Recorded memberships are not in it. */
export interface DatasetCounts {
  /** Contacts that have a section of the dataset. */
  readonly sections: number;
  /** By field id, how many of them have a value in it; a field without any is not listed. */
  readonly filled: ReadonlyMap<number, number>;
}

/** What `verify` found; all zero in a sound store. */
export interface StoreFaults {
  /** Records that the codec refuses, or whose key is not their id. */
  readonly tornContacts: number;
  /**
   * Index entries that lead to no contact, and contacts' identities that the index does not lead
   * back.
   */
  readonly danglingIdentities: number;
  /**
   * Organizations and datasets whose counts are not those of the data. Told only if nothing was
   * written while `verify` read.
   */
  readonly wrongCounts: number;
}

export interface ContactReader {
  /**
   * Lends the contact that the identity leads to, and gives what `read` returns; redirects are
   * followed once. `undefined`: no such contact (also for a tombstone), and `read` was not called.
   *
   * All parts are of one commit. `read` is called once, synchronously, with the query itself, so
   * that it needs no closure. It may neither keep the contact nor call this reader: the contact is
   * empty afterwards, and a call meanwhile throws.
   *
   * @example
   *   const length = await reader.lendContact(query, ({ record }) => record.length);
   */
  lendContact<Query extends ContactQuery, Result extends Kept>(
    query: Query,
    read: (contact: LentContact, query: Query) => Result,
  ): Awaitable<Result | undefined>;

  /**
   * Every index entry of one identity type, ascending by digest; reads in short transactions, so it
   * may miss or show writes made meanwhile.
   */
  scanIdentities(organizationId: number, typeId: number): AsyncIterable<IdentityKey>;

  /**
   * The run whose baseline the dataset's sections reflect exactly; `undefined`: unknown, bring
   * everything in anew. It is known from the end of a run until anything else writes the dataset: a
   * run that begins, reads and gives up before its first batch leaves it.
   */
  appliedRun(organizationId: number, datasetId: number): Awaitable<AppliedRun | undefined>;

  /**
   * The run that holds the dataset, alive or not; `undefined`: none does. A run that was killed
   * holds it until the next one.
   */
  runHolder(organizationId: number, datasetId: number): Awaitable<RunHolder | undefined>;

  /**
   * How fresh the dataset is: what its last finished run said, in milliseconds since the epoch;
   * `undefined`: none finished yet. Runs that begin or fail leave it as it is. One small read, so
   * look-ups may ask.
   */
  asOf(organizationId: number, datasetId: number): Awaitable<number | undefined>;

  /**
   * How far the dataset was read, as its last finished run that told it said. Lives on like `asOf`.
   */
  watermark(organizationId: number, datasetId: number): Awaitable<string | undefined>;

  /**
   * Of the newest write that this reader sees (`domain/revision.ts`); 0 before the first. Cheap.
   */
  revision(): Awaitable<bigint>;

  /** Identifies this store for ever; a baseline made for another store is void. */
  storeId(): Awaitable<string>;

  counts(organizationId: number): Awaitable<StoreCounts>;

  /**
   * Nothing is counted: zero and no fields. `store_unavailable`: an earlier release wrote the
   * store, and it was not opened for writing since.
   */
  datasetCounts(organizationId: number, datasetId: number): Awaitable<DatasetCounts>;

  /** The runs of a dataset that can be taken back, newest first. */
  listRollbackRuns(organizationId: number, datasetId: number): Awaitable<readonly RollbackRun[]>;

  /** Reads everything; minutes on a large store. */
  verify(): Promise<StoreFaults>;

  /**
   * SHA-256 (hex) over all organizations' contacts, identities and memberships. `content` leaves
   * out ids, revisions and times.
   */
  digest(kind: 'content' | 'full'): Promise<string>;

  /**
   * Reads the data once, so that later reads do not wait for the disk, or as much of it as it comes
   * to before `stop`. Resolves with the number of bytes read.
   */
  preRead(stop?: AbortSignal): Promise<number>;

  close(): Promise<void>;
}

/**
 * What one row asks for. A stale change does nothing at all, so it adds no identities either; nor
 * do `clear`, `forget` and `keep-age`. An identity of type 0 (`id`) names a contact that must be
 * there; it is not kept with the identities. `section` is a section as the codec writes it
 * (`encodeSection`), where a field with an empty value means: clear this field. It is empty for
 * `clear`, `forget` and `keep-age`, which never make a contact, and for `list`. For `membership` it
 * is JSON (`domain/membership/membership-report.ts`).
 */
export interface ContactChange {
  readonly kind: ChangeKind;
  /**
   * At least one. The contact is the one that any of them leads to; identities not yet known are
   * added to it; none known: a new contact.
   */
  readonly identities: readonly KnownIdentity[];
  readonly section: Uint8Array;
}

export type RefusedChange = 'identity_conflict' | 'identity_repeated' | 'value_invalid';

export interface BatchReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly stale: number;
  /** Contacts that lost the dataset's section, or its reports. */
  readonly cleared: number;
  /** Rows of a list that no contact is known for, by their place in the batch. */
  readonly unmatched: readonly number[];
  /**
   * Rows refused, by their place in the batch. `value_invalid`: a malformed section or identity, an
   * id of no contact, or more than `maxIdentitiesPerContact` or `maxRecordBytes` would let in.
   * `identity_repeated`: this very run wrote the section before with other content, or without all
   * of the row's identities: two rows of one source reach one contact. The first one stays.
   */
  readonly rejected: readonly { readonly index: number; readonly code: RefusedChange }[];
  /** Of the last record written, as the opaque text callers see; '' when nothing was. */
  readonly revision: string;
}

export interface PushOptions {
  /** How fresh the rows are, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Missing or `null`: the same push sent again is applied again. */
  readonly once?: PushOnce | null;
}

/**
 * Under which key the answer of a push is kept for a day. The same push under the same key then
 * gets that answer and changes nothing.
 */
export interface PushOnce {
  /** 32 hexadecimal digits: a digest of the key, unique in the organization. */
  readonly key: string;
  /** A digest of all that is pushed. */
  readonly fingerprint: string;
  /** Kept with the answer; no personal data. */
  readonly note: string;
}

export interface PushReport extends BatchReport {
  /** Of the push that got this answer first; `null`: it was this one. */
  readonly keptNote: string | null;
}

export interface ContactWriter {
  /**
   * Takes the lease of a dataset; its first batch forgets the applied run. Another live run of the
   * dataset: `run_in_progress`. A run whose holder is gone (no batch, no `renewRun` for 30 s, or
   * its connection closed) is over, and its lease is given anew. Calling it again with the same run
   * id renews the lease and keeps its source version, so a run can go on after its writer changed.
   */
  beginRun(request: RunRequest): Promise<RunLease>;

  /** Keeps the lease of a run that is busy reading. */
  renewRun(lease: RunLease): Promise<void>;

  /**
   * Applies at most `maxRowsPerBatch` changes in one transaction, in the order given. All of the
   * batch is visible at once. Nothing of it happens when it throws: `storage_full`,
   * `store_unavailable`, `run_in_progress` (the lease was lost), `batch_too_large`. Some may be
   * under way at once, and are done in the order made unless the writing process dies meanwhile;
   * waiting ones share a transaction. Await them all before `finishRun`.
   */
  applyBatch(lease: RunLease, changes: readonly ContactChange[]): Promise<BatchReport>;

  /**
   * Ends the run and, in the same transaction, says what the dataset's sections now reflect. Ending
   * a run twice does nothing the second time; a lease that was lost: `run_in_progress`.
   */
  finishRun(lease: RunLease, finished: FinishedRun): Promise<void>;

  /**
   * Takes back what a run did, looking at up to `limit` contacts (at most `maxRowsPerBatch`) in one
   * transaction; to be called until `isDone`, under the lease of a later run of the dataset. Then
   * the dataset's contacts, identities, counts, `asOf` and `watermark` are as before that run, and
   * the applied run is unknown until the next one ends. Safe to repeat and to go on with after an
   * end in the midst; a run that was taken back, or is not known, `isDone` at once. Only the newest
   * run that `listRollbackRuns` names can be: `revision_conflict` for an older one.
   *
   * What others did since stays: a section that was pushed; a contact that came with the run and
   * that others filled; an identity that came with the run, where another dataset wrote the contact
   * since, as it may know it by that.
   */
  rollBackBatch(
    lease: RunLease,
    rolledBack: { readonly sourceVersion: bigint },
    limit: number,
  ): Promise<RolledBackBatch>;

  /**
   * Gives up the undo of runs beyond those to be kept, removing up to `limit` entries in one
   * transaction; to be called until `isDone`. The run that holds the dataset's lease keeps its own.
   * Needs no lease.
   */
  dropRollbackData(
    organizationId: number,
    datasetId: number,
    keep: RollbackRetention,
    limit: number,
  ): Promise<{ readonly isDone: boolean }>;

  /**
   * Applies at most `maxRowsPerBatch` rows that callers pushed, in the order given and in one
   * transaction: patches, each newer than all before it, so none is stale or repeated. Their
   * sections are as fresh as `atMs`; one whose values stay as they are is `unchanged`, yet as
   * fresh. Needs no lease and no run, and keeps no undo. The same push twice leaves the values of
   * once. A dataset that runs write as well has no applied run after it: the next run brings
   * everything in anew. Nothing of it happens when it throws: `storage_full`, `store_unavailable`,
   * `batch_too_large`, `idempotency_conflict` (the key of `once` was used for another push).
   */
  push(
    organizationId: number,
    datasetId: number,
    changes: readonly ContactChange[],
    options: PushOptions,
  ): Promise<PushReport>;

  /**
   * Ends the run; once it wrote, the applied run stays unknown. Ending a run twice does nothing.
   */
  abandonRun(lease: RunLease): Promise<void>;

  /**
   * Replaces what is recorded of a contact's memberships (packed by
   * `domain/membership/membership.ts`); `false`: no such contact.
   */
  putMemberships(
    organizationId: number,
    identity: IdentityKey,
    packed: Uint8Array,
  ): Promise<boolean>;

  /** Resolves when every write acknowledged so far is on the disk. */
  flush(): Promise<void>;

  close(): Promise<void>;
}
