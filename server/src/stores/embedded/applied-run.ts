/**
 * The stored form of an applied run. `snapshotId` is the file format's name for the baseline's id.
 * The first release wrote that and `runId` alone.
 */
import type { AppliedRun } from '../run-lease.ts';

export interface StoredAppliedRun {
  readonly snapshotId: string;
  readonly runId: string;
  readonly asOfMs?: number;
  readonly watermark?: string | null;
}

export function packAppliedRun({ baselineId, ...rest }: AppliedRun): StoredAppliedRun {
  return { snapshotId: baselineId, ...rest };
}

export function unpackAppliedRun(stored: StoredAppliedRun): AppliedRun {
  const { snapshotId, runId, asOfMs = 0, watermark = null } = stored;
  return { baselineId: snapshotId, runId, asOfMs, watermark };
}
