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
  #decoded: readonly ContactChange[] | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.readUInt16LE(countAt);
  }

  /** Views of the bytes, like those of `decodeChangeBatch`. */
  get changes(): readonly ContactChange[] {
    this.#decoded ??= decodeChangeBatch(this.bytes);
    return this.#decoded;
  }
}

export function changesOf(changes: ChangesToApply): readonly ContactChange[] {
  return changes instanceof EncodedChanges ? changes.changes : changes;
}

export function encodedBytes(changes: ChangesToApply): Buffer {
  return changes instanceof EncodedChanges ? changes.bytes : encodeChangeBatch(changes);
}

/** Throws `batch_too_large` over `maxRowsPerBatch` changes or `maxBatchBytes` bytes. */
export function requireBatchSize(changes: readonly ContactChange[]): void {
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
  if (bytes.length < headLength || readUint16(bytes, 0) !== version) throw malformed();
  const count = readUint16(bytes, countAt);
  if (count > maxRowsPerBatch) throw malformed();
  const changes: ContactChange[] = [];
  let at: number = headLength;
  for (let place = 0; place < count; place += 1) {
    requireRoom(bytes, at, changeHeadLength);
    const kind = changeKinds[bytes[at] as number];
    const clearedCount = bytes[at + 1] as number;
    if (kind === undefined) throw malformed();
    const identityCount = readUint16(bytes, at + 2);
    const sectionLength = readUint32(bytes, at + 4);
    const clearedEnd = at + changeHeadLength + clearedCount * 2;
    requireRoom(bytes, at, clearedEnd - at);
    const identities: KnownIdentity[] = [];
    let end = clearedEnd;
    for (let one = 0; one < identityCount; one += 1) {
      requireRoom(bytes, end, identityHeadLength);
      const valueLength = readUint16(bytes, end + 2);
      const digestStart = end + identityHeadLength;
      const valueStart = digestStart + readUint16(bytes, end + 4);
      requireRoom(bytes, valueStart, valueLength);
      identities.push({
        typeId: readUint16(bytes, end),
        digest: bytes.subarray(digestStart, valueStart),
        value: bytes.toString('utf8', valueStart, valueStart + valueLength),
      });
      end = valueStart + valueLength;
    }
    requireRoom(bytes, end, sectionLength);
    const section = bytes.subarray(end, end + sectionLength);
    changes.push(
      clearedCount === 0
        ? { kind, identities, section }
        : { kind, identities, section, cleared: clearedTypes(bytes, clearedEnd, clearedCount) },
    );
    at = end + sectionLength;
  }
  if (at !== bytes.length) throw malformed();
  return changes;
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
