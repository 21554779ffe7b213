/**
 * Applies the changes of a batch in steps: a transaction that joined many contacts ends, so that
 * others need not wait long.
 */
import { type ChangesToApply, changesOf } from '../../change-batch.ts';
import { samePeople } from '../../contact-change.ts';
import type { BatchReport, ContactChange, PeopleReport } from '../../store.ts';
import { BatchEffects } from '../contacts/batch-effects.ts';
import { type LostMark, putMarkBack } from '../rollback/put-marks-back.ts';
import type { NoteMark } from '../rollback/rollback-log.ts';
import { type AppliedChange, BatchTally, type ChangeOrigin } from './applied-change.ts';
import { applyChange } from './apply-change.ts';
import { noteRunEffects, reportPush } from './report-effects.ts';
import { NamedDigests, suppressedAmong } from './suppressed-claims.ts';
import type { WriteStep } from './write-queue.ts';
import type { WriteSession } from './write-session.ts';

/** The origin of a change of the batch. */
type BatchOrigin = Omit<ChangeOrigin, 'effects' | 'noteMark' | 'suppressed'>;

interface AppliedBatch {
  readonly report: BatchReport;
  /** Of a push. */
  readonly people: PeopleReport;
}

export class SteppedChanges {
  readonly #session: WriteSession;
  readonly #changes: ChangesToApply;
  /** What is on the disk. */
  readonly #applied: AppliedChange[] = [];
  #effects: BatchEffects | undefined;
  /** The session's, when what was noted last named no erased person. */
  #erasures: number;

  constructor(session: WriteSession, changes: ChangesToApply) {
    this.#session = session;
    this.#changes = changes;
    this.#erasures = session.erasures;
  }

  /**
   * Applies the next changes. A row that was applied twice, since a commit failed, changes nothing.
   */
  step(originOf: () => BatchOrigin): WriteStep<AppliedBatch> {
    const applied: AppliedChange[] = [];
    const from = this.#applied.length;
    // A step that fails is tried again, so what it notes counts once it is on the disk. What a run
    // does is noted there in each step, so that the next one begins anew.
    let effects = this.#effects?.copy();
    let given: BatchOrigin | undefined;
    let origin: ChangeOrigin | undefined;
    let suppressed: ReadonlySet<string> | undefined;
    const { erasures } = this.#session;
    const lostMarks: LostMark[] = [];
    while (from + applied.length < this.#changes.length) {
      const index = from + applied.length;
      const next = originOf();
      effects ??= new BatchEffects(this.#newSince(next));
      if (origin === undefined) {
        // An erasure may come between two steps.
        suppressed = this.#suppressedFrom(from, next);
        if (this.#erasures < this.#session.erasures) this.#forgetErased(effects, next);
      }
      effects.begin(index);
      // The changes of a run have one origin.
      if (origin === undefined || next !== given) {
        origin = { ...next, effects, suppressed, noteMark: noteMarksOf(next, lostMarks) };
      }
      given = next;
      applied.push(applyChange(this.#session, origin, this.#changes.at(index) as ContactChange));
      if (this.#session.isLong) break;
    }
    if (given !== undefined) for (const mark of lostMarks) putMarkBack(this.#session, given, mark);
    const isDone = from + applied.length === this.#changes.length;
    const people = this.#reportPeople(origin, effects, isDone);
    return {
      result: isDone ? { report: this.#report(applied), people } : undefined,
      onCommit: () => {
        this.#applied.push(...applied);
        this.#effects = given?.isPush === false ? undefined : effects;
        this.#erasures = erasures;
      },
    };
  }

  #suppressedFrom(from: number, { organizationId }: BatchOrigin): ReadonlySet<string> | undefined {
    if (this.#session.lists.require().isEmpty) return undefined;
    const digests = new NamedDigests();
    for (let at = from; at < this.#changes.length; at += 1) {
      for (const { typeId, digest } of (this.#changes.at(at) as ContactChange).identities) {
        digests.add(typeId, digest, 0, digest.length);
      }
    }
    return digests.suppressed(this.#session, organizationId);
  }

  #forgetErased(effects: BatchEffects, { organizationId }: BatchOrigin): void {
    effects.forget((it) => suppressedAmong(this.#session, organizationId, [it]) !== undefined);
  }

  /** The revision since which contacts are new: those of a run since it began. */
  #newSince({ isPush, version }: BatchOrigin): bigint {
    return isPush ? this.#session.lastRevision + 1n : version;
  }

  /** What a run does is noted in each step, and reported at its end. */
  #reportPeople(
    origin: BatchOrigin | undefined,
    effects: BatchEffects | undefined,
    isDone: boolean,
  ): PeopleReport {
    if (origin === undefined || effects === undefined) return samePeople;
    if (!origin.isPush) noteRunEffects(this.#session, origin, effects);
    if (!origin.isPush || !isDone) return samePeople;
    const keys = changesOf(this.#changes).map(({ identities }) => identities[0]);
    return reportPush(this.#session, origin, effects, keys);
  }

  #report(last: readonly AppliedChange[]): BatchReport {
    const tally = new BatchTally();
    for (const change of [...this.#applied, ...last]) tally.add(change);
    return tally.report();
  }
}

/**
 * What a push takes away and gives back in one step keeps its marks. A run has them in its rollback
 * data, and keeps them at its end.
 */
function noteMarksOf({ rollbackLog }: BatchOrigin, lost: LostMark[]): NoteMark | undefined {
  if (rollbackLog !== undefined) return undefined;
  return ({ storedKey: identity, datasetId, version }, { asOfMs, sourceVersion }) => {
    lost.push({ identity, datasetId, version, asOfMs, sourceVersion });
  };
}
