/** What the store knows of the runs of a dataset: leases, results and rollback data. */
import type { IdentityRules } from '../domain/contact/identity-rules.ts';

export interface DatasetPlace {
  readonly organizationId: number;
  readonly datasetId: number;
}

/** A run of a dataset, by its source version. */
export interface RollbackPlace extends DatasetPlace {
  readonly sourceVersion: bigint;
}

/** The right to write one dataset of one organization. */
export interface RunLease extends DatasetPlace {
  readonly runId: string;
  /** Orders the run's changes among all writes to the dataset; later runs get higher versions. */
  readonly sourceVersion: bigint;
  readonly canRollBack: boolean;
  /**
   * What the run's rows claim, they claim since this version: the source version of the first
   * attempt since the dataset's last finished run.
   */
  readonly version: bigint;
  readonly isSnapshot: boolean;
}

export interface RunRequest extends DatasetPlace {
  readonly runId: string;
  /**
   * Whether the run can be rolled back; `true` by default. `false`, as for rollbacks, also makes
   * earlier runs permanent once the run has written.
   */
  readonly canRollBack?: boolean;
  /** Whether the run reads the whole source; `false` by default. */
  readonly isSnapshot?: boolean;
  /** How the organization's identities join. Missing: as last given. */
  readonly rules?: IdentityRules;
}

/** A run that can be rolled back. */
export interface RollbackRun {
  readonly runId: string;
  readonly sourceVersion: bigint;
  /** Shared by the attempts of one run; `null`: an older release stored it. */
  readonly version: string | null;
  /** When its first batch was applied, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Rows that it changed. */
  readonly contacts: number;
  /**
   * Whether the run, with all of its attempts, changed nothing but the ages of rows. It takes no
   * place among the runs that are kept, and is rolled back with the run before it.
   */
  readonly changedNothing: boolean;
}

export interface RolledBackBatch {
  /** Rows that are again as before the run. */
  readonly restored: number;
  /** Rows that the run created, and of whose contact nothing is left. */
  readonly removed: number;
  readonly isDone: boolean;
}

/** Which runs can be rolled back later: the newest `runs` that changed anything since `sinceMs`. */
export interface RollbackRetention {
  readonly runs: number;
  readonly sinceMs: number;
}

/** Who holds a dataset, and its last sign of life. */
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
  /** Milliseconds since the epoch; 0 if an old release finished the run. */
  readonly asOfMs: number;
  /** How far an incremental dataset was read. */
  readonly watermark: string | null;
}

export interface FinishedRun {
  /** The baseline that the dataset's sections now match. */
  readonly baselineId: string;
  /** The moment of the source that the sections now show. */
  readonly asOfMs: number;
  /** Absent: unchanged; `null`: unknown from now on. */
  readonly watermark?: string | null;
}
