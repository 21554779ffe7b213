/**
 * Notes what a batch does to people: which contacts it joins and parts, where identities lead, and
 * which claims have no effect. What changes and changes back within the batch does not count, nor
 * do contacts that its run created.
 */
import { writeContactId } from '../../../domain/contact/contact-id.ts';
import type { PeopleReport, RefusedClaim } from '../../contact-change.ts';
import type { IdentityKey } from '../../store.ts';
import type { RunEffects } from '../writer/run-effects.ts';
import {
  compareIds,
  contactIdName,
  copyOfId,
  isSameId,
  isZero,
  type RowNode,
  type StoredContact,
} from './component.ts';
import type { ComponentDecision, RefusedClaim as DecidedClaim } from './decide-component.ts';
import { IdMap } from './id-map.ts';
import type { CountedMoves } from './identity-links.ts';
import type {
  ChangedContact,
  ForgottenIdentity,
  MovedIdentity,
  PartedContact,
  Refusal,
  RefusedRow,
  SuppressedRow,
} from './noted-effects.ts';

/** What the store says at the end of a batch. */
export interface StoredEffects {
  /** Where an identity leads; `undefined`: nowhere. */
  readonly contactIdAt: (identity: IdentityKey) => Uint8Array | undefined;
  /** The contact that another one became part of. */
  readonly joinedInto: (contactId: Uint8Array) => Uint8Array | undefined;
  /** Notes again how often an identity moved. */
  readonly keepMoves: (identity: IdentityKey, moves: readonly CountedMoves[]) => void;
}

type StoredPlaces = Pick<StoredEffects, 'contactIdAt' | 'joinedInto'>;

const noRandom = new Uint8Array(8);

export class BatchEffects {
  #identities = new IdMap<MovedIdentity>();
  #forgotten = new IdMap<ForgottenIdentity>();
  #changed = new IdMap<ChangedContact>();
  /** The contacts that others became part of. */
  #joinedInto = new IdMap<Uint8Array>();
  /** Contacts whose rows are several contacts. */
  #parted = new IdMap<PartedContact>();
  /** By row key: the claims of the dataset's row that have no effect. */
  #refused = new IdMap<RefusedRow>();
  /** By index in the batch: claims of suppressed identities. */
  readonly #suppressed = new Map<number, SuppressedRow>();
  /** By index in the batch: the key of the row that the change was about. */
  readonly #keys = new Map<number, IdentityKey>();
  readonly #newSince: bigint;
  readonly #firstNewId = new Uint8Array(16);
  #index = 0;

  /** @param newSince the revision since which contacts are new */
  constructor(newSince: bigint) {
    this.#newSince = newSince;
    writeContactId(this.#firstNewId, newSince, noRandom, 0);
  }

  copy(): BatchEffects {
    const copy = new BatchEffects(this.#newSince);
    copy.#identities = this.#identities.copy();
    copy.#changed = this.#changed.copy();
    copy.#joinedInto = this.#joinedInto.copy();
    copy.#forgotten = this.#forgotten.copy();
    copy.#parted = this.#parted.copy();
    copy.#refused = this.#refused.copy();
    copyInto(copy.#suppressed, this.#suppressed);
    copyInto(copy.#keys, this.#keys);
    return copy;
  }

  /** What is noted from here on follows from this change of the batch. */
  begin(index: number): void {
    this.#index = index;
  }

  /**
   * Notes where an identity leads that is written.
   * @param before where it led; `undefined`: it was not there
   * @param now `undefined`: it is not there any more
   */
  noteLed(
    identity: IdentityKey,
    before: Uint8Array | undefined,
    now: Uint8Array | undefined,
  ): void {
    const { typeId, digest } = identity;
    const leading = now === undefined || isZero(now) ? undefined : now;
    const known = this.#identities.get(digest, typeId);
    if (known !== undefined) {
      this.#identities.set(digest, { ...known, now: leading }, typeId);
      return;
    }
    if (before === undefined || isZero(before) || isSameId(before, now)) return;
    const key = keyOf(identity);
    const old = this.#isNew(before) ? undefined : before;
    this.#identities.set(key.digest, { identity: key, before: old, now: leading }, typeId);
  }

  /** Notes what the record of a contact says; `winner`: the contact that it became part of. */
  noteRecord(contactId: Uint8Array, winner: Uint8Array | undefined): void {
    if (winner === undefined) this.#joinedInto.delete(contactId);
    else this.#joinedInto.set(contactId, winner);
  }

  /** Nobody names the identity any more. A later change of the batch may. */
  noteForgotten(identity: IdentityKey, moves: readonly CountedMoves[]): void {
    if (moves.length === 0) return;
    const key = keyOf(identity);
    this.#forgotten.set(key.digest, { identity: key, moves }, key.typeId);
  }

  #isNew(contactId: Uint8Array): boolean {
    return compareIds(contactId, this.#firstNewId) >= 0;
  }

  /** A contact that answered, with this revision, does not any more. */
  noteCeased(contactId: Uint8Array, revision: bigint): void {
    this.#noteChanged({ contactId, didAnswer: true, wasWritten: revision >= this.#newSince });
  }

  /** A contact answers that did not. */
  noteRisen(contactId: Uint8Array): void {
    this.#noteChanged({ contactId, didAnswer: false, wasWritten: false });
  }

  #noteChanged(changed: ChangedContact): void {
    const { contactId } = changed;
    if (this.#isNew(contactId) || this.#changed.has(contactId)) return;
    this.#changed.set(contactId, changed);
  }

  /** The rows of a contact are several contacts now. */
  noteParted({ contactId }: StoredContact, rows: readonly RowNode[]): void {
    if (!this.#parted.has(contactId) && !this.#isNew(contactId)) {
      this.#parted.set(contactId, { contactId, keys: rows.map(({ key }) => keyOf(key)) });
    }
  }

  /** Notes which claims of these rows have no effect. All rows are of the batch's dataset. */
  noteClaims(rows: readonly RowNode[], { groupOf, refusals }: ComponentDecision): void {
    if (refusals.length === 0 && this.#refused.size === 0) return;
    const refusedOf = new Map<RowNode, DecidedClaim[]>();
    for (const refusal of refusals) {
      const { row, node } = refusal;
      if (node === row.key || groupOf.get(node) === groupOf.get(row.key)) continue;
      const others = refusedOf.get(row);
      if (others === undefined) refusedOf.set(row, [refusal]);
      else others.push(refusal);
    }
    for (const row of rows) {
      const refused = refusedOf.get(row);
      const { typeId, digest } = row.key;
      if (refused === undefined) this.#refused.delete(digest, typeId);
      else {
        const key = keyOf(row.key);
        this.#refused.set(key.digest, { key, claims: firstOfEach(refused) }, typeId);
      }
    }
  }

  /** The change's row is applied without these identities. */
  noteSuppressed(key: IdentityKey, identities: readonly IdentityKey[]): void {
    const typeIds = identities.map(({ typeId }) => typeId);
    this.#suppressed.set(this.#index, { key: keyOf(key), typeIds });
  }

  /** The change was about the row with this key. */
  noteRow(key: IdentityKey): void {
    this.#keys.set(this.#index, keyOf(key));
  }

  /**
   * Takes out identities that were erased between two steps of the batch. Contacts stay: what is
   * reported of others follows also from those that were erased.
   */
  forget(isErased: (identity: IdentityKey) => boolean): void {
    for (const noted of [this.#forgotten, this.#identities]) {
      for (const { identity } of noted.values()) {
        if (isErased(identity)) noted.delete(identity.digest, identity.typeId);
      }
    }
    for (const { contactId, keys } of this.#parted.values()) {
      this.#parted.set(contactId, { contactId, keys: keys.filter((key) => !isErased(key)) });
    }
    for (const { key, claims } of this.#refused.values()) {
      const left = claims.filter(({ identity }) => !isErased(identity));
      if (isErased(key)) this.#refused.delete(key.digest, key.typeId);
      else this.#refused.set(key.digest, { key, claims: left }, key.typeId);
    }
    for (const [index, { key }] of this.#suppressed) {
      if (isErased(key)) this.#suppressed.delete(index);
    }
  }

  /**
   * Notes on the disk what is so after the batch: a later batch of the run may change it back. Call
   * it in the transaction in which all of this was noted.
   * @param revision the last one
   */
  noteIn(
    run: RunEffects,
    { contactIdAt, revision, ...stored }: StoredPlaces & { readonly revision: bigint },
  ): void {
    const joinedInto = (contactId: Uint8Array) =>
      this.#joinedInto.get(contactId) ?? stored.joinedInto(contactId);
    for (const { identity, moves } of this.#forgotten.values()) run.noteForgotten(identity, moves);
    this.#noteChangedIn(run, joinedInto);
    run.saveJoined(revision);
    for (const it of this.#parted.values()) {
      if (this.#isParted(it, { contactIdAt })) run.noteParted(it.contactId, it.keys);
    }
    for (const moved of this.#identities.values()) noteLeft(run, moved, joinedInto);
    for (const { key, claims } of this.#refused.values()) {
      for (const { identity, code } of claims) run.noteRefused(key, identity, code);
    }
    for (const { key, typeIds } of this.#suppressed.values()) run.noteSuppressed(key, typeIds);
  }

  #noteChangedIn(run: RunEffects, joinedInto: StoredPlaces['joinedInto']): void {
    const changed = this.#changed.values();
    const risen = changed.filter(({ didAnswer }) => !didAnswer).map(({ contactId }) => contactId);
    const listed = run.joined.among(risen);
    for (const { contactId, didAnswer, wasWritten: mayBeListed } of changed) {
      if (!didAnswer) run.noteRisen(contactId, listed.get(contactId));
      else {
        const isJoined = joinedInto(contactId) !== undefined;
        run.noteCeased(contactId, { isJoined, mayBeListed });
      }
    }
  }

  /**
   * What the batch did, if it is all that its write does.
   * @param keys of each change of the batch the first identity
   */
  report(keys: readonly (IdentityKey | undefined)[], stored: StoredEffects): PeopleReport {
    for (const { identity, moves } of this.#forgotten.values()) {
      if (stored.contactIdAt(identity) !== undefined) stored.keepMoves(identity, moves);
    }
    const { joined, withOthers } = this.#reportJoined(stored);
    return {
      joined,
      parted: [...this.#parted.values()].filter((it) => this.#isParted(it, stored)).length,
      ...this.#reportMoved(stored, withOthers),
      refusedClaims: this.#refusedClaims(keys),
    };
  }

  /** Whether keys that led to the contact before the batch lead to several contacts now. */
  #isParted(
    { contactId, keys }: PartedContact,
    { contactIdAt }: Pick<StoredEffects, 'contactIdAt'>,
  ): boolean {
    return this.#didAnswer(contactId) && this.#partsOf({ contactId, keys }, contactIdAt).size > 1;
  }

  /** The contacts that rows of the contact of before are part of now. */
  #partsOf(
    { contactId, keys }: PartedContact,
    contactIdAt: StoredEffects['contactIdAt'],
  ): Set<string> {
    const contacts = new Set<string>();
    for (const key of keys) {
      const now = contactIdAt(key);
      const before = this.#identities.get(key.digest, key.typeId)?.before ?? now;
      if (now !== undefined && before !== undefined && isSameId(before, contactId)) {
        contacts.add(contactIdName(now));
      }
    }
    return contacts;
  }

  #didAnswer(contactId: Uint8Array): boolean {
    return !this.#isNew(contactId) && this.#changed.get(contactId)?.didAnswer !== false;
  }

  /** `withOthers`: contacts that did not answer before, and that others of before are part of. */
  #reportJoined({ joinedInto }: StoredEffects): {
    readonly joined: number;
    readonly withOthers: ReadonlySet<string>;
  } {
    let joined = 0;
    const withOthers = new Set<string>();
    for (const { contactId, didAnswer } of this.#changed.values()) {
      const winner = didAnswer ? joinedInto(contactId) : undefined;
      if (winner === undefined) continue;
      // The first one goes on under an id that it did not have before.
      if (this.#didAnswer(winner) || withOthers.has(contactIdName(winner))) joined += 1;
      else withOthers.add(contactIdName(winner));
    }
    return { joined, withOthers };
  }

  #reportMoved(
    { contactIdAt, joinedInto }: StoredEffects,
    withOthers: ReadonlySet<string>,
  ): Pick<PeopleReport, 'moved' | 'released'> {
    let moved = 0;
    let released = 0;
    for (const { identity, before } of this.#identities.values()) {
      if (before === undefined || !this.#didAnswer(before)) continue;
      const now = contactIdAt(identity);
      if (now === undefined) released += 1;
      if (now === undefined || isSameId(now, before) || isSameId(now, joinedInto(before))) continue;
      const isOld = this.#didAnswer(now) || withOthers.has(contactIdName(now));
      const parted = isOld ? undefined : this.#parted.get(before);
      if (!(parted && this.#partsOf(parted, contactIdAt).has(contactIdName(now)))) moved += 1;
    }
    return { moved, released };
  }

  /** A row that several changes were about is listed at the last of them. */
  #refusedClaims(keys: readonly (IdentityKey | undefined)[]): RefusedClaim[] {
    if (this.#refused.size + this.#suppressed.size === 0) return [];
    const listed = new IdMap<true>();
    const claims: RefusedClaim[][] = [];
    for (let index = keys.length - 1; index >= 0; index -= 1) {
      const key = this.#keys.get(index) ?? keys[index];
      if (key === undefined || listed.has(key.digest, key.typeId)) continue;
      const { typeIds = [] } = this.#suppressed.get(index) ?? {};
      const refused = this.#refused.get(key.digest, key.typeId)?.claims ?? [];
      if (typeIds.length + refused.length === 0) continue;
      listed.set(key.digest, true, key.typeId);
      claims.push([
        ...typeIds.map((typeId) => ({ index, typeId, code: 'identity_suppressed' as const })),
        ...refused.map(({ identity, code }) => ({ index, typeId: identity.typeId, code })),
      ]);
    }
    return claims.reverse().flat();
  }
}

function noteLeft(
  run: RunEffects,
  { identity, before, now }: MovedIdentity,
  joinedInto: StoredPlaces['joinedInto'],
): void {
  if (before === undefined) return;
  if (now !== undefined && isSameId(now, before)) return;
  // All of a contact that was joined leads to the other one: that need not be noted, unless the
  // other one did not answer before.
  const isSilent = now !== undefined && isSameId(now, joinedInto(before));
  if (isSilent && run.risen(now) === undefined) return;
  run.noteLeft(identity, before);
}

function copyInto<Key, Value>(copy: Map<Key, Value>, from: ReadonlyMap<Key, Value>): void {
  for (const [key, value] of from) copy.set(key, value);
}

/** A claim may be refused for several reasons: the first one counts. */
function firstOfEach(refused: readonly DecidedClaim[]): readonly Refusal[] {
  return refused
    .filter(({ node }, place) => refused.findIndex((it) => it.node === node) === place)
    .map(({ node, code }) => ({ identity: keyOf(node), code }));
}

function keyOf({ typeId, digest }: IdentityKey): IdentityKey {
  return { typeId, digest: copyOfId(digest) };
}

/** Whether the contact was created since a revision. */
export function isNewSince(contactId: Uint8Array, revision: bigint): boolean {
  const first = new Uint8Array(16);
  writeContactId(first, revision, noRandom, 0);
  return compareIds(contactId, first) >= 0;
}
