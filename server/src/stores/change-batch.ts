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
import { maxBatchBytes } from './limits.ts';
import type { ContactChange, KnownIdentity } from './store.ts';

const version = 2;
const maxClearedTypes = 255;
const headLength = 4;
const changeHeadLength = 8;
const identityHeadLength = 6;
const maxDigestLength = 255;

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
  const bytes = Buffer.allocUnsafe(changes.reduce((sum, it) => sum + roomOf(it), headLength));
  bytes.writeUInt16LE(version, 0);
  bytes.writeUInt16LE(changes.length, 2);
  let end = headLength;
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
  if (bytes.length < headLength || bytes.readUInt16LE(0) !== version) throw malformed();
  const count = bytes.readUInt16LE(2);
  if (count > maxRowsPerBatch) throw malformed();
  const changes: ContactChange[] = [];
  let at = headLength;
  for (let place = 0; place < count; place += 1) {
    requireRoom(bytes, at, changeHeadLength);
    const kind = changeKinds[bytes.readUInt8(at)];
    const clearedCount = bytes.readUInt8(at + 1);
    if (kind === undefined) throw malformed();
    const identityCount = bytes.readUInt16LE(at + 2);
    const sectionLength = bytes.readUInt32LE(at + 4);
    const clearedEnd = at + changeHeadLength + clearedCount * 2;
    requireRoom(bytes, at, clearedEnd - at);
    const cleared = Array.from({ length: clearedCount }, (_, index) =>
      bytes.readUInt16LE(at + changeHeadLength + index * 2),
    );
    const { identities, end } = readIdentities(bytes, clearedEnd, identityCount);
    requireRoom(bytes, end, sectionLength);
    at = end + sectionLength;
    const change = { kind, identities, section: bytes.subarray(end, at) };
    changes.push(clearedCount === 0 ? change : { ...change, cleared });
  }
  if (at !== bytes.length) throw malformed();
  return changes;
}

function readIdentities(
  bytes: Buffer,
  start: number,
  count: number,
): { identities: KnownIdentity[]; end: number } {
  const identities: KnownIdentity[] = [];
  let at = start;
  for (let place = 0; place < count; place += 1) {
    requireRoom(bytes, at, identityHeadLength);
    const typeId = bytes.readUInt16LE(at);
    const valueLength = bytes.readUInt16LE(at + 2);
    const digestStart = at + identityHeadLength;
    const valueStart = digestStart + bytes.readUInt16LE(at + 4);
    requireRoom(bytes, valueStart, valueLength);
    at = valueStart + valueLength;
    identities.push({
      typeId,
      digest: bytes.subarray(digestStart, valueStart),
      value: bytes.toString('utf8', valueStart, at),
    });
  }
  return { identities, end: at };
}

function requireRoom(bytes: Buffer, at: number, length: number): void {
  if (at + length > bytes.length) throw malformed();
}

function malformed(): UsherError {
  return new UsherError('request_malformed', 'The batch of changes is malformed.');
}
