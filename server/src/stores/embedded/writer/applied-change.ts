/** The origin of a change, and its outcome. */
import type { RefusedChange } from '../../store.ts';
import type { RollbackLog } from '../rollback/rollback-log.ts';

export interface ChangeOrigin {
  readonly organizationId: number;
  readonly datasetId: number;
  readonly sourceVersion: bigint;
  /** The section's as-of; 0: the dataset's last run says it. */
  readonly asOfMs: number;
  /** `undefined`: the change cannot be rolled back. */
  readonly rollbackLog: RollbackLog | undefined;
}

export type ChangeOutcome =
  | 'added'
  | 'changed'
  | 'unchanged'
  | 'stale'
  | 'cleared'
  | 'unmatched'
  | RefusedChange;

export interface AppliedChange {
  readonly outcome: ChangeOutcome;
  /** The revision of the record, if one was written. */
  readonly revision?: bigint;
}
