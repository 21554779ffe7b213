/**
 * Performs an erasure in steps, each at the end of a transaction. What a step erases is on the
 * suppression list before its transaction is committed, so that a kill between the two brings
 * nobody back: the next step erases the contact again.
 */
import { UsherError } from '../../../domain/errors.ts';
import { maxErasedIdentities } from '../../../domain/limits.ts';
import { erasureKnownMs, erasureStepEntries } from '../../limits.ts';
import type { ErasedCounts, ErasureStep } from '../../privacy-answer.ts';
import type { IdentityKey } from '../../store.ts';
import type { WriteStep } from '../writer/write-queue.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { ErasureLog, type StoredErasure, unpackErasure } from './erasure-log.ts';
import { ErasureStepper } from './erasure-stepper.ts';

const noneErased: ErasedCounts = {
  ...{ contacts: 0, identities: 0, rows: 0, keptRows: 0, memberships: 0, amendments: 0 },
  ...{ rollbackEntries: 0, logEntries: 0, withoutContact: 0, suppressedAgain: 0 },
  ...{ alreadySuppressed: 0, notFound: 0 },
};

export interface ErasurePlace {
  readonly organizationId: number;
  readonly requestId: string;
}

/**
 * Stores a request, unless the store knows it.
 * @throws UsherError `request_malformed` if it does not, and the request has no identities
 */
export function storeErasure(
  session: WriteSession,
  { organizationId, requestId }: ErasurePlace,
  {
    identities,
    tellsLooks = false,
  }: {
    readonly identities: readonly IdentityKey[] | undefined;
    readonly tellsLooks?: boolean;
  },
): void {
  const log = new ErasureLog(session.environment.erase, organizationId, requestId);
  if (log.readText() !== undefined) return;
  if (identities === undefined) throw unknownErasure();
  const atMs = session.nowMs();
  log.forgetBefore(atMs - erasureKnownMs, erasureStepEntries);
  for (const identity of identities) {
    log.add('pending', identity);
    if (tellsLooks) log.add('look', identity);
  }
  const keyId = session.lists.require().note().own ?? '';
  log.save({ atMs, keyId, phase: 'contacts', after: null, counts: noneErased, tellsLooks });
  session.lists.note();
}

/** @throws UsherError `batch_too_large` */
export function requireErasureSize(identities: readonly IdentityKey[] = []): void {
  if (identities.length <= maxErasedIdentities) return;
  throw new UsherError(
    'batch_too_large',
    `An erasure names at most ${maxErasedIdentities} identities; this one names ${identities.length}. Send several.`,
    { members: { max: maxErasedIdentities } },
  );
}

/**
 * One call of an erasure, in several transactions. Where a pass through a database is, it stores at
 * its end alone: a transaction that changes nothing costs nothing.
 */
export class ErasureCall {
  readonly #session: WriteSession;
  readonly #organizationId: number;
  readonly #log: ErasureLog;
  /** On the disk. */
  #stored: string | undefined;
  /** How far the call came. */
  #erasure: StoredErasure | undefined;
  #stepper: ErasureStepper | undefined;
  readonly #areLooksErased: boolean;

  /** @param areLooksErased whether the caller erased elsewhere what the store told it */
  constructor(
    session: WriteSession,
    { organizationId, requestId }: ErasurePlace,
    areLooksErased = false,
  ) {
    this.#session = session;
    this.#areLooksErased = areLooksErased;
    this.#organizationId = organizationId;
    this.#log = new ErasureLog(session.environment.erase, organizationId, requestId);
  }

  /** @param isLast whether no step follows it */
  step(isLast: () => boolean): WriteStep<ErasureStep> {
    const stored = this.#log.readText();
    if (stored === undefined) throw unknownErasure();
    // Another call of the same request may have come between.
    const isOwn = stored === this.#stored && this.#erasure !== undefined;
    const before = isOwn ? (this.#erasure as StoredErasure) : withAllCounts(unpackErasure(stored));
    const { keyId, tellsLooks = false } = before;
    const place = { organizationId: this.#organizationId, keyId, tellsLooks };
    const stepper = (isOwn && this.#stepper) || new ErasureStepper(this.#session, place, this.#log);
    let erasure = before;
    while (erasure.phase !== 'done' && !this.#waits(erasure)) {
      erasure = stepper.perform(erasure);
      if (this.#session.hasTakenLong) break;
    }
    stepper.suppress();
    const isDone = erasure.phase === 'done';
    const isOver = isDone || this.#waits(erasure) || isLast();
    const hasErased = JSON.stringify(erasure.counts) !== JSON.stringify(before.counts);
    const isNext = erasure.phase !== before.phase;
    const text = isOver || hasErased || isNext ? this.#log.save(erasure) : stored;
    return {
      result: isOver ? this.#answer(erasure) : undefined,
      onCommit: () => {
        this.#stored = text;
        this.#erasure = erasure;
        this.#stepper = stepper;
      },
    };
  }

  /** Whether only the caller can go on. */
  #waits({ phase, tellsLooks = false }: StoredErasure): boolean {
    if (phase !== 'looks' || !tellsLooks || this.#areLooksErased) return false;
    return this.#log.next('look', 1).length > 0;
  }

  #answer(erasure: StoredErasure): ErasureStep {
    const { phase, counts, keyId } = erasure;
    const looks = this.#waits(erasure) ? this.#log.looks() : [];
    if (phase !== 'done') return { isDone: false, counts, subjects: [], keyId, looks };
    const subjects = this.#log.subjects();
    return {
      isDone: true,
      counts: { ...counts, identities: subjects.length },
      subjects,
      keyId,
      looks,
    };
  }
}

/** An earlier release counted less. */
function withAllCounts(erasure: StoredErasure): StoredErasure {
  return { ...erasure, counts: { ...noneErased, ...erasure.counts } };
}

function unknownErasure(): UsherError {
  return new UsherError(
    'request_malformed',
    'The store does not know this erasure. Send it again, with its identities.',
  );
}
