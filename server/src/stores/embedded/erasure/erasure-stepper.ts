/** Performs an erasure phase by phase, each step at the end of a transaction (`run-erasure.ts`). */
import { erasureStepEntries, scanEntriesPerTransaction } from '../../limits.ts';
import type { ErasedCounts } from '../../privacy-answer.ts';
import type { IdentityKey } from '../../store.ts';
import type { Suppressed } from '../../suppression/suppression-lists.ts';
import { identityBytes, identityOf } from '../contacts/identity-links.ts';
import { eraseAmendmentsNaming } from '../writer/amend-contact.ts';
import { findContactId, withoutContactIds } from '../writer/contact-id-identities.ts';
import { identityScope, isLifted, suppressedAmong } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { type ErasedContact, eraseContact, eraseIdentity, letGo } from './erase-contact.ts';
import type { ErasureLog, ErasurePhase, StoredErasure } from './erasure-log.ts';
import { findTraces, Sought } from './find-traces.ts';
import { purgeEffects } from './purge-effects.ts';
import { purgeLog } from './purge-log.ts';
import { purgeRollback } from './purge-rollback.ts';
import type { Purged } from './purged.ts';

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
  log: 'looks',
  // When the caller says that it erased them elsewhere, too.
  looks: 'done',
  done: 'done',
};

type Counts = { -readonly [Name in keyof ErasedCounts]: number };

export class ErasureStepper {
  readonly #session: WriteSession;
  readonly #organizationId: number;
  /**
   * The list of the request: all its subjects are under one key, also if it is completed in a
   * restored folder, where other erasures go to another list.
   */
  readonly #keyId: string;
  readonly #tellsLooks: boolean;
  readonly #log: ErasureLog;
  #suppressed: Suppressed[] = [];
  /** While it is looked for. */
  #sought: Sought | undefined;

  constructor(
    session: WriteSession,
    place: {
      readonly organizationId: number;
      readonly keyId: string;
      readonly tellsLooks: boolean;
    },
    log: ErasureLog,
  ) {
    this.#session = session;
    this.#organizationId = place.organizationId;
    this.#keyId = place.keyId;
    this.#tellsLooks = place.tellsLooks;
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
      case 'looks':
        return this.#forgetLooks(erasure);
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
    this.#addLooks(erased);
    for (const it of erased.identities) {
      const subject = this.#keyed(it);
      if (!this.#log.hasSubject(subject)) this.#log.add('erased', it);
      this.#log.addSubject(subject);
    }
    counts.identities += erased.identities.length;
  }

  #forgetLooks(erasure: StoredErasure): StoredErasure {
    const told = this.#log.next('look', erasureStepEntries);
    for (const it of told) this.#log.remove('look', it);
    return told.length < erasureStepEntries ? { ...erasure, ...begin(erasure.phase) } : erasure;
  }

  #addLooks({ identities, contactIds }: ErasedContact): void {
    if (!this.#tellsLooks) return;
    for (const it of identities) this.#log.add('look', it);
    for (const digest of contactIds) this.#log.add('look', { typeId: 0, digest });
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
