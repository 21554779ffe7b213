/**
 * Erasures as the store knows them: a request is stored before anything is erased, so that any
 * process can go on with it. Key: organization u16, u8 kind, 16 bytes of the SHA-256 of the
 * request's id, then the rest. Of a head: JSON. Of an identity that is still to be erased, that led
 * to no contact, that belonged to the person earlier, that is erased and still to be looked for, or
 * that rows of others still claim, of the id of an erased contact, and of what the caller has to
 * erase elsewhere: u16 type, 16 digest; no value. Of a subject: its keyed digest.
 */
import { hash } from 'node:crypto';
import type { ErasedCounts, ErasedLook } from '../../privacy-answer.ts';
import type { IdentityKey } from '../../store.ts';
import { IdMap } from '../contacts/id-map.ts';
import { identityBytes, identityOf } from '../contacts/identity-links.ts';
import { type KeyedDatabase, type RangeRequest, rangeUnder } from '../keyed-database.ts';

const kinds = {
  ...{ head: 0, pending: 1, claimed: 2, subject: 3, lost: 4, related: 5 },
  ...{ erased: 6, joined: 7, contactId: 8, look: 9 },
} as const;

/** Identities that an erasure has still to look at. A contact id is an identity of type 0. */
export type LeftKind = Exclude<keyof typeof kinds, 'head' | 'subject'>;

export type ErasurePhase =
  | 'contacts'
  | 'traces'
  | 'traced'
  | 'lost'
  | 'claims'
  | 'amendments'
  | 'rollback'
  | 'log'
  | 'effects'
  | 'looks'
  | 'done';

export interface StoredErasure {
  readonly atMs: number;
  readonly keyId: string;
  readonly phase: ErasurePhase;
  /** Where the phase goes on; `null`: at its beginning. */
  readonly after: string | null;
  readonly counts: ErasedCounts;
  /** Whether it waits for its caller before it is done. Missing: no. */
  readonly tellsLooks?: boolean;
}

interface StoredHead {
  readonly key: Buffer;
  readonly erasure: StoredErasure;
}

const present = Uint8Array.of(1);
const headLength = 19;

export function unpackErasure(text: string): StoredErasure {
  return JSON.parse(text) as StoredErasure;
}

export class ErasureLog {
  readonly #erase: KeyedDatabase;
  readonly #organizationId: number;
  readonly #request: Buffer;

  constructor(erase: KeyedDatabase, organizationId: number, requestId: string) {
    this.#erase = erase;
    this.#organizationId = organizationId;
    this.#request = hash('sha256', requestId, 'buffer').subarray(0, 16);
  }

  /** As `unpackErasure` reads it. */
  readText(): string | undefined {
    const bytes = this.#erase.getBinaryFast(this.#key('head'));
    return bytes?.toString('utf8', 0, this.#erase.lastSize);
  }

  /** @returns what it stores */
  save(erasure: StoredErasure): string {
    const text = JSON.stringify(erasure);
    this.#erase.put(this.#key('head'), Buffer.from(text));
    return text;
  }

  add(kind: LeftKind, identity: IdentityKey): void {
    this.#erase.put(this.#key(kind, identityBytes(identity)), present);
  }

  remove(kind: LeftKind, identity: IdentityKey): void {
    this.#erase.remove(this.#key(kind, identityBytes(identity)));
  }

  next(kind: LeftKind, limit: number): IdentityKey[] {
    return this.#under(kind, limit).map((key) => identityOf(key.subarray(headLength)));
  }

  all(kind: LeftKind): IdentityKey[] {
    return this.next(kind, Number.MAX_SAFE_INTEGER);
  }

  /** Keeps the ids of erased contacts until no run names them. */
  addContacts(contactIds: readonly Uint8Array[]): void {
    for (const digest of contactIds) this.add('contactId', { typeId: 0, digest });
  }

  contacts(): IdMap<true> {
    const contacts = new IdMap<true>();
    for (const { digest } of this.all('contactId')) contacts.set(digest, true);
    return contacts;
  }

  forgetContacts(): void {
    for (const it of this.all('contactId')) this.remove('contactId', it);
  }

  /** What the caller has to erase elsewhere. */
  looks(): ErasedLook[] {
    return this.all('look').map(({ typeId, digest }) => ({
      typeId,
      digest: Buffer.from(digest).toString('hex'),
    }));
  }

  addSubject(keyedDigest: Uint8Array): void {
    this.#erase.put(this.#key('subject', keyedDigest), present);
  }

  hasSubject(keyedDigest: Uint8Array): boolean {
    return this.#erase.getBinaryFast(this.#key('subject', keyedDigest)) !== undefined;
  }

  /** In hexadecimal. */
  subjects(): string[] {
    const keys = this.#under('subject', Number.MAX_SAFE_INTEGER);
    return keys.map((key) => key.subarray(headLength).toString('hex'));
  }

  /**
   * Forgets erasures of the organization that were done before a time. It looks at the next `limit`
   * of them behind this one, and removes at most `limit` subjects: each call looks elsewhere, since
   * they are ordered by a hash.
   */
  forgetBefore(atMs: number, limit: number): void {
    const prefix = this.#prefix('head');
    let left = limit;
    for (const { key, erasure } of this.#headsBehind(limit)) {
      if (erasure.phase !== 'done' || erasure.atMs >= atMs) continue;
      const request = key.subarray(prefix.length);
      const under = rangeUnder(Buffer.concat([this.#prefix('subject'), request]));
      const subjects = [...this.#erase.getRange({ ...under, limit: left })];
      for (const subject of subjects.map((it) => Buffer.from(it.key))) this.#erase.remove(subject);
      if (subjects.length === left) return;
      left -= subjects.length;
      this.#erase.remove(key);
    }
  }

  /** Around the end to the beginning, so that each of them is behind some other one. */
  #headsBehind(limit: number): StoredHead[] {
    const all = rangeUnder(this.#prefix('head'));
    const own = this.#key('head');
    const behind = this.#readHeads({ ...all, start: own, exclusiveStart: true, limit });
    const left = limit - behind.length;
    return left === 0 ? behind : [...behind, ...this.#readHeads({ ...all, end: own, limit: left })];
  }

  #readHeads(range: RangeRequest): StoredHead[] {
    return [...this.#erase.getRange(range)].map(({ key, value }) => ({
      key: Buffer.from(key),
      erasure: unpackErasure(Buffer.from(value).toString()),
    }));
  }

  #under(kind: keyof typeof kinds, limit: number): Buffer[] {
    const range = { ...rangeUnder(this.#key(kind)), limit };
    return [...this.#erase.getRange(range)].map(({ key }) => Buffer.from(key));
  }

  #prefix(kind: keyof typeof kinds): Buffer {
    return Buffer.from([this.#organizationId >>> 8, this.#organizationId, kinds[kind]]);
  }

  #key(kind: keyof typeof kinds, rest: Uint8Array = new Uint8Array(0)): Buffer {
    return Buffer.concat([this.#prefix(kind), this.#request, rest]);
  }
}
