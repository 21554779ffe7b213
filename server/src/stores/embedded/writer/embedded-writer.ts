/** Performs the calls of this process's writer, and of its clients on the socket. */
import { UsherError } from '../../../domain/errors.ts';
import { maxRowsPerBatch } from '../../../domain/limits.ts';
import { formatRevision, parseRevision } from '../../../domain/revision.ts';
import { type ChangesToApply, requireBatchSize } from '../../change-batch.ts';
import type { JoinAnswer, JoinOptions, JoinStorm } from '../../join-answer.ts';
import { erasureGoesOn, keeping } from '../../kept-words.ts';
import { erasureCallMs, partedJoinsPerCall } from '../../limits.ts';
import type {
  AmendableField,
  AmendmentChange,
  AmendmentOutcome,
  AmendmentPage,
  ErasureRequest,
  ErasureStep,
  PrivacyOptions,
} from '../../privacy-answer.ts';
import type {
  FinishedRun,
  RollbackRetention,
  RolledBackBatch,
  RunLease,
  RunRequest,
} from '../../run-lease.ts';
import { readSecretKey } from '../../secret-key.ts';
import type {
  BatchReport,
  ContactChange,
  IdentityKey,
  PushOnce,
  PushOptions,
  PushReport,
  RunPeopleReport,
} from '../../store.ts';
import type { WritableEnvironment } from '../environment.ts';
import { liftSuppression } from '../erasure/lift-suppression.ts';
import { ErasureCall, requireErasureSize, storeErasure } from '../erasure/run-erasure.ts';
import { dropRollbackData } from '../rollback/drop-rollback-data.ts';
import { keepMarks } from '../rollback/put-marks-back.ts';
import { rollBack } from '../rollback/roll-back-rows.ts';
import { RollbackLog } from '../rollback/rollback-log.ts';
import { findRollbackRun, forgetRollbackRuns } from '../rollback/rollback-runs.ts';
import { amendContact, forgetAmendments } from './amend-contact.ts';
import { putMemberships } from './contact-entries.ts';
import { findContactId } from './contact-id-identities.ts';
import { forgetGoneIds } from './forget-gone-ids.ts';
import { GuardedLists } from './guarded-lists.ts';
import { mergeContacts, splitContact, unmergeContacts } from './join-contacts.ts';
import { KeptPushes, keyedOnce } from './kept-pushes.ts';
import { reportRun } from './report-effects.ts';
import { dropEffects } from './run-effects.ts';
import { type HolderWatch, type LeaseHolder, RunLeases, runInProgress } from './run-leases.ts';
import { SteppedChanges } from './stepped-changes.ts';
import { SteppedPartings } from './stepped-partings.ts';
import { WriteQueue, type WriteStep } from './write-queue.ts';
import { WriteSession, type WriteSources } from './write-session.ts';
import type { WriterOperations } from './writer-calls.ts';

export class EmbeddedWriter implements WriterOperations {
  readonly #environment: WritableEnvironment;
  readonly #session: WriteSession;
  readonly #queue: WriteQueue;
  readonly #kept: KeptPushes;
  readonly #leases: RunLeases;
  readonly #lists: GuardedLists;
  readonly #dataFolder: string;

  constructor(
    environment: WritableEnvironment,
    dataFolder: string,
    options: { sources: WriteSources; watch: HolderWatch },
  ) {
    this.#environment = environment;
    this.#dataFolder = dataFolder;
    this.#lists = new GuardedLists(dataFolder, environment.meta);
    this.#session = new WriteSession(environment, options.sources, this.#lists);
    this.#kept = new KeptPushes(environment.once);
    this.#queue = new WriteQueue(environment, this.#session, dataFolder);
    this.#leases = new RunLeases(environment, options.watch);
  }

  async beginRun(request: RunRequest, holder: LeaseHolder): Promise<RunLease> {
    const begin = () => this.#leases.begin(this.#session, request, holder);
    const lease = await this.#queue.write(begin);
    if (lease === undefined) throw runInProgress();
    return lease;
  }

  renewRun(lease: RunLease, holder: LeaseHolder): Promise<void> {
    const renew = () => {
      this.#leases.require(lease);
      this.#leases.renew(lease, holder, this.#session.nowMs());
    };
    return this.#queue.write(renew, lease.runId);
  }

  async applyBatch(
    lease: RunLease,
    changes: ChangesToApply,
    holder: LeaseHolder,
  ): Promise<BatchReport> {
    requireBatchSize(changes);
    const { isSnapshot: isOfSnapshot } = lease;
    this.#queue.noteBatch(lease.runId);
    const applied = new SteppedChanges(this.#session, changes);
    return this.#queue.writeInSteps(() => {
      this.#leases.require(lease);
      this.#leases.forgetApplied(lease);
      this.#session.openRuns.open(lease, lease.version);
      const rollbackLog = this.#openRollback(lease);
      const origin = {
        ...lease,
        asOfMs: 0,
        isOfSnapshot,
        isPush: false,
        keyOrder: [],
        rollbackLog,
      };
      const { result, onCommit } = applied.step(() => origin);
      rollbackLog?.save();
      this.#leases.renew(lease, holder, this.#session.nowMs());
      return { result: result?.report, onCommit };
    }, lease.runId);
  }

  #openRollback(lease: RunLease): RollbackLog | undefined {
    if (lease.canRollBack) return new RollbackLog(this.#session, lease);
    forgetRollbackRuns(this.#environment.meta, lease);
    return undefined;
  }

  reportRun(
    lease: RunLease,
    after: string | null,
    limit: number,
    holder: LeaseHolder,
  ): Promise<RunPeopleReport> {
    return this.#queue.write(() => {
      this.#leases.require(lease);
      this.#leases.renew(lease, holder, this.#session.nowMs());
      return reportRun(this.#session, lease, { after, limit });
    });
  }

  async finishRun(lease: RunLease, finished: FinishedRun, holder: LeaseHolder): Promise<void> {
    const done = { result: {}, onCommit: () => undefined };
    this.#queue.flush();
    let after: Uint8Array | undefined;
    await this.#queue.writeInSteps(() => {
      if (!this.#leases.isHeld(lease) && this.#leases.hasFinished(lease)) return done;
      this.#leases.require(lease);
      const next = keepMarks(this.#session, lease, { after, limit: maxRowsPerBatch });
      if (next === undefined) {
        this.#leases.finish(this.#session, lease, finished);
        return done;
      }
      this.#leases.renew(lease, holder, this.#session.nowMs());
      const onCommit = () => {
        after = next;
      };
      return { result: undefined, onCommit };
    }, lease.runId);
  }

  async push(
    organizationId: number,
    datasetId: number,
    changes: readonly ContactChange[],
    options: PushOptions,
  ): Promise<PushReport> {
    requireBatchSize(changes);
    const { atMs, keyOrder = [], rules } = options;
    const once = options.once ? await this.#keyed(options.once) : null;
    const place = { organizationId, datasetId };
    const pushed = { isOfSnapshot: false, isPush: true, keyOrder, rollbackLog: undefined };
    const applied = new SteppedChanges(this.#session, changes);
    return this.#queue.writeInSteps((): WriteStep<PushReport> => {
      const nowMs = this.#session.nowMs();
      const kept = once === null ? undefined : this.#kept.find(organizationId, once, nowMs);
      if (kept !== undefined) {
        return { result: { ...kept.report, keptNote: kept.note }, onCommit: () => undefined };
      }
      this.#leases.forgetApplied(place);
      this.#session.giveRules(organizationId, rules);
      const step = applied.step(() => {
        const sourceVersion = this.#leases.nextSourceVersion(this.#session, place);
        this.#leases.noteSourceVersion(place, sourceVersion);
        return { ...place, ...pushed, sourceVersion, version: sourceVersion, asOfMs: atMs };
      });
      const report = step.result && { ...step.result.report, ...step.result.people };
      if (report === undefined) return { result: undefined, onCommit: step.onCommit };
      const { onCommit } = step;
      if (once === null) return { onCommit, result: { ...report, keptNote: null } };
      // A repeated push must get the same answer, so it always contains a revision.
      const revision = report.revision || formatRevision(this.#session.lastRevision);
      const answer = { ...report, revision };
      this.#kept.keep(organizationId, once, { report: answer, nowMs });
      return { onCommit, result: { ...answer, keptNote: null } };
    });
  }

  async #keyed(once: PushOnce): Promise<PushOnce> {
    return keyedOnce(await readSecretKey(this.#dataFolder), once);
  }

  rollBackBatch(
    lease: RunLease,
    rolledBack: { readonly sourceVersion: bigint },
    limit: number,
    holder: LeaseHolder,
  ): Promise<RolledBackBatch> {
    return this.#queue.write(() => {
      this.#leases.require(lease);
      const run = findRollbackRun(this.#environment.meta, lease, rolledBack.sourceVersion);
      if (run === undefined) return { restored: 0, removed: 0, isDone: true };
      this.#leases.forgetApplied(lease);
      const write = { ...lease, sourceVersion: rolledBack.sourceVersion };
      this.#session.openRuns.open(lease, lease.version);
      const taken = rollBack(this.#session, write, run, limit);
      if (taken.isDone) this.#session.endRun(lease);
      this.#leases.renew(lease, holder, this.#session.nowMs());
      return taken;
    });
  }

  dropRollbackData(
    organizationId: number,
    datasetId: number,
    keep: RollbackRetention,
    limit: number,
  ): Promise<{ readonly isDone: boolean }> {
    return this.#queue.write(() => {
      const place = { organizationId, datasetId };
      const liveVersion = this.#leases.heldVersion(place);
      const isDropped = dropRollbackData(this.#session, place, { keep, liveVersion, limit });
      const areForgotten = forgetGoneIds(this.#session, organizationId, limit);
      const open = this.#session.openRuns.versionOf(place);
      const { effects } = this.#environment;
      const areEffectsDropped = dropEffects(effects, place, { open, limit });
      return { isDone: isDropped && areForgotten && areEffectsDropped };
    });
  }

  abandonRun(lease: RunLease): Promise<void> {
    return this.#queue.write(() => this.#leases.abandon(lease));
  }

  mergeContacts(
    organizationId: number,
    one: IdentityKey,
    other: IdentityKey,
    options: JoinOptions,
  ): Promise<JoinAnswer> {
    return this.#join(organizationId, options, (place) =>
      mergeContacts(this.#session, place, [one, other]),
    );
  }

  unmergeContacts(
    organizationId: number,
    entry: string,
    options: JoinOptions,
  ): Promise<JoinAnswer> {
    return this.#join(organizationId, options, (place) =>
      unmergeContacts(this.#session, place, entry),
    );
  }

  splitContact(
    organizationId: number,
    identity: IdentityKey,
    options: JoinOptions,
  ): Promise<JoinAnswer> {
    return this.#join(organizationId, options, (place) =>
      splitContact(this.#session, place, identity),
    );
  }

  partJoins(
    organizationId: number,
    { since, until, ...which }: JoinStorm,
    { by, rules }: JoinOptions,
  ): Promise<{ readonly parted: number; readonly next: string | null }> {
    const time = { since: revisionOf(since), until: revisionOf(until) };
    const storm = { ...which, ...time, limit: partedJoinsPerCall };
    const partings = new SteppedPartings(this.#session, storm);
    return this.#queue.writeInSteps(() => {
      this.#session.giveRules(organizationId, rules);
      return partings.step({ organizationId, by });
    });
  }

  /** Whatever a person joined or parted, baselines still describe their datasets' rows. */
  #join<Answer>(
    organizationId: number,
    { by, rules }: JoinOptions,
    join: (place: { readonly organizationId: number; readonly by: string | null }) => Answer,
  ): Promise<Answer> {
    return this.#queue.write(() => {
      this.#session.giveRules(organizationId, rules);
      return join({ organizationId, by });
    });
  }

  putMemberships(
    organizationId: number,
    identity: IdentityKey,
    packed: Uint8Array,
  ): Promise<boolean> {
    return this.#queue.write(() => {
      const contactId = findContactId(this.#session, organizationId, identity);
      if (contactId === undefined) return false;
      putMemberships(this.#session, { organizationId, contactId }, Buffer.from(packed));
      return true;
    });
  }

  async eraseContacts(
    organizationId: number,
    { requestId, identities, looks }: ErasureRequest,
    { rules }: PrivacyOptions,
  ): Promise<ErasureStep> {
    requireErasureSize(identities);
    await this.#lists.require().makeOwn();
    const place = { organizationId, requestId };
    await this.#queue.write(() => {
      this.#session.giveRules(organizationId, rules);
      storeErasure(this.#session, place, { identities, tellsLooks: looks === 'told' });
    });
    const endMs = performance.now() + erasureCallMs;
    const call = new ErasureCall(this.#session, place, looks === 'erased');
    return keeping(erasureGoesOn, () =>
      this.#queue.writeInSteps(() => call.step(() => performance.now() > endMs)),
    );
  }

  async ownSuppressionList(): Promise<{ readonly keyId: string }> {
    const { keyId } = await this.#lists.require().makeOwn();
    await this.#queue.write(() => this.#lists.note());
    return { keyId };
  }

  liftSuppression(organizationId: number, identity: IdentityKey): Promise<boolean> {
    return this.#queue.write(() => liftSuppression(this.#session, organizationId, identity));
  }

  amendContact(
    organizationId: number,
    identity: IdentityKey,
    change: AmendmentChange,
    { rules }: PrivacyOptions,
  ): Promise<AmendmentOutcome> {
    return this.#queue.write(() => {
      this.#session.giveRules(organizationId, rules);
      return amendContact(this.#session, organizationId, identity, change);
    });
  }

  forgetAmendments(
    organizationId: number,
    fields: readonly AmendableField[],
    page: AmendmentPage,
  ): Promise<{ readonly next: string | null }> {
    return this.#queue.write(() => {
      return { next: forgetAmendments(this.#session, organizationId, fields, page) };
    });
  }

  /** Frees the datasets of this holder's runs. On a full disk their leases expire instead. */
  async release(holder: LeaseHolder): Promise<void> {
    await this.#queue.write(() => this.#leases.release(holder)).catch(() => undefined);
  }

  async flush(): Promise<void> {
    await this.#queue.idle();
    this.#queue.flush();
  }

  close(): void {
    this.#lists.close();
  }

  /** Frees the slots of dead readers, which keep old pages in use. */
  readerCheck(): number {
    return this.#environment.root.readerCheck();
  }
}

function revisionOf(text: string): bigint {
  const revision = parseRevision(text);
  if (revision !== undefined) return revision;
  throw new UsherError('request_malformed', `'${text}' is no revision.`);
}
