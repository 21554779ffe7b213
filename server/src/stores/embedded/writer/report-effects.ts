/** Reports what a push or a run did to people, by looking where identities lead at its end. */
import { winnerIdOf } from '../../read-record.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import type {
  IdentityKey,
  PeopleReport,
  RefusedClaimOfRun,
  RunPeople,
  RunPeopleReport,
} from '../../store.ts';
import { type BatchEffects, isNewSince } from '../contacts/batch-effects.ts';
import { copyOfId, indexFlags, isSameId, isZero } from '../contacts/component.ts';
import { IdMap } from '../contacts/id-map.ts';
import { type CountedMoves, LinkWriter, waitKey } from '../contacts/identity-links.ts';
import { metaKeys, readMeta, writeMeta } from '../meta.ts';
import { noteMoves } from '../rollback/rollback-log.ts';
import type { ChangeOrigin } from './applied-change.ts';
import { listedIn } from './joined-lists.ts';
import {
  claimedIdentityOf,
  contactIdOf,
  type EffectsPlace,
  identityOf,
  keysOf,
  movesOf,
  type NotedEffect,
  RunEffects,
  typeIdsOf,
} from './run-effects.ts';
import type { WriteSession } from './write-session.ts';

/** @param keys of each change of the push the first identity */
export function reportPush(
  session: WriteSession,
  { organizationId }: Pick<ChangeOrigin, 'organizationId'>,
  effects: BatchEffects,
  keys: readonly (IdentityKey | undefined)[],
): PeopleReport {
  return effects.report(keys, {
    ...storedEffects(session, organizationId),
    keepMoves: (identity, moves) => putMoves(session, organizationId, identity, moves),
  });
}

/** Notes what a batch of a run did, for the end of the run. */
export function noteRunEffects(
  session: WriteSession,
  place: EffectsPlace,
  effects: BatchEffects,
): void {
  const run = new RunEffects(session.environment.effects, place);
  const stored = storedEffects(session, place.organizationId);
  effects.noteIn(run, { ...stored, revision: session.lastRevision });
}

function storedEffects(session: WriteSession, organizationId: number) {
  return {
    contactIdAt: (identity: IdentityKey) => contactIdAt(session, organizationId, identity),
    joinedInto: (contactId: Uint8Array) => joinedInto(session, organizationId, contactId),
  };
}

type ReportPlace = EffectsPlace & RollbackPlace;

interface StoredPeople extends RunPeople {
  readonly version: string;
}

/**
 * Looks which of the next `limit` noted effects of a run are still so, and adds them to what is
 * known of the run.
 */
export function reportRun(
  session: WriteSession,
  place: ReportPlace,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): RunPeopleReport {
  const { meta, effects } = session.environment;
  const run = new RunEffects(effects, place);
  const at = metaKeys.runPeople(place);
  const stored = readMeta<StoredPeople>(meta, at);
  const version = `${place.version}`;
  const known = stored?.version === version ? stored : nobody;
  const people = new SettledPeople(session, place, { run, known });
  const start = after === null ? undefined : Buffer.from(after, 'hex');
  const { noted, isLast } = run.next(limit, start);
  people.findListed(noted);
  for (const effect of noted) {
    people.settle(effect);
    if (!staying.has(effect.kind)) run.remove(effect);
  }
  if (noted.length > 0) writeMeta(meta, at, { ...people.counts, version });
  const { refusedClaims } = people;
  const last = isLast ? undefined : noted.at(-1);
  return { ...people.counts, refusedClaims, next: last?.at.toString('hex') ?? null };
}

/** What stays noted: later entries are compared with it, and a call can be repeated. */
const staying: ReadonlySet<NotedEffect['kind']> = new Set([
  ...(['ceased', 'joined', 'refused', 'risen', 'part', 'suppressed'] as const),
]);

/** From this time on, a report names an identity that the dataset's runs move. */
const oftenMoved = 3;

const nobody: RunPeople = { joined: 0, parted: 0, moved: 0, released: 0, movedOften: [] };

class SettledPeople {
  readonly refusedClaims: RefusedClaimOfRun[] = [];
  readonly #session: WriteSession;
  readonly #place: ReportPlace;
  readonly #run: RunEffects;
  readonly #counts: { -readonly [Name in keyof RunPeople]: RunPeople[Name] };
  readonly #canRollBack: boolean;
  #listed = new IdMap<number>();

  constructor(
    session: WriteSession,
    place: ReportPlace,
    { run, known }: { readonly run: RunEffects; readonly known: RunPeople },
  ) {
    this.#session = session;
    this.#place = place;
    this.#run = run;
    const { joined, parted, moved, released, movedOften } = known;
    this.#counts = { joined, parted, moved, released, movedOften };
    this.#canRollBack =
      readMeta(session.environment.meta, metaKeys.rollbackRun(place)) !== undefined;
  }

  /** Looks which contacts that these entries lead to are in lists. Call it first. */
  findListed(noted: readonly NotedEffect[]): void {
    if (this.#run.joined.isEmpty) return;
    const led = noted.flatMap((effect) => {
      if (effect.kind === 'parted') return keysOf(effect);
      return effect.kind === 'left' ? [identityOf(effect)] : [];
    });
    const contactIds = led.map((identity) => this.#contactIdAt(identity));
    this.#listed = this.#run.joined.among(contactIds.filter((it) => it !== undefined));
  }

  get counts(): RunPeople {
    return this.#counts;
  }

  settle(effect: NotedEffect): void {
    switch (effect.kind) {
      case 'forgotten':
        this.#settleForgotten(effect);
        break;
      case 'parted':
        if (this.#settleParted(effect)) this.#counts.parted += 1;
        break;
      case 'left':
        this.#settleLeft(identityOf(effect), effect.value);
        break;
      case 'ceased':
        this.#settleCeased(effect);
        break;
      case 'joined':
        this.#settleJoined(effect);
        break;
      case 'refused':
        this.#settleRefused(effect);
        break;
      case 'suppressed':
        this.#settleSuppressed(effect);
        break;
    }
  }

  #settleForgotten(effect: NotedEffect): void {
    const identity = identityOf(effect);
    const isKnown = this.#contactIdAt(identity) !== undefined;
    if (isKnown) putMoves(this.#session, this.#place.organizationId, identity, movesOf(effect));
    else for (const moves of movesOf(effect)) this.#noteMoves(identity, moves);
  }

  /** For a rollback of the run, if there can be one. */
  #noteMoves(identity: IdentityKey, moves: CountedMoves): void {
    if (!this.#canRollBack) return;
    noteMoves(this.#session.environment.rollback, this.#place, identity, moves);
  }

  #countMove(identity: IdentityKey): number {
    const { organizationId, datasetId } = this.#place;
    const links = new LinkWriter(this.#session.environment.link, organizationId);
    const before = links.movesOf(identity, datasetId);
    this.#noteMoves(identity, { datasetId, count: before });
    const count = before + 1;
    putMoves(this.#session, organizationId, identity, [{ datasetId, count }]);
    return count;
  }

  /** Whether keys that led to the contact before the run lead to several contacts now. */
  #settleParted(effect: NotedEffect): boolean {
    const contactId = contactIdOf(effect);
    const contacts = new Set<string>();
    for (const key of keysOf(effect)) {
      const now = this.#contactIdAt(key);
      if (now === undefined || this.#isBack(now)) continue;
      if (!isSameId(this.#run.left(key) ?? now, contactId)) continue;
      contacts.add(Buffer.from(now).toString('latin1'));
      if (!this.#didAnswer(now)) this.#run.notePart(contactId, now);
    }
    return contacts.size > 1 && this.#didAnswer(contactId);
  }

  #settleCeased(effect: NotedEffect): void {
    const winner = this.#joinedInto(contactIdOf(effect));
    if (winner !== undefined && this.#run.noteCounted(effect)) this.#countJoined(winner);
  }

  #settleJoined(effect: NotedEffect): void {
    if (!this.#run.noteCounted(effect)) return;
    for (const listed of listedIn(effect.value)) {
      if (this.#run.hasCeased(listed)) continue;
      const winner = this.#joinedInto(listed);
      if (winner !== undefined) this.#countJoined(winner);
    }
  }

  /** The first contact that is part of one which did not answer goes on under its id. */
  #countJoined(winner: Uint8Array): void {
    const risen = this.#run.risen(winner);
    if (risen === undefined || risen.hasOthers) this.#counts.joined += 1;
    else this.#run.noteOthers(winner);
  }

  #settleLeft(identity: IdentityKey, before: Uint8Array): void {
    if (!this.#didAnswer(before)) return;
    const now = this.#contactIdAt(identity);
    if (now === undefined) this.#counts.released += 1;
    if (now === undefined || isSameId(now, before)) return;
    if (isSameId(now, this.#joinedInto(before)) || this.#isBack(now)) return;
    const isOld = this.#didAnswer(now) || this.#run.risen(now)?.hasOthers === true;
    if (!isOld && this.#run.isPart(before, now)) return;
    this.#counts.moved += 1;
    if (this.#countMove(identity) < oftenMoved) return;
    const often = new Map(this.#counts.movedOften);
    often.set(identity.typeId, (often.get(identity.typeId) ?? 0) + 1);
    this.#counts.movedOften = [...often];
  }

  #settleRefused(effect: NotedEffect): void {
    const [key, identity] = [identityOf(effect), claimedIdentityOf(effect)];
    const { organizationId, datasetId } = this.#place;
    const waiting = waitKey(organizationId, identity, { datasetId, key });
    if (this.#session.environment.link.getBinaryFast(waiting) === undefined) return;
    const code = effect.value.toString() as RefusedClaimOfRun['code'];
    this.refusedClaims.push({ row: rowOf(key), typeId: identity.typeId, code });
  }

  #settleSuppressed(effect: NotedEffect): void {
    const key = identityOf(effect);
    if (this.#contactIdAt(key) === undefined) return;
    for (const typeId of typeIdsOf(effect)) {
      this.refusedClaims.push({ row: rowOf(key), typeId, code: 'identity_suppressed' });
    }
  }

  /** Whether the contact answered before the run. */
  #didAnswer(contactId: Uint8Array): boolean {
    return !isNewSince(contactId, this.#place.version) && this.#run.risen(contactId) === undefined;
  }

  /** Whether the contact was part of another one during the run, and is one of its own again. */
  #isBack(contactId: Uint8Array): boolean {
    return this.#run.wasJoined(contactId) || this.#listed.has(contactId);
  }

  #contactIdAt(identity: IdentityKey): Uint8Array | undefined {
    return contactIdAt(this.#session, this.#place.organizationId, identity);
  }

  #joinedInto(contactId: Uint8Array): Uint8Array | undefined {
    return joinedInto(this.#session, this.#place.organizationId, contactId);
  }
}

function rowOf({ typeId, digest }: IdentityKey): RefusedClaimOfRun['row'] {
  return { typeId, digest: Buffer.from(digest).toString('hex') };
}

function contactIdAt(
  session: WriteSession,
  organizationId: number,
  { typeId, digest }: IdentityKey,
): Uint8Array | undefined {
  const key = session.identityKey(organizationId, typeId, digest);
  const entry = session.environment.id.getBinaryFast(key);
  return entry === undefined || isZero(entry) ? undefined : copyOfId(entry);
}

function joinedInto(
  session: WriteSession,
  organizationId: number,
  contactId: Uint8Array,
): Uint8Array | undefined {
  const record = session.environment.rec.getBinaryFast(
    session.contactKey({ organizationId, contactId }),
  );
  return record && winnerIdOf(record);
}

/** Marks the identity's entry in the index too. An identity that is not there has no moves. */
export function putMoves(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
  moves: readonly CountedMoves[],
): void {
  const { id, link } = session.environment;
  const key = () => session.identityKey(organizationId, identity.typeId, identity.digest);
  const bytes = id.getBinaryFast(key());
  if (bytes === undefined) return;
  const entry = Buffer.from(bytes.subarray(0, 17));
  const links = new LinkWriter(link, organizationId);
  for (const counted of moves) links.moves(identity, counted);
  entry[16] = (entry[16] ?? 0) | indexFlags.isLinked;
  id.put(key(), entry);
}
