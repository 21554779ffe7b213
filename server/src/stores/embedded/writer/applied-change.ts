/** The origin of a change, its outcome, and the report of all outcomes of a batch. */
import { formatRevision } from '../../../domain/revision.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import type { BatchReport, RefusedChange } from '../../store.ts';
import type { BatchEffects } from '../contacts/batch-effects.ts';
import type { NoteMark, RollbackLog } from '../rollback/rollback-log.ts';

export interface ChangeOrigin extends RollbackPlace {
  /** Since when the change's claims hold: all attempts of a run share one version. */
  readonly version: bigint;
  /** Encoded as `section-age.ts` describes. */
  readonly asOfMs: number;
  /** Whether a run of a snapshot dataset says it. */
  readonly isOfSnapshot: boolean;
  /** Whether it is pushed. */
  readonly isPush: boolean;
  /** The types of the dataset's identifiers, the strongest key first. Only pushes need it. */
  readonly keyOrder: readonly number[];
  /** `undefined` if the change cannot be rolled back. */
  readonly rollbackLog: RollbackLog | undefined;
  /** Called for each mark of a list that goes with its contact. */
  readonly noteMark?: NoteMark | undefined;
  readonly effects: BatchEffects;
  /** Suppressed identities that the batch names (`suppressed-claims.ts`); `undefined`: none. */
  readonly suppressed: ReadonlySet<string> | undefined;
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
  readonly revision?: bigint | undefined;
}

type Counts = ReturnType<typeof noCounts>;

const noCounts = () => ({ added: 0, changed: 0, unchanged: 0, stale: 0, cleared: 0 });

export class BatchTally {
  readonly #counts: Counts = noCounts();
  readonly #unmatched: number[] = [];
  readonly #rejected: { index: number; code: RefusedChange }[] = [];
  #revision: bigint | undefined;
  #next = 0;

  /** Adds the outcome of the batch's next change. */
  add({ outcome, revision }: AppliedChange): void {
    const index = this.#next;
    this.#next += 1;
    if (outcome in this.#counts) this.#counts[outcome as keyof Counts] += 1;
    else if (outcome === 'unmatched') this.#unmatched.push(index);
    else this.#rejected.push({ index, code: outcome as RefusedChange });
    if (revision !== undefined) this.#revision = revision;
  }

  report(): BatchReport {
    const revision = this.#revision === undefined ? '' : formatRevision(this.#revision);
    const [unmatched, rejected] = [this.#unmatched, this.#rejected];
    return { ...this.#counts, unmatched, rejected, revision };
  }
}
