/**
 * What a run has done to people so far, on the disk: batches note what they changed, and the end of
 * the run looks which of it is still so. It survives the attempts of a run, which have one version.
 * Database `effects`, big endian: organization u16, dataset u16, version u64, u8 kind, then what
 * `effectKinds` says. An identity is u16 type, digest 16.
 */
import type { RunLease } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import { type CountedMoves, identityBytes } from '../contacts/identity-links.ts';
import { type KeyedDatabase, putNew, rangeUnder } from '../keyed-database.ts';
import { isListTail, JoinedLists, listedIn } from './joined-lists.ts';

/** In the order in which the end of a run looks at them. */
const effectKinds = {
  /** Nobody named the identity any more: identity. Value: for each dataset u16, u8 moves. */
  forgotten: 0,
  /** The rows of a contact were several contacts: contact id. Value: the row keys of before. */
  parted: 1,
  /**
   * A contact that answered before the run did not: contact id. Value: u8 flags, whether it became
   * part of another one, and whether it was counted. Most of those that became parts of others are
   * in lists (`joined-lists.ts`); an entry of its own counts instead.
   */
  ceased: 2,
  /** An identity led elsewhere: identity. Value: the contact id before the run. */
  left: 3,
  /** A claim had no effect: row key, identity. Value: the code as text. */
  refused: 4,
  /**
   * A contact answered that did not before the run, but whose id was known: contact id. Value: u8,
   * whether contacts of before are part of it.
   */
  risen: 5,
  /** Rows of a contact went to one that did not answer before the run: both contact ids. */
  part: 6,
  /**
   * A row was applied without suppressed identities: row key. Value: for each u16 type. Which they
   * were is not kept.
   */
  suppressed: 7,
} as const;

const ceasedFlags = { wasJoined: 1, isCounted: 2 } as const;
/** By flags: the value of an entry. */
const ceasedValues = [0, 1, 2, 3].map((flags) => Buffer.of(flags));

/** `joined`: a list. */
type EffectKind = keyof typeof effectKinds | 'joined';

const headLength = 13;
const identityLength = 18;
const contactIdLength = 16;

export type EffectsPlace = Pick<RunLease, 'organizationId' | 'datasetId' | 'version'>;

export interface NotedEffect {
  readonly kind: EffectKind;
  /** The entry's key. */
  readonly at: Buffer;
  readonly value: Buffer;
}

interface EffectEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export class RunEffects {
  readonly #effects: KeyedDatabase;
  readonly #head: Buffer;
  readonly joined: JoinedLists;
  /** Whether contacts may have been noted that did not answer before the run. */
  #hasRisen: boolean | undefined;
  /** Whether contacts that ceased to answer may have entries of their own. */
  #hasCeased: boolean | undefined;

  constructor(effects: KeyedDatabase, place: EffectsPlace) {
    this.#effects = effects;
    this.#head = headOf(place);
    this.joined = new JoinedLists(effects, this.#key('ceased'));
  }

  /** The contact that an identity led to before the run. */
  left(identity: IdentityKey): Uint8Array | undefined {
    return this.#read(this.#key('left', identityBytes(identity)));
  }

  /** What was noted first is from before the run, and stays. */
  noteLeft(identity: IdentityKey, before: Uint8Array): void {
    putNew(this.#effects, this.#key('left', identityBytes(identity)), Buffer.from(before));
  }

  wasJoined(contactId: Uint8Array): boolean {
    return (this.#flagsOf(contactId) & ceasedFlags.wasJoined) !== 0;
  }

  /**
   * It answered just before. If the run made it answer, it did not before the run.
   * @param mayBeListed whether it may be in a list of an earlier step, and have come back
   */
  noteCeased(
    contactId: Uint8Array,
    { isJoined, mayBeListed }: { readonly isJoined: boolean; readonly mayBeListed: boolean },
  ): void {
    if (this.risen(contactId) !== undefined) return;
    if (isJoined && !mayBeListed && !this.hasCeased(contactId)) {
      this.joined.add(contactId);
      return;
    }
    const at = this.#key('ceased', contactId);
    const flag = isJoined ? ceasedFlags.wasJoined : 0;
    this.#hasCeased = true;
    if (putNew(this.#effects, at, ceasedValue(flag)) || flag === 0) return;
    this.#effects.put(at, ceasedValue(this.#flagsOf(contactId) | flag));
  }

  /** Writes the lists of a step. */
  saveJoined(step: bigint): void {
    this.joined.save(step, ceasedFlags.wasJoined);
  }

  /** Whether a contact that ceased to answer has an entry of its own. */
  hasCeased(contactId: Uint8Array): boolean {
    this.#hasCeased ??= this.#first(this.#key('ceased'), 1).some(({ kind }) => kind === 'ceased');
    return this.#hasCeased && this.#read(this.#key('ceased', contactId)) !== undefined;
  }

  /** @returns `false`: it was counted earlier */
  noteCounted({ at, value }: NotedEffect): boolean {
    const flags = value[0] ?? 0;
    if ((flags & ceasedFlags.isCounted) !== 0) return false;
    this.#effects.put(
      at,
      Buffer.concat([ceasedValue(flags | ceasedFlags.isCounted), value.subarray(1)]),
    );
    return true;
  }

  #flagsOf(contactId: Uint8Array): number {
    return this.#read(this.#key('ceased', contactId))?.[0] ?? 0;
  }

  /** `undefined` if it answered before the run, or the run created it. */
  risen(contactId: Uint8Array): { readonly hasOthers: boolean } | undefined {
    this.#hasRisen ??= this.#first(this.#key('risen'), 1).length > 0;
    if (!this.#hasRisen) return undefined;
    const value = this.#read(this.#key('risen', contactId));
    return value && { hasOthers: value[0] === 1 };
  }

  /**
   * It did not answer just before. If the run ended it, it did before the run.
   * @param listed the flags of the list that it is in
   */
  noteRisen(contactId: Uint8Array, listed: number | undefined): void {
    const known = this.#read(this.#key('ceased', contactId)) ?? this.risen(contactId);
    if (known !== undefined) return;
    if (listed !== undefined) {
      this.#hasCeased = true;
      this.#effects.put(this.#key('ceased', contactId), ceasedValue(listed));
      return;
    }
    this.#hasRisen = true;
    this.#effects.put(this.#key('risen', contactId), Uint8Array.of(0));
  }

  /** A contact that answered before the run is part of one that did not. */
  noteOthers(contactId: Uint8Array): void {
    this.#effects.put(this.#key('risen', contactId), Uint8Array.of(1));
  }

  isPart(contactId: Uint8Array, part: Uint8Array): boolean {
    return this.#read(this.#key('part', contactId, part)) !== undefined;
  }

  notePart(contactId: Uint8Array, part: Uint8Array): void {
    this.#effects.put(this.#key('part', contactId, part), Uint8Array.of(1));
  }

  /** The keys that were noted first stay. */
  noteParted(contactId: Uint8Array, keys: readonly IdentityKey[]): void {
    const at = this.#key('parted', contactId);
    if (this.#read(at) !== undefined) return;
    this.#effects.put(at, packKeys(keys));
  }

  noteForgotten(identity: IdentityKey, moves: readonly CountedMoves[]): void {
    const value = moves.map(({ datasetId, count }) =>
      Uint8Array.of(datasetId >>> 8, datasetId & 0xff, count),
    );
    this.#effects.put(this.#key('forgotten', identityBytes(identity)), Buffer.concat(value));
  }

  noteRefused(key: IdentityKey, identity: IdentityKey, code: string): void {
    const at = this.#key('refused', identityBytes(key), identityBytes(identity));
    this.#effects.put(at, Buffer.from(code));
  }

  noteSuppressed(key: IdentityKey, typeIds: readonly number[]): void {
    const value = typeIds.map((typeId) => Uint8Array.of(typeId >>> 8, typeId & 0xff));
    this.#effects.put(this.#key('suppressed', identityBytes(key)), Buffer.concat(value));
  }

  /**
   * What is noted first, or behind an entry with this key, in the order of the kinds: entries with
   * about `limit` contacts or identities.
   */
  next(
    limit: number,
    after: Uint8Array | undefined,
  ): { readonly noted: readonly NotedEffect[]; readonly isLast: boolean } {
    const noted: NotedEffect[] = [];
    let left = limit;
    for (const entry of this.#range(this.#head, limit, after)) {
      const effect = notedEffect(entry);
      noted.push(effect);
      left -= effect.kind === 'joined' ? listedIn(effect.value).length : 1;
      if (left <= 0) return { noted, isLast: false };
    }
    return { noted, isLast: true };
  }

  remove({ at }: NotedEffect): void {
    this.#effects.remove(at);
  }

  #first(prefix: Uint8Array, limit: number): NotedEffect[] {
    return [...this.#range(prefix, limit)].map(notedEffect);
  }

  #range(prefix: Uint8Array, limit: number, after?: Uint8Array): Iterable<EffectEntry> {
    const behind = after && { start: after, exclusiveStart: true };
    return this.#effects.getRange({ ...rangeUnder(prefix), ...behind, limit });
  }

  /** A copy. */
  #read(at: Uint8Array): Buffer | undefined {
    const value = this.#effects.getBinaryFast(at);
    return value && Buffer.from(value.subarray(0, this.#effects.lastSize));
  }

  #key(kind: keyof typeof effectKinds, ...rest: readonly Uint8Array[]): Buffer {
    const length = rest.reduce((sum, part) => sum + part.length, headLength);
    const key = Buffer.allocUnsafe(length);
    key.set(this.#head);
    key[headLength - 1] = effectKinds[kind];
    let end = headLength;
    for (const part of rest) {
      key.set(part, end);
      end += part.length;
    }
    return key;
  }
}

function ceasedValue(flags: number): Buffer {
  return ceasedValues[flags] as Buffer;
}

/** A copy of an entry of the database. */
export function notedEffect({ key, value }: EffectEntry): NotedEffect {
  const kind = kindsOf[key[headLength - 1] as number] as EffectKind;
  const isList = kind === 'ceased' && isListTail(key.subarray(headLength));
  return {
    kind: isList ? 'joined' : kind,
    at: Buffer.from(key),
    value: Buffer.from(value),
  };
}

const kindsOf = Object.keys(effectKinds) as EffectKind[];

function headOf({ organizationId, datasetId, version }: EffectsPlace): Buffer {
  const head = Buffer.alloc(headLength - 1);
  head.writeUInt16BE(organizationId, 0);
  head.writeUInt16BE(datasetId, 2);
  head.writeBigUInt64BE(version, 4);
  return head;
}

/**
 * Removes up to `limit` entries of runs of the dataset that have ended.
 * @returns whether all are gone
 */
export function dropEffects(
  effects: KeyedDatabase,
  place: Pick<EffectsPlace, 'organizationId' | 'datasetId'>,
  { open, limit }: { readonly open: bigint | undefined; readonly limit: number },
): boolean {
  const all = rangeUnder(headOf({ ...place, version: 0n }).subarray(0, 4));
  const ranges =
    open === undefined
      ? [all]
      : [
          { ...all, end: headOf({ ...place, version: open }) },
          { ...all, start: headOf({ ...place, version: open + 1n }) },
        ];
  const ended = ranges.flatMap((range) =>
    [...effects.getRange({ ...range, limit })].map(({ key }) => Buffer.from(key)),
  );
  for (const key of ended.slice(0, limit)) effects.remove(key);
  return ended.length < limit;
}

export function contactIdOf({ at }: NotedEffect): Uint8Array {
  return at.subarray(headLength, headLength + contactIdLength);
}

/** The key of an entry that consists of contact ids, with others in their places. */
export function withContactIds(
  { at }: NotedEffect,
  other: (contactId: Uint8Array) => Uint8Array,
): Buffer {
  const contactIds: Uint8Array[] = [];
  for (let start = headLength; start < at.length; start += contactIdLength) {
    contactIds.push(other(at.subarray(start, start + contactIdLength)));
  }
  return Buffer.concat([at.subarray(0, headLength), ...contactIds]);
}

/** The version of its run. */
export function versionOf({ at }: NotedEffect): bigint {
  return at.readBigUInt64BE(4);
}

/** The types of suppressed identities. */
export function typeIdsOf({ value }: NotedEffect): number[] {
  return Array.from({ length: value.length / 2 }, (_, place) => value.readUInt16BE(place * 2));
}

/** The identity of an entry; of a refused or suppressed claim the row key. */
export function identityOf({ at }: NotedEffect): IdentityKey {
  return readIdentity(at, headLength);
}

export function claimedIdentityOf({ at }: NotedEffect): IdentityKey {
  return readIdentity(at, headLength + identityLength);
}

export function keysOf({ value }: NotedEffect): IdentityKey[] {
  const count = value.length / identityLength;
  return Array.from({ length: count }, (_, place) => readIdentity(value, place * identityLength));
}

export function packKeys(keys: readonly IdentityKey[]): Buffer {
  return Buffer.concat(keys.map(identityBytes));
}

export function movesOf({ value }: NotedEffect): CountedMoves[] {
  return Array.from({ length: value.length / 3 }, (_, place) => ({
    datasetId: value.readUInt16BE(place * 3),
    count: value[place * 3 + 2] as number,
  }));
}

function readIdentity(bytes: Buffer, at: number): IdentityKey {
  const digest = Uint8Array.from(bytes.subarray(at + 2, at + identityLength));
  return { typeId: bytes.readUInt16BE(at), digest };
}
