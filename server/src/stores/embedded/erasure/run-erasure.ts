/**
 * Performs an erasure in steps, each at the end of a transaction. What a step erases is on the
 * suppression list before its transaction is committed, so that a kill between the two brings
 * nobody back: the next step erases the contact again.
 */
import { UsherError } from '../../../domain/errors.ts';
import { erasureKnownMs, erasureStepEntries, scanEntriesPerTransaction } from '../../limits.ts';
import type { ErasedCounts, ErasureStep } from '../../privacy-answer.ts';
import type { IdentityKey } from '../../store.ts';
import type { Suppressed } from '../../suppression/suppression-lists.ts';
import { identityBytes, identityOf } from '../contacts/identity-links.ts';
import { eraseAmendmentsNaming } from '../writer/amend-contact.ts';
import { findContactId, withoutContactIds } from '../writer/contact-id-identities.ts';
import { identityScope, isLifted, suppressedAmong } from '../writer/suppressed-claims.ts';
import type { WriteStep } from '../writer/write-queue.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { type ErasedContact, eraseContact, eraseIdentity, letGo } from './erase-contact.ts';
import { ErasureLog, type ErasurePhase, type StoredErasure, unpackErasure } from './erasure-log.ts';
import { findTraces, Sought } from './find-traces.ts';
import { purgeEffects } from './purge-effects.ts';
import { purgeLog } from './purge-log.ts';
import { purgeRollback } from './purge-rollback.ts';
import type { Purged } from './purged.ts';

const noneErased: ErasedCounts = {
  ...{ contacts: 0, identities: 0, rows: 0, keptRows: 0, memberships: 0, amendments: 0 },
  ...{ rollbackEntries: 0, logEntries: 0, withoutContact: 0, suppressedAgain: 0 },
  ...{ alreadySuppressed: 0, notFound: 0 },
};

const nextPhase: Readonly<Record<ErasurePhase, ErasurePhase>> = {
  contacts: 'traces',
  traces: 'traced',
  traced: 'lost',
  // Or again `traces`, if it erased something that was not looked for.
  lost: 'claims',
  claims: 'amendments',
  amendments: 'effects',
  // Before rollback data: the end of a run may note there what its effects name.
  effects: 'rollback',
  rollback: 'log',
  log: 'done',
  done: 'done',
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
  identities: readonly IdentityKey[] | undefined,
): void {
  const log = new ErasureLog(session.environment.erase, organizationId, requestId);
  if (log.readText() !== undefined) return;
  if (identities === undefined) throw unknownErasure();
  const atMs = session.nowMs();
  log.forgetBefore(atMs - erasureKnownMs, erasureStepEntries);
  for (const identity of identities) log.add('pending', identity);
  const keyId = session.lists.require().note().own ?? '';
  log.save({ atMs, keyId, phase: 'contacts', after: null, counts: noneErased });
  session.lists.note();
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

  constructor(session: WriteSession, { organizationId, requestId }: ErasurePlace) {
    this.#session = session;
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
    const place = { organizationId: this.#organizationId, keyId: before.keyId };
    const stepper = (isOwn && this.#stepper) || new ErasureStepper(this.#session, place, this.#log);
    let erasure = before;
    while (erasure.phase !== 'done') {
      erasure = stepper.perform(erasure);
      if (this.#session.hasTakenLong) break;
    }
    stepper.suppress();
    const isDone = erasure.phase === 'done';
    const isOver = isDone || isLast();
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

  #answer({ phase, counts, keyId }: StoredErasure): ErasureStep {
    if (phase !== 'done') return { isDone: false, counts, subjects: [], keyId };
    const subjects = this.#log.subjects();
    return { isDone: true, counts: { ...counts, identities: subjects.length }, subjects, keyId };
  }
}

/** An earlier release counted less. */
function withAllCounts(erasure: StoredErasure): StoredErasure {
  return { ...erasure, counts: { ...noneErased, ...erasure.counts } };
}

type Counts = { -readonly [Name in keyof ErasedCounts]: number };

class ErasureStepper {
  readonly #session: WriteSession;
  readonly #organizationId: number;
  /**
   * The list of the request: all its subjects are under one key, also if it is completed in a
   * restored folder, where other erasures go to another list.
   */
  readonly #keyId: string;
  readonly #log: ErasureLog;
  #suppressed: Suppressed[] = [];
  /** While it is looked for. */
  #sought: Sought | undefined;

  constructor(
    session: WriteSession,
    { organizationId, keyId }: { readonly organizationId: number; readonly keyId: string },
    log: ErasureLog,
  ) {
    this.#session = session;
    this.#organizationId = organizationId;
    this.#keyId = keyId;
    this.#log = log;
  }

  /** Puts on the list what the step erased. On the disk when it returns. */
  suppress(): void {
    if (this.#suppressed.length === 0) return;
    const lists = this.#session.lists.require();
    lists.add(this.#suppressed, this.#session.nowMs(), this.#keyId);
    this.#session.lists.note();
    this.#suppressed = [];
  }

  perform(erasure: StoredErasure): StoredErasure {
    switch (erasure.phase) {
      case 'contacts':
        return this.#eraseContacts(erasure);
      case 'traces':
        return this.#findTraces(erasure);
      case 'traced':
        return this.#forgetTraced(erasure);
      case 'lost':
        return this.#eraseLost(erasure);
      case 'claims':
        return this.#letClaimsGo(erasure);
      case 'amendments':
        return this.#pass(erasure, 'amendments', this.#eraseAmendments(erasure.after));
      case 'rollback':
        return this.#pass(erasure, 'rollbackEntries', this.#purge(purgeRollback, erasure.after));
      case 'log':
        return this.#pass(erasure, 'logEntries', this.#purge(purgeLog, erasure.after));
      case 'effects':
        return this.#purgeEffects(erasure);
      case 'done':
        return erasure;
    }
  }

  #eraseContacts(erasure: StoredErasure): StoredErasure {
    const counts = { ...erasure.counts };
    const pending = this.#log.next('pending', erasureStepEntries);
    let done = 0;
    for (const identity of pending) {
      this.#eraseOne(identity, counts);
      this.#log.remove('pending', identity);
      done += 1;
      if (this.#session.hasTakenLong) break;
    }
    const isOver = done === pending.length && pending.length < erasureStepEntries;
    return { ...erasure, counts, ...(isOver && begin(erasure.phase)) };
  }

  #eraseOne(named: IdentityKey, counts: Counts): void {
    const session = this.#session;
    const organizationId = this.#organizationId;
    const [identity] =
      withoutContactIds(session, { organizationId }, [{ ...named, value: '' }]) ?? [];
    const erased = identity && eraseContact(session, organizationId, identity);
    if (erased !== undefined) this.#noteErased(erased, counts);
    else if (identity === undefined || !this.#isSubject(identity)) {
      this.#log.add('lost', identity ?? named);
    }
  }

  /** Looks for what else belonged to the people, and where the store names lost identities. */
  #findTraces(erasure: StoredErasure): StoredErasure {
    this.#sought ??= new Sought({
      lost: this.#log.all('lost'),
      erased: this.#log.all('erased'),
      joined: this.#log.all('joined'),
    });
    const sought = this.#sought;
    if (sought.all.size === 0) return { ...erasure, ...begin(erasure.phase) };
    const found = findTraces(this.#session, this.#organizationId, sought, {
      ...{ after: erasure.after, limit: scanEntriesPerTransaction },
    });
    for (const it of found.named) this.#log.addSubject(this.#keyed(it));
    for (const it of found.related) this.#log.add('related', it);
    for (const it of found.parted) this.#log.remove('related', it);
    for (const it of [...found.parted, ...found.joinedOthers]) this.#log.remove('joined', it);
    for (const it of found.joined) this.#log.add('joined', it);
    for (const { contactId, founder } of found.founders) {
      this.#log.remove('lost', contactId);
      this.#log.add('lost', founder);
      this.#sought = undefined;
    }
    if (found.next !== null) return { ...erasure, after: found.next };
    this.#sought = undefined;
    return { ...erasure, ...begin(erasure.phase) };
  }

  /** What is erased from here on is looked for in another pass. */
  #forgetTraced(erasure: StoredErasure): StoredErasure {
    const traced = this.#log.next('erased', erasureStepEntries);
    for (const it of traced) this.#log.remove('erased', it);
    return traced.length < erasureStepEntries ? { ...erasure, ...begin(erasure.phase) } : erasure;
  }

  /** Erases what was found. */
  #eraseLost(erasure: StoredErasure): StoredErasure {
    const counts = { ...erasure.counts };
    let done = 0;
    for (const kind of ['related', 'joined', 'lost'] as const) {
      for (const identity of this.#log.next(kind, erasureStepEntries)) {
        this.#eraseFound(kind, identity, counts);
        this.#log.remove(kind, identity);
        done += 1;
        if (this.#session.hasTakenLong) return { ...erasure, counts };
      }
    }
    if (done > 0) return { ...erasure, counts };
    const isMore = this.#log.next('erased', 1).length > 0;
    return { ...erasure, ...(isMore ? { phase: 'traces', after: null } : begin(erasure.phase)) };
  }

  #eraseFound(kind: 'related' | 'joined' | 'lost', identity: IdentityKey, counts: Counts): void {
    const isSubject = this.#isSubject(identity);
    // Somebody else may have it since it was found.
    if (kind !== 'lost' && (isSubject || this.#hasContact(identity))) return;
    const isNamed = kind !== 'lost' || isSubject;
    const erased = eraseIdentity(this.#session, this.#organizationId, identity, isNamed);
    if (erased === undefined) {
      counts[this.#isSuppressed(identity) ? 'alreadySuppressed' : 'notFound'] += 1;
      return;
    }
    this.#noteErased(erased, counts);
    if (kind === 'lost' && leavesRows(erased)) counts.withoutContact += 1;
  }

  #isSuppressed(identity: IdentityKey): boolean {
    return suppressedAmong(this.#session, this.#organizationId, [identity]) !== undefined;
  }

  #hasContact(identity: IdentityKey): boolean {
    return findContactId(this.#session, this.#organizationId, identity) !== undefined;
  }

  #noteErased(erased: ErasedContact, counts: Counts): void {
    const lifted = erased.identities.filter((it) =>
      isLifted(this.#session, this.#organizationId, it),
    );
    counts.suppressedAgain += lifted.length;
    counts.contacts += erased.isContact ? 1 : 0;
    counts.rows += erased.rows;
    counts.keptRows += erased.keptRows;
    counts.memberships += erased.hadMemberships ? 1 : 0;
    counts.amendments += erased.amendments;
    this.#suppressed.push(...erased.suppressed);
    for (const it of erased.stillClaimed) this.#log.add('claimed', it);
    this.#log.addContacts(erased.contactIds);
    for (const it of erased.identities) {
      const subject = this.#keyed(it);
      if (!this.#log.hasSubject(subject)) this.#log.add('erased', it);
      this.#log.addSubject(subject);
    }
    counts.identities += erased.identities.length;
  }

  /** Whether the request erased it already, with another identity of the contact. */
  #isSubject(identity: IdentityKey): boolean {
    return this.#log.hasSubject(this.#keyed(identity));
  }

  #keyed({ typeId, digest }: IdentityKey): Uint8Array {
    const { digests } = this.#session.lists.require().listFor(this.#keyId);
    return digests.of(identityScope(this.#session, this.#organizationId, typeId), digest);
  }

  #letClaimsGo(erasure: StoredErasure): StoredErasure {
    const [identity] = this.#log.next('claimed', 1);
    if (identity === undefined) return { ...erasure, ...begin(erasure.phase) };
    const { isDone, kept } = letGo(
      this.#session,
      this.#organizationId,
      identity,
      erasureStepEntries,
    );
    if (isDone || kept.length === 0) this.#log.remove('claimed', identity);
    this.#suppressed.push(...kept);
    const { counts } = erasure;
    return { ...erasure, counts: { ...counts, keptRows: counts.keptRows + kept.length } };
  }

  #eraseAmendments(after: string | null): Purged {
    this.suppress();
    const isErased = (identity: IdentityKey) => this.#isSuppressed(identity);
    const from = after === null ? null : identityOf(Buffer.from(after, 'hex'));
    const limit = scanEntriesPerTransaction;
    const done = eraseAmendmentsNaming(this.#session, this.#organizationId, isErased, {
      after: from,
      limit,
    });
    const next = done.after === null ? null : identityBytes(done.after).toString('hex');
    return { removed: done.erased, next };
  }

  #purgeEffects(erasure: StoredErasure): StoredErasure {
    const erased = { contacts: this.#log.contacts(), keyId: this.#keyId };
    const purged = this.#purge(
      (session, organizationId, place) =>
        purgeEffects(session, organizationId, { ...place, ...erased }),
      erasure.after,
    );
    if (purged.next === null) this.#log.forgetContacts();
    return goOn(erasure, purged);
  }

  /** Removes what names a suppressed identity. */
  #purge(purge: typeof purgeLog, after: string | null): Purged {
    this.suppress();
    const limit = scanEntriesPerTransaction;
    return purge(this.#session, this.#organizationId, { after, limit });
  }

  #pass(
    erasure: StoredErasure,
    name: 'amendments' | 'rollbackEntries' | 'logEntries',
    purged: Purged,
  ): StoredErasure {
    const counts = { ...erasure.counts, [name]: erasure.counts[name] + purged.removed };
    return goOn({ ...erasure, counts }, purged);
  }
}

/** Whether nobody was erased, and rows of others let the identity go. */
function leavesRows({ isContact, keptRows, stillClaimed }: ErasedContact): boolean {
  return !isContact && (keptRows > 0 || stillClaimed.length > 0);
}

function goOn(erasure: StoredErasure, { next }: Purged): StoredErasure {
  if (next !== null) return { ...erasure, after: next };
  return { ...erasure, ...begin(erasure.phase) };
}

function begin(phase: ErasurePhase): Pick<StoredErasure, 'phase' | 'after'> {
  return { phase: nextPhase[phase], after: null };
}

function unknownErasure(): UsherError {
  return new UsherError(
    'request_malformed',
    'The store does not know this erasure. Send it again, with its identities.',
  );
}
