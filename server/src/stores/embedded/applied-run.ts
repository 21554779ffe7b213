/** An applied run as stored; `snapshotId` names its baseline. The first release stored two ids. */
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
