/** What a rollback writes: the place of the run, and the version of the rollback itself. */
import type { RollbackPlace } from '../../run-lease.ts';

export interface RollbackWrite extends RollbackPlace {
  readonly version: bigint;
}
