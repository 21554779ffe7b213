/**
 * Encodes a batch of changes for another process of this machine. Little endian, lengths in bytes:
 * u8 version 2, u8 0, u16 count; for each change u8 kind, u8 count of cleared types, u16 count of
 * identities, u32 length of the section, the cleared types (u16 each), the identities (each: u16
 * type, u16 length of the value, u16 length of the digest, the digest, the value in UTF-8), the
 * section. Sections are checked when they are applied.
 */
import { UsherError } from '../domain/errors.ts';
import { maxRowsPerBatch } from '../domain/limits.ts';
import { changeKinds } from './change-kind.ts';
import type { ContactChange } from './contact-change.ts';
import { readUint16, readUint32 } from './contact-codec.ts';
import type { KnownIdentity } from './identity-key.ts';
import { maxBatchBytes } from './limits.ts';

/** Offsets in the head of a batch, of a change, and of an identity. */
export const encodedHead = { version: 2, countAt: 2, length: 4 } as const;
export const changeHead = { identityCountAt: 2, sectionLengthAt: 4, length: 8 } as const;
export const identityHead = { valueLengthAt: 2, digestLengthAt: 4, length: 6 } as const;

const { version, countAt, length: headLength } = encodedHead;
const changeHeadLength = changeHead.length;
const identityHeadLength = identityHead.length;
const maxClearedTypes = 255;
const maxDigestLength = 255;

/** Changes to apply: as they are, or as `encodeChangeBatch` writes them. */
export type ChangesToApply = readonly ContactChange[] | EncodedChanges;

/** Changes that were encoded where they were made: another process gets these bytes as they are. */
export class EncodedChanges {
  readonly bytes: Buffer;
  #reader: ChangeReader | undefined;
  /** The place of the change that the reader reads next. */
  #next = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.readUInt16LE(countAt);
  }

  /** All changes, decoded anew each time. They are views of the bytes, like the one of `at`. */
  get changes(): readonly ContactChange[] {
    return decodeChangeBatch(this.bytes);
  }

  /**
   * Decodes one change. Read them in their order: then each is read once, and none is kept, which
   * saves the garbage collector more work than decoding takes.
   */
  at(place: number): ContactChange | undefined {
    if (place >= this.length) return undefined;
    if (this.#reader === undefined || place < this.#next) {
      this.#reader = new ChangeReader(this.bytes);
      this.#next = 0;
    }
    let change: ContactChange | undefined;
    while (this.#next <= place) {
      change = this.#reader.next();
      this.#next += 1;
    }
    return change;
  }
}

export function changesOf(changes: ChangesToApply): readonly ContactChange[] {
  return changes instanceof EncodedChanges ? changes.changes : changes;
}

export function encodedBytes(changes: ChangesToApply): Buffer {
  return changes instanceof EncodedChanges ? changes.bytes : encodeChangeBatch(changes);
}

/** Throws `batch_too_large` over `maxRowsPerBatch` changes or `maxBatchBytes` bytes. */
export function requireBatchSize(given: ChangesToApply): void {
  // Sections are no longer than what holds them.
  const isEncoded = given instanceof EncodedChanges;
  if (isEncoded && given.length <= maxRowsPerBatch && given.bytes.length <= maxBatchBytes) return;
  const changes = changesOf(given);
  const bytes = changes.reduce((sum, { section }) => sum + section.length, 0);
  if (changes.length <= maxRowsPerBatch && bytes <= maxBatchBytes) return;
  throw new UsherError(
    'batch_too_large',
    `A batch holds at most ${maxRowsPerBatch} changes and ${maxBatchBytes} bytes; this one has ${changes.length} and ${bytes}.`,
    { members: { max: maxRowsPerBatch } },
  );
}

export function encodeChangeBatch(changes: readonly ContactChange[]): Buffer {
  requireBatchSize(changes);
  const room = changes.reduce((sum, it) => sum + roomOf(it), 0);
  const bytes = Buffer.allocUnsafe(headLength + room);
  bytes.writeUInt16LE(version, 0);
  bytes.writeUInt16LE(changes.length, 2);
  let end: number = headLength;
  for (const { kind, identities, section, cleared = [] } of changes) {
    if (cleared.length > maxClearedTypes) throw malformed();
    bytes[end] = changeKinds.indexOf(kind);
    bytes[end + 1] = cleared.length;
    bytes.writeUInt16LE(identities.length, end + 2);
    bytes.writeUInt32LE(section.length, end + 4);
    end += changeHeadLength;
    for (const typeId of cleared) end = bytes.writeUInt16LE(typeId, end);
    for (const identity of identities) end = writeIdentity(bytes, end, identity);
    bytes.set(section, end);
    end += section.length;
  }
  return bytes.subarray(0, end);
}

function roomOf({ identities, section, cleared = [] }: ContactChange): number {
  // A UTF-16 unit is at most 3 bytes of UTF-8.
  return identities.reduce(
    (sum, { digest, value }) => sum + identityHeadLength + digest.length + value.length * 3,
    changeHeadLength + section.length + cleared.length * 2,
  );
}

function writeIdentity(
  bytes: Buffer,
  at: number,
  { typeId, digest, value }: KnownIdentity,
): number {
  const valueStart = at + identityHeadLength + digest.length;
  const valueLength = value === '' ? 0 : bytes.write(value, valueStart);
  // An identity that is too long for this format is too long for every store.
  if (digest.length > maxDigestLength || valueLength > 65_535 || typeId > 65_535) throw malformed();
  bytes.writeUInt16LE(typeId, at);
  bytes.writeUInt16LE(valueLength, at + 2);
  bytes.writeUInt16LE(digest.length, at + 4);
  bytes.set(digest, at + identityHeadLength);
  return valueStart + valueLength;
}

/** The changes; sections and digests are views of `bytes`. Throws `request_malformed`. */
export function decodeChangeBatch(bytes: Buffer): ContactChange[] {
  const reader = new ChangeReader(bytes);
  const changes: ContactChange[] = [];
  while (changes.length < reader.count) changes.push(reader.next());
  if (!reader.isAtEnd) throw malformed();
  return changes;
}

class ChangeReader {
  readonly count: number;
  readonly #bytes: Buffer;
  #at: number = headLength;

  /** Throws `request_malformed`. */
  constructor(bytes: Buffer) {
    if (bytes.length < headLength || readUint16(bytes, 0) !== version) throw malformed();
    this.#bytes = bytes;
    this.count = readUint16(bytes, countAt);
    if (this.count > maxRowsPerBatch) throw malformed();
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Throws `request_malformed`. */
  next(): ContactChange {
    const bytes = this.#bytes;
    const at = this.#at;
    requireRoom(bytes, at, changeHeadLength);
    const kind = changeKinds[bytes[at] as number];
    const clearedCount = bytes[at + 1] as number;
    if (kind === undefined) throw malformed();
    const identityCount = readUint16(bytes, at + 2);
    const sectionLength = readUint32(bytes, at + 4);
    const clearedEnd = at + changeHeadLength + clearedCount * 2;
    requireRoom(bytes, at, clearedEnd - at);
    this.#at = clearedEnd;
    const identities: KnownIdentity[] = [];
    for (let one = 0; one < identityCount; one += 1) identities.push(this.#nextIdentity());
    const sectionStart = this.#at;
    requireRoom(bytes, sectionStart, sectionLength);
    this.#at = sectionStart + sectionLength;
    const section = bytes.subarray(sectionStart, this.#at);
    return clearedCount === 0
      ? { kind, identities, section }
      : { kind, identities, section, cleared: clearedTypes(bytes, clearedEnd, clearedCount) };
  }

  #nextIdentity(): KnownIdentity {
    const bytes = this.#bytes;
    const at = this.#at;
    requireRoom(bytes, at, identityHeadLength);
    const valueLength = readUint16(bytes, at + 2);
    const digestStart = at + identityHeadLength;
    const valueStart = digestStart + readUint16(bytes, at + 4);
    requireRoom(bytes, valueStart, valueLength);
    this.#at = valueStart + valueLength;
    return {
      typeId: readUint16(bytes, at),
      digest: bytes.subarray(digestStart, valueStart),
      value: bytes.toString('utf8', valueStart, this.#at),
    };
  }
}

function clearedTypes(bytes: Buffer, end: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => readUint16(bytes, end - (count - index) * 2));
}

function requireRoom(bytes: Buffer, at: number, length: number): void {
  if (at + length > bytes.length) throw malformed();
}

function malformed(): UsherError {
  return new UsherError('request_malformed', 'The batch of changes is malformed.');
}
