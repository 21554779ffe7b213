/** Whose a change is, and what became of it. */
import type { RefusedChange } from '../../store.ts';
import type { RollbackLog } from '../rollback/rollback-log.ts';

export interface ChangeOrigin {
  readonly organizationId: number;
  readonly datasetId: number;
  readonly sourceVersion: bigint;
  /** Of the section; 0: the dataset's last run says it. */
  readonly asOfMs: number;
  /** `undefined`: nothing is noted to take it back. */
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
  /** Of the record written, if one was. */
  readonly revision?: bigint;
}
