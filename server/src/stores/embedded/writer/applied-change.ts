/** The origin of a change, its outcome, and the report of all outcomes of a batch. */
import { formatRevision } from '../../../domain/revision.ts';
import type { BatchReport, RefusedChange } from '../../store.ts';
import type { RollbackLog } from '../rollback/rollback-log.ts';
import type { ContactTarget } from './contact-entries.ts';

export interface ChangeOrigin extends Omit<ContactTarget, 'contactId'> {
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
    return { ...this.#counts, unmatched: this.#unmatched, rejected: this.#rejected, revision };
  }
}
