/** Leases of datasets and results of runs, in `meta`: they survive the process that wrote them. */
import { UsherError } from '../../../domain/errors.ts';
import { runLeaseMs } from '../../limits.ts';
import type { AppliedRun, FinishedRun, RunLease, RunRequest } from '../../run-lease.ts';
import { packAppliedRun } from '../applied-run.ts';
import type { Environment } from '../environment.ts';
import {
  metaKeys,
  metaKinds,
  readFinishedRun,
  readMeta,
  readMetaKind,
  writeMeta,
} from '../meta.ts';

/** The holder of a lease: one opened writer, in this or another process. */
export interface LeaseHolder {
  readonly sessionId: string;
  readonly processId: number;
}

/** What the writing process knows of holders besides the clock. */
export interface HolderWatch {
  isConnected(sessionId: string): boolean;
  isProcessAlive(processId: number): boolean;
}

export interface DatasetPlace {
  readonly organizationId: number;
  readonly datasetId: number;
}

interface StoredLease extends LeaseHolder {
  readonly runId: string;
  readonly sourceVersion: string;
  readonly renewedAtMs: number;
}

export class RunLeases {
  readonly #environment: Environment;
  readonly #watch: HolderWatch;

  constructor(environment: Environment, watch: HolderWatch) {
    this.#environment = environment;
    this.#watch = watch;
  }

  /** `undefined`: another run has it. Report that after the transaction, which may have written. */
  begin(request: RunRequest, holder: LeaseHolder, nowMs: number): RunLease | undefined {
    const { meta } = this.#environment;
    const { runId, organizationId, datasetId } = request;
    const at = metaKeys.lease(organizationId, datasetId);
    const stored = readMeta<StoredLease>(meta, at);
    const isOwn = stored?.runId === runId;
    if (stored !== undefined && !isOwn && this.#isLive(stored, nowMs)) {
      // The clock went back, so its silence counts from now.
      if (stored.renewedAtMs > nowMs) writeMeta(meta, at, { ...stored, renewedAtMs: nowMs });
      return undefined;
    }
    const sourceVersion = isOwn
      ? BigInt(stored.sourceVersion)
      : this.lastSourceVersion(request) + 1n;
    if (!isOwn) this.noteSourceVersion(request, sourceVersion);
    const { canRollBack = true } = request;
    const lease = { runId, organizationId, datasetId, sourceVersion, canRollBack };
    this.#store(lease, holder, nowMs);
    return lease;
  }

  /** Throws `run_in_progress` when the lease was lost. */
  require(lease: RunLease): void {
    if (!this.isHeld(lease)) throw leaseLost();
  }

  isHeld(lease: RunLease): boolean {
    const at = metaKeys.lease(lease.organizationId, lease.datasetId);
    const stored = readMeta<StoredLease>(this.#environment.meta, at);
    return stored?.runId === lease.runId && stored.sourceVersion === `${lease.sourceVersion}`;
  }

  /** The source version of the run that holds the dataset's lease, live or not. */
  heldVersion({ organizationId, datasetId }: DatasetPlace): bigint | undefined {
    const at = metaKeys.lease(organizationId, datasetId);
    const stored = readMeta<StoredLease>(this.#environment.meta, at);
    return stored === undefined ? undefined : BigInt(stored.sourceVersion);
  }

  /** Call it in the transaction of each write: the sections match no baseline any more. */
  forgetApplied({ organizationId, datasetId }: DatasetPlace): void {
    const { meta } = this.#environment;
    const at = metaKeys.appliedRun(organizationId, datasetId);
    if (readMeta(meta, at) !== undefined) meta.remove(at);
  }

  renew(lease: RunLease, holder: LeaseHolder, nowMs: number): void {
    this.#store(lease, holder, nowMs);
  }

  /** Frees the datasets of this holder's runs at once; its runs may still continue them. */
  release({ sessionId }: LeaseHolder): void {
    const { meta } = this.#environment;
    for (const { key, value } of readMetaKind<StoredLease>(meta, metaKinds.lease)) {
      if (value.sessionId === sessionId) writeMeta(meta, key, { ...value, renewedAtMs: 0 });
    }
  }

  /** Whether the run has ended already: its answer was lost, and the call came again. */
  hasFinished({ organizationId, datasetId, runId }: RunLease): boolean {
    const { meta } = this.#environment;
    return readFinishedRun(meta, organizationId, datasetId)?.runId === runId;
  }

  finish(lease: RunLease, finished: FinishedRun): void {
    const { meta } = this.#environment;
    const { organizationId, datasetId, runId } = lease;
    const { baselineId, asOfMs } = finished;
    const last = readFinishedRun(meta, organizationId, datasetId);
    const watermark =
      finished.watermark === undefined ? (last?.watermark ?? null) : finished.watermark;
    meta.remove(metaKeys.lease(organizationId, datasetId));
    writeMeta(meta, metaKeys.finishedRun(organizationId, datasetId), { runId, asOfMs, watermark });
    // What was pushed meanwhile is in no baseline.
    if (this.lastSourceVersion(lease) !== lease.sourceVersion) return;
    const applied: AppliedRun = { baselineId, runId, asOfMs, watermark };
    writeMeta(meta, metaKeys.appliedRun(organizationId, datasetId), packAppliedRun(applied));
  }

  abandon(lease: RunLease): void {
    const at = metaKeys.lease(lease.organizationId, lease.datasetId);
    const stored = readMeta<StoredLease>(this.#environment.meta, at);
    if (stored?.runId === lease.runId) this.#environment.meta.remove(at);
  }

  #isLive(stored: StoredLease, nowMs: number): boolean {
    if (nowMs - stored.renewedAtMs > runLeaseMs) return false;
    // Alive but not connected: a client of the last writing process may be about to connect.
    return (
      this.#watch.isConnected(stored.sessionId) || this.#watch.isProcessAlive(stored.processId)
    );
  }

  /** The highest version given to a run or push of the dataset; 0: none yet. */
  lastSourceVersion({ organizationId, datasetId }: DatasetPlace): bigint {
    const at = metaKeys.sourceVersion(organizationId, datasetId);
    const stored = readMeta<{ sourceVersion: string }>(this.#environment.meta, at);
    return BigInt(stored?.sourceVersion ?? 0);
  }

  noteSourceVersion({ organizationId, datasetId }: DatasetPlace, sourceVersion: bigint): void {
    const at = metaKeys.sourceVersion(organizationId, datasetId);
    writeMeta(this.#environment.meta, at, { sourceVersion: `${sourceVersion}` });
  }

  #store(lease: RunLease, { sessionId, processId }: LeaseHolder, nowMs: number): void {
    const stored: StoredLease = {
      runId: lease.runId,
      sourceVersion: `${lease.sourceVersion}`,
      renewedAtMs: nowMs,
      sessionId,
      processId,
    };
    writeMeta(
      this.#environment.meta,
      metaKeys.lease(lease.organizationId, lease.datasetId),
      stored,
    );
  }
}

export function runInProgress(): UsherError {
  return new UsherError(
    'run_in_progress',
    'Another run of this dataset is in progress. Wait until it ends, or stop it.',
  );
}

function leaseLost(): UsherError {
  return new UsherError(
    'run_in_progress',
    'This run showed no sign of life for too long and lost its dataset to another run. Start a new run.',
  );
}
