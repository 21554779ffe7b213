/** The one writer of the contact store. `store.ts` says what it promises. */
import type { ChangesToApply } from './change-batch.ts';
import type {
  BatchReport,
  ContactChange,
  PushOptions,
  PushReport,
  RunPeopleReport,
} from './contact-change.ts';
import type { IdentityKey } from './identity-key.ts';
import type { JoinAnswer, JoinOptions, JoinStorm } from './join-answer.ts';
import type {
  AmendableField,
  AmendmentChange,
  AmendmentOutcome,
  AmendmentPage,
  ErasureRequest,
  ErasureStep,
  PrivacyOptions,
} from './privacy-answer.ts';
import type {
  FinishedRun,
  RollbackRetention,
  RolledBackBatch,
  RunLease,
  RunRequest,
} from './run-lease.ts';

/**
 * Every call rejects with `store_unavailable` if no process writes the store, and with
 * `storage_full` if the disk is full. Send the call again then: if it was performed already, it
 * changes nothing.
 */
export interface ContactWriter {
  /**
   * Takes the lease of a dataset. Rejects with `run_in_progress` while another run is alive. A run
   * counts as alive until it sends no batch and no `renewRun` for 30 s, or until its connection
   * closes. The same run id renews the lease and keeps the source version, so that a run survives a
   * change of the writing process.
   */
  beginRun(request: RunRequest): Promise<RunLease>;

  /** Keeps the lease of a run that reads for long. Rejects with `run_in_progress` if it is lost. */
  renewRun(lease: RunLease): Promise<void>;

  /**
   * Applies up to `maxRowsPerBatch` changes in the given order, and renews the lease. They are
   * applied in one transaction, or in several if they join more than `maxJoinsPerTransaction`
   * contacts and take long. Rejects with `run_in_progress` if the lease was lost, and with
   * `batch_too_large`; nothing of the transaction is applied then. Several batches may be under
   * way: they are applied in the order of the calls, unless the writing process dies meanwhile.
   * Await them all before `finishRun`.
   */
  applyBatch(lease: RunLease, changes: ChangesToApply): Promise<BatchReport>;

  /**
   * Reports what the run has done to people since its first attempt: how the store differs from
   * before. Call it after the last batch with `null`, and then with `next` of the last answer
   * until that is `null`. Each call looks at up to `limit` changes, and returns all counts so far.
   */
  reportRun(lease: RunLease, after: string | null, limit: number): Promise<RunPeopleReport>;

  /**
   * Ends the run and, in the same transaction, stores the id of the baseline that the dataset now
   * matches. Ending a run twice does nothing. Rejects with `run_in_progress` if the lease was lost.
   */
  finishRun(lease: RunLease, finished: FinishedRun): Promise<void>;

  /**
   * Rolls back up to `limit` rows (at most `maxRowsPerBatch`) of a run, in one transaction. Call it
   * under the lease of a later run until `isDone`; safe to repeat, and to resume after a crash. The
   * dataset's rows, what they claim, its counts, `asOf` and `watermark` are then as before the run,
   * joins that the run made are forgotten, and the applied run is unknown. `isDone` at once for an
   * unknown run. Only the first run of `listRollbackRuns` can be rolled back; older ones reject
   * with `revision_conflict`.
   *
   * What others wrote since stays: a row that was pushed or that another run wrote, and a contact
   * of the run that others filled.
   */
  rollBackBatch(
    lease: RunLease,
    rolledBack: { readonly sourceVersion: bigint },
    limit: number,
  ): Promise<RolledBackBatch>;

  /**
   * Removes up to `limit` entries of runs outside the retention, but never of the run that holds
   * the lease. Call it until `isDone`. Needs no lease.
   */
  dropRollbackData(
    organizationId: number,
    datasetId: number,
    keep: RollbackRetention,
    limit: number,
  ): Promise<{ readonly isDone: boolean }>;

  /**
   * Applies up to `maxRowsPerBatch` pushed rows in the given order, in one transaction, or in
   * several if they join more than `maxJoinsPerTransaction` contacts and take long. They are
   * patches, each newer than everything before, so none is stale or repeated. Needs no lease, and
   * cannot be rolled back. Afterwards the dataset has no applied run: the next run sends
   * everything. Rejects with `batch_too_large`, and with `idempotency_conflict` if the key of
   * `once` was used for another push; nothing is applied then.
   */
  push(
    organizationId: number,
    datasetId: number,
    changes: readonly ContactChange[],
    options: PushOptions,
  ): Promise<PushReport>;

  /** Ends the run without a baseline. Ending a run twice does nothing. */
  abandonRun(lease: RunLease): Promise<void>;

  /** Joins the contacts of two identities, whatever rows say of them. */
  mergeContacts(
    organizationId: number,
    one: IdentityKey,
    other: IdentityKey,
    options: JoinOptions,
  ): Promise<JoinAnswer>;

  /** Takes a merge back, or parts two keys that rows joined, for good. */
  unmergeContacts(organizationId: number, entry: string, options: JoinOptions): Promise<JoinAnswer>;

  /** Parts an identity, and the rows keyed by it, from the other keys of its contact, for good. */
  splitContact(
    organizationId: number,
    identity: IdentityKey,
    options: JoinOptions,
  ): Promise<JoinAnswer>;

  /**
   * Parts joins that rows made, the oldest first, some at a time, and then those that the same rows
   * make because a parting sets an identity free. Call it again with `next` as `after` until that
   * is `null`.
   */
  partJoins(
    organizationId: number,
    storm: JoinStorm,
    options: JoinOptions,
  ): Promise<{ readonly parted: number; readonly next: string | null }>;

  /** Replaces a contact's recorded memberships (packed). `false`: there is no such contact. */
  putMemberships(
    organizationId: number,
    identity: IdentityKey,
    packed: Uint8Array,
  ): Promise<boolean>;

  /**
   * Erases the contacts of identities, some at a time: call it again with the same request until
   * `isDone`. Any process may go on with a request, also after a crash. The identities that led to
   * the contacts are suppressed: no row brings them back until they are lifted. A request that is
   * done is known for 30 days, and answers the same again.
   */
  eraseContacts(
    organizationId: number,
    request: ErasureRequest,
    options: PrivacyOptions,
  ): Promise<ErasureStep>;

  /**
   * The suppression list that new entries go to; made if there is none, and on the disk then. Its
   * key makes keyed digests (`suppression-files.ts`).
   */
  ownSuppressionList(): Promise<{ readonly keyId: string }>;

  /** Lifts a suppression. `false`: the identity is not suppressed. */
  liftSuppression(organizationId: number, identity: IdentityKey): Promise<boolean>;

  /** Sets and lifts values that count over those of sources. */
  amendContact(
    organizationId: number,
    identity: IdentityKey,
    change: AmendmentChange,
    options: PrivacyOptions,
  ): Promise<AmendmentOutcome>;

  /**
   * Removes amendments of fields that are gone, or have a type that the values do not fit, from the
   * next `limit` row keys. Call it with the returned `next` until that is `null`.
   * @param fields all that there are
   */
  forgetAmendments(
    organizationId: number,
    fields: readonly AmendableField[],
    page: AmendmentPage,
  ): Promise<{ readonly next: string | null }>;

  /** Resolves when every write acknowledged so far is on the disk. */
  flush(): Promise<void>;

  /** Gives the leases back. Later calls reject with `store_unavailable`; closing twice is fine. */
  close(): Promise<void>;
}
