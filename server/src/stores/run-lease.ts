/**
 * Runs of datasets as the store knows them: their leases, what they leave, and what is taken back.
 */
/**
 * The right to write one dataset of one organization. Given and taken inside write transactions.
 */
export interface RunLease {
  readonly runId: string;
  readonly organizationId: number;
  readonly datasetId: number;
  /**
   * Orders this run's changes against all other writes to the dataset; later runs get higher ones.
   */
  readonly sourceVersion: bigint;
  readonly canRollBack: boolean;
}

export interface RunRequest {
  readonly runId: string;
  readonly organizationId: number;
  readonly datasetId: number;
  /**
   * Whether the run can be taken back later; `true` unless said. Once a run that cannot has
   * written, no run of the dataset before it can either. A run that takes back writes nothing else
   * and needs none.
   */
  readonly canRollBack?: boolean;
}

/** A run that can be taken back. */
export interface RollbackRun {
  readonly runId: string;
  readonly sourceVersion: bigint;
  /** When its first batch was applied, in milliseconds since the epoch. */
  readonly atMs: number;
  /** That it changed. */
  readonly contacts: number;
}

export interface RolledBackBatch {
  /** Contacts that are as before the run, as far as its dataset goes. */
  readonly restored: number;
  /** Contacts that came with the run and had nothing else. */
  readonly removed: number;
  readonly isDone: boolean;
}

/**
 * Which runs may be taken back later: the newest `runs`, of these the ones not before `sinceMs`.
 */
export interface RollbackRetention {
  readonly runs: number;
  readonly sinceMs: number;
}

/** Who holds a dataset, and when it last said so. */
export interface RunHolder {
  readonly runId: string;
  readonly processId: number;
  /** Milliseconds since the epoch; renewed every few seconds while the run lives. */
  readonly renewedAtMs: number;
}

/** What a finished run leaves behind. */
export interface AppliedRun {
  readonly baselineId: string;
  readonly runId: string;
  /** Milliseconds since the epoch; 0 where the run was finished by a release that did not say. */
  readonly asOfMs: number;
  /** How far an incremental dataset was read; opaque. */
  readonly watermark: string | null;
}

export interface FinishedRun {
  /** Names the baseline that the dataset's sections now reflect. */
  readonly baselineId: string;
  /** The moment whose state of the source the sections now show. */
  readonly asOfMs: number;
  /** Absent: stays as it is; `null`: none is known any more. */
  readonly watermark?: string | null;
}
