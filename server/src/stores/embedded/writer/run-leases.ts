/** Leases of datasets and results of runs, in `meta`: they survive the process that wrote them. */
import { UsherError } from '../../../domain/errors.ts';
import { runLeaseMs } from '../../limits.ts';
import type { DatasetPlace, FinishedRun, RunLease, RunRequest } from '../../run-lease.ts';
import type { Environment } from '../environment.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import {
  isUnwritten,
  lastSourceVersion,
  metaKeys,
  metaKinds,
  packAppliedRun,
  readFinishedRun,
  readMeta,
  readMetaUnder,
  writeMeta,
} from '../meta.ts';
import { forgetSilentRun } from '../rollback/silent-runs.ts';
import type { WriteSession } from './write-session.ts';

/** The holder of a lease: one opened writer, in this or another process. */
export interface LeaseHolder {
  readonly sessionId: string;
  readonly processId: number;
}

/** What the writing process knows about holders, besides the time of their last sign of life. */
export interface HolderWatch {
  isConnected(sessionId: string): boolean;
  isProcessAlive(processId: number): boolean;
}

export interface StoredLease extends LeaseHolder {
  readonly runId: string;
  readonly sourceVersion: string;
  readonly renewedAtMs: number;
}

export class RunLeases {
  readonly #meta: KeyedDatabase;
  readonly #watch: HolderWatch;

  constructor({ meta }: Environment, watch: HolderWatch) {
    this.#meta = meta;
    this.#watch = watch;
  }

  /**
   * Takes the dataset's lease. `undefined`: another run has it. Throw only after the transaction:
   * throwing inside it would undo the write below.
   */
  begin(session: WriteSession, request: RunRequest, holder: LeaseHolder): RunLease | undefined {
    const nowMs = session.nowMs();
    const stored = this.#read(request);
    const isOwn = stored?.runId === request.runId;
    if (stored !== undefined && !isOwn && this.#isLive(stored, nowMs)) {
      // The clock went back, so the other run's silence is measured from now on.
      const renewed = { ...stored, renewedAtMs: nowMs };
      if (stored.renewedAtMs > nowMs) writeMeta(this.#meta, metaKeys.lease(request), renewed);
      return undefined;
    }
    const sourceVersion = isOwn
      ? BigInt(stored.sourceVersion)
      : this.nextSourceVersion(session, request);
    if (!isOwn) {
      const wasUnwritten = isUnwritten(this.#meta, request);
      this.noteSourceVersion(request, sourceVersion);
      const unwritten = { sourceVersion: `${sourceVersion}` };
      if (wasUnwritten) writeMeta(this.#meta, metaKeys.unwritten(request), unwritten);
    }
    const { organizationId, datasetId, runId, canRollBack = true, isSnapshot = false } = request;
    const version = session.openRuns.versionOf(request) ?? sourceVersion;
    session.giveRules(organizationId, request.rules);
    const lease = {
      organizationId,
      datasetId,
      runId,
      sourceVersion,
      canRollBack,
      version,
      isSnapshot,
    };
    this.renew(lease, holder, nowMs);
    return lease;
  }

  /** Throws `run_in_progress` when the lease was lost. */
  require(lease: RunLease): void {
    if (!this.isHeld(lease)) throw leaseLost();
  }

  isHeld(lease: RunLease): boolean {
    const stored = this.#read(lease);
    return stored?.runId === lease.runId && stored.sourceVersion === `${lease.sourceVersion}`;
  }

  /**
   * The source version of the run that holds the dataset's lease, even if the lease has expired.
   */
  heldVersion(place: DatasetPlace): bigint | undefined {
    const stored = this.#read(place);
    return stored === undefined ? undefined : BigInt(stored.sourceVersion);
  }

  /**
   * Call it in the transaction of each write: the sections match no baseline any more, and the
   * dataset may have rows.
   */
  forgetApplied(place: DatasetPlace): void {
    for (const at of [metaKeys.appliedRun(place), metaKeys.unwritten(place)]) {
      if (readMeta(this.#meta, at) !== undefined) this.#meta.remove(at);
    }
  }

  renew(lease: RunLease, { sessionId, processId }: LeaseHolder, nowMs: number): void {
    const { runId, sourceVersion } = lease;
    const times = { sourceVersion: `${sourceVersion}`, renewedAtMs: nowMs };
    const stored: StoredLease = { runId, ...times, sessionId, processId };
    writeMeta(this.#meta, metaKeys.lease(lease), stored);
  }

  /**
   * Lets other runs take this holder's datasets at once. Until one does, the holder's runs may
   * continue.
   */
  release({ sessionId }: LeaseHolder): void {
    const all = readMetaUnder<StoredLease>(this.#meta, Uint8Array.of(metaKinds.lease));
    for (const { key, value } of all) {
      if (value.sessionId === sessionId) writeMeta(this.#meta, key, { ...value, renewedAtMs: 0 });
    }
  }

  /** Whether the run has ended already: the caller repeats `finishRun` when its answer was lost. */
  hasFinished(lease: RunLease): boolean {
    return readFinishedRun(this.#meta, lease)?.runId === lease.runId;
  }

  finish(session: WriteSession, lease: RunLease, finished: FinishedRun): void {
    const { runId } = lease;
    const { baselineId, asOfMs } = finished;
    forgetSilentRun(session.environment, lease);
    const last = readFinishedRun(this.#meta, lease);
    const watermark =
      finished.watermark === undefined ? (last?.watermark ?? null) : finished.watermark;
    this.#meta.remove(metaKeys.lease(lease));
    this.#meta.remove(metaKeys.runPeople(lease));
    session.endRun(lease);
    writeMeta(this.#meta, metaKeys.finishedRun(lease), { runId, asOfMs, watermark });
    // No baseline contains what was pushed meanwhile.
    if (lastSourceVersion(this.#meta, lease) !== lease.sourceVersion) return;
    const applied = packAppliedRun({ baselineId, runId, asOfMs, watermark });
    writeMeta(this.#meta, metaKeys.appliedRun(lease), applied);
  }

  abandon(lease: RunLease): void {
    if (this.#read(lease)?.runId === lease.runId) this.#meta.remove(metaKeys.lease(lease));
  }

  #read(place: DatasetPlace): StoredLease | undefined {
    return readMeta<StoredLease>(this.#meta, metaKeys.lease(place));
  }

  #isLive(stored: StoredLease, nowMs: number): boolean {
    if (nowMs - stored.renewedAtMs > runLeaseMs) return false;
    // Alive but not connected: a client of the last writing process may be about to connect.
    return (
      this.#watch.isConnected(stored.sessionId) || this.#watch.isProcessAlive(stored.processId)
    );
  }

  /**
   * Higher than all versions of the dataset, and than those of earlier writes to other datasets.
   */
  nextSourceVersion(session: WriteSession, place: DatasetPlace): bigint {
    const now = session.nextVersion();
    const next = lastSourceVersion(this.#meta, place) + 1n;
    return now > next ? now : next;
  }

  noteSourceVersion(place: DatasetPlace, sourceVersion: bigint): void {
    writeMeta(this.#meta, metaKeys.sourceVersion(place), { sourceVersion: `${sourceVersion}` });
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
