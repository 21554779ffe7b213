/**
 * Applies the changes of a batch in steps: a transaction that joined many contacts ends, so that
 * others need not wait long.
 */
import type { BatchReport, ContactChange } from '../../store.ts';
import { type AppliedChange, BatchTally, type ChangeOrigin } from './applied-change.ts';
import { applyChange } from './apply-change.ts';
import type { WriteStep } from './write-queue.ts';
import type { WriteSession } from './write-session.ts';

export class SteppedChanges {
  readonly #session: WriteSession;
  readonly #changes: readonly ContactChange[];
  /** What is on the disk. */
  readonly #applied: AppliedChange[] = [];

  constructor(session: WriteSession, changes: readonly ContactChange[]) {
    this.#session = session;
    this.#changes = changes;
  }

  /**
   * Applies the next changes. A row that was applied twice, since a commit failed, changes nothing.
   */
  step(originOf: () => ChangeOrigin): WriteStep<BatchReport> {
    const applied: AppliedChange[] = [];
    const from = this.#applied.length;
    while (from + applied.length < this.#changes.length) {
      const change = this.#changes[from + applied.length] as ContactChange;
      applied.push(applyChange(this.#session, originOf(), change));
      if (this.#session.isLong) break;
    }
    const isDone = from + applied.length === this.#changes.length;
    return {
      result: isDone ? this.#report(applied) : undefined,
      onCommit: () => void this.#applied.push(...applied),
    };
  }

  #report(last: readonly AppliedChange[]): BatchReport {
    const tally = new BatchTally();
    for (const change of [...this.#applied, ...last]) tally.add(change);
    return tally.report();
  }
}
