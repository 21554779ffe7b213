/** Reads many contacts in one read transaction. `stores/contact-walk.ts` says which. */
import { recordVersion } from '../../contact-codec.ts';
import {
  type ContactWalk,
  type DigestRange,
  digestSpace,
  type IdRange,
  type WalkedContacts,
} from '../../contact-walk.ts';
import { maxBytesPerWalk, maxContactsPerWalk } from '../../limits.ts';
import { countDatasetSections, isContact, winnerIdOf } from '../../read-record.ts';
import type { IdentityKey, Kept, KnownIdentity, LentContact } from '../../store.ts';
import type { Environment } from '../environment.ts';
import { type KeyedDatabase, organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { unreadableRecord } from '../read-failures.ts';
import { unpackIdentities } from './contact-list.ts';

type Read<Result> = (contact: LentContact) => Result;

export function walkContacts<Result extends Kept>(
  environment: Environment,
  walk: ContactWalk,
  read: Read<Result>,
): WalkedContacts<Result> {
  const { range } = walk;
  if (range.by === 'id') return walkById(environment, { ...walk, range }, read);
  return { results: walkByDigest(environment, { ...walk, range }, read), next: null };
}

function walkById<Result extends Kept>(
  environment: Environment,
  { organizationId, parts, range, isOver }: ContactWalk & { readonly range: IdRange },
  read: Read<Result>,
): WalkedContacts<Result> {
  const prefix = organizationPrefix(organizationId);
  const limit = Math.min(range.limit, maxContactsPerWalk);
  const start = Buffer.concat([prefix, Buffer.from(range.after ?? '', 'hex')]);
  const keys = { ...rangeUnder(prefix), start, exclusiveStart: range.after !== null, limit };
  const results: Result[] = [];
  let count = 0;
  let bytes = 0;
  let last: Uint8Array | undefined;
  let isCut = false;
  for (const { key, value } of environment.rec.getRange(keys)) {
    count += 1;
    bytes += value.length;
    last = key;
    const isOne = isContact(checked(value));
    const contact = isOne ? contactOf(environment, { key, record: value, parts }) : undefined;
    if (contact !== undefined) results.push(read(contact));
    isCut = bytes >= maxBytesPerWalk || isOver?.() === true;
    if (isCut) break;
  }
  const isEnd = count < limit && !isCut;
  const next = isEnd || last === undefined ? null : hexOf(last.subarray(prefix.length));
  return { results, next };
}

function walkByDigest<Result extends Kept>(
  environment: Environment,
  { organizationId, parts, range, isOver }: ContactWalk & { readonly range: DigestRange },
  read: Read<Result>,
): Result[] {
  const results: Result[] = [];
  let skipped = 0;
  for (const typeId of range.typeIds) {
    const place = [organizationId >>> 8, organizationId, typeId >>> 8, typeId];
    // The digest 2^48 would need a seventh byte: the range then ends with the type.
    const end = range.to >= digestSpace ? {} : { end: keyAt(place, range.to) };
    const keys = { ...rangeUnder(Uint8Array.from(place)), start: keyAt(place, range.from), ...end };
    const entries = environment.id.getRange({ ...keys, limit: maxContactsPerWalk });
    for (const { key, value } of entries) {
      const identity = { typeId, digest: key.subarray(4) };
      const contact = contactOfFirst(environment, { organizationId, identity, id: value });
      if (contact === undefined) continue;
      const lent = contactOf(environment, { ...contact, parts });
      if (lent === undefined) continue;
      skipped += 1;
      if (skipped <= (range.skip ?? 0)) continue;
      results.push(read({ ...lent, identities: contact.identities }));
      if (isOver?.() === true) return results;
    }
  }
  return results;
}

function keyAt(place: readonly number[], digest: number): Uint8Array {
  const key = Buffer.from([...place, 0, 0, 0, 0, 0, 0]);
  key.writeUIntBE(digest, place.length, 6);
  return key;
}

interface FoundRecord {
  readonly key: Uint8Array;
  readonly record: Uint8Array;
}

/** The contact that an identity leads to, if it is the first identity of that contact. */
function contactOfFirst(
  environment: Environment,
  asked: {
    readonly organizationId: number;
    readonly identity: IdentityKey;
    readonly id: Uint8Array;
  },
): (FoundRecord & { readonly identities: readonly KnownIdentity[] }) | undefined {
  const prefix = organizationPrefix(asked.organizationId);
  let key: Uint8Array = Buffer.concat([prefix, asked.id.subarray(0, 16)]);
  let record = copyOf(environment.rec, key);
  const winner = record && winnerIdOf(record);
  if (winner !== undefined) {
    key = Buffer.concat([prefix, winner]);
    record = copyOf(environment.rec, key);
  }
  if (record === undefined || !isContact(record)) return undefined;
  const packed = copyOf(environment.ids, key);
  const identities = packed === undefined ? [] : unpackIdentities(packed, packed.length);
  const [first] = identities;
  const { typeId, digest } = asked.identity;
  const isFirst = first?.typeId === typeId && Buffer.compare(first.digest, digest) === 0;
  return isFirst ? { key, record, identities } : undefined;
}

/** `undefined`: nothing is known about the contact. */
function contactOf(
  { mem, ids }: Environment,
  found: FoundRecord & { readonly parts: ContactWalk['parts'] },
): LentContact | undefined {
  const { key, record, parts } = found;
  const lent = { bytes: bufferOf(record), length: record.length };
  const isEmpty = countDatasetSections(lent) === 0;
  const packed = parts.memberships || isEmpty ? copyOf(mem, key) : undefined;
  if (isEmpty && packed === undefined) return undefined;
  const list = parts.identities ? copyOf(ids, key) : undefined;
  return {
    record: lent,
    memberships: packed && { bytes: packed, length: packed.length },
    identities: list === undefined ? [] : unpackIdentities(list, list.length),
  };
}

function copyOf(database: KeyedDatabase, key: Uint8Array): Buffer | undefined {
  const lent = database.getBinaryFast(key);
  return lent && Buffer.from(lent.subarray(0, database.lastSize));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function checked(record: Uint8Array): Uint8Array {
  if (record[0] !== recordVersion) throw unreadableRecord(record[0]);
  return record;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
