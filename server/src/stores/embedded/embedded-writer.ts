/**
 * The operations of a writer on the environment of this process, for any holder: the writer opened here, or a client on the
 * socket. Which process may do this is `writer-lock.ts`.
 */
import { formatRevision } from '../../domain/revision.ts';
import { requireBatchSize } from '../change-batch.ts';
import { requireSoundRecord } from '../contact-codec.ts';
import type {
  BatchReport,
  ContactChange,
  FinishedRun,
  IdentityKey,
  RefusedChange,
  RunLease,
  RunRequest,
} from '../store.ts';
import { applyChange } from './apply-change.ts';
import type { Environment } from './environment.ts';
import { findContactId } from './resolve-contact.ts';
import { type HolderWatch, type LeaseHolder, RunLeases } from './run-leases.ts';
import { WriteQueue } from './write-queue.ts';
import { WriteSession, type WriteSources } from './write-session.ts';

export class EmbeddedWriter {
  readonly #environment: Environment;
  readonly #session: WriteSession;
  readonly #queue: WriteQueue;
  readonly #leases: RunLeases;

  constructor(
    environment: Environment,
    dataFolder: string,
    options: { sources: WriteSources; watch: HolderWatch },
  ) {
    this.#environment = environment;
    this.#session = new WriteSession(environment, options.sources);
    this.#queue = new WriteQueue(environment.root, this.#session, dataFolder);
    this.#leases = new RunLeases(environment, options.watch);
  }

  beginRun(holder: LeaseHolder, request: RunRequest): Promise<RunLease> {
    return this.#queue.write(() => this.#leases.begin(request, holder, this.#session.nowMs()));
  }

  renewRun(holder: LeaseHolder, lease: RunLease): Promise<void> {
    return this.#queue.write(() => {
      this.#leases.require(lease);
      this.#leases.renew(lease, holder, this.#session.nowMs());
    });
  }

  async applyBatch(
    holder: LeaseHolder,
    lease: RunLease,
    changes: readonly ContactChange[],
  ): Promise<BatchReport> {
    requireBatchSize(changes);
    return this.#queue.write(() => {
      this.#leases.require(lease);
      this.#leases.forgetApplied(lease);
      const report = this.#applyAll(lease, changes);
      this.#leases.renew(lease, holder, this.#session.nowMs());
      return report;
    });
  }

  #applyAll(lease: RunLease, changes: readonly ContactChange[]): BatchReport {
    const counts = { added: 0, changed: 0, unchanged: 0, stale: 0, cleared: 0 };
    const rejected: { index: number; code: RefusedChange }[] = [];
    let revision = '';
    for (const [index, change] of changes.entries()) {
      const applied = applyChange(this.#session, lease, change);
      const { outcome } = applied;
      if (outcome in counts) counts[outcome as keyof typeof counts] += 1;
      else rejected.push({ index, code: outcome as RefusedChange });
      if (applied.revision !== undefined) revision = formatRevision(applied.revision);
    }
    return { ...counts, unmatched: [], rejected, revision };
  }

  finishRun(lease: RunLease, finished: FinishedRun): Promise<void> {
    return this.#queue.write(() => {
      if (!this.#leases.isHeld(lease) && this.#leases.hasFinished(lease)) return;
      this.#leases.require(lease);
      this.#leases.finish(lease, finished);
    });
  }

  abandonRun(lease: RunLease): Promise<void> {
    return this.#queue.write(() => this.#leases.abandon(lease));
  }

  putMemberships(
    organizationId: number,
    identity: IdentityKey,
    packed: Uint8Array,
  ): Promise<boolean> {
    return this.#queue.write(() => {
      const found = findContactId(this.#session, organizationId, identity);
      if (found === undefined) return false;
      const key = this.#session.contactKey(organizationId, found.contactId);
      const record = this.#environment.rec.getBinaryFast(key);
      requireSoundRecord(record ?? Buffer.alloc(0), this.#environment.rec.lastSize);
      this.#environment.mem.put(key, Buffer.from(packed));
      return true;
    });
  }

  /** Lets others have the datasets of this holder's runs at once. On a full disk they end by time. */
  async release(holder: LeaseHolder): Promise<void> {
    await this.#queue.write(() => this.#leases.release(holder)).catch(() => undefined);
  }

  /** Every commit is on the disk when it returns, so waiting for those on their way is all. */
  flush(): Promise<void> {
    return this.#queue.idle();
  }

  /** Frees the places of readers whose process died, which keep old pages alive. */
  readerCheck(): number {
    return this.#environment.root.readerCheck();
  }
}
