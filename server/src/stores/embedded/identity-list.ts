/**
 * A contact's identities, in the order in which they became known. Little endian: u8 version 1, u8
 * 0, u16 count; for each identity u16 type, u16 length of the value in bytes, 16 bytes of digest,
 * the value in UTF-8.
 */
import { UsherError } from '../../domain/errors.ts';
import type { ByteScratch } from '../byte-scratch.ts';
import type { KnownIdentity } from '../store.ts';

const version = 1;
const headLength = 4;
const entryHeadLength = 20;

/** Writes at the scratch's start, and returns the length. */
export function packIdentities(into: ByteScratch, identities: readonly KnownIdentity[]): number {
  // A UTF-16 unit is at most 3 bytes of UTF-8.
  const room = identities.reduce(
    (sum, { value }) => sum + entryHeadLength + value.length * 3,
    headLength,
  );
  const bytes = into.reserve(room);
  bytes[0] = version;
  bytes[1] = 0;
  bytes.writeUInt16LE(identities.length, 2);
  let end = headLength;
  for (const { typeId, digest, value } of identities) {
    const valueLength = value === '' ? 0 : bytes.write(value, end + entryHeadLength);
    bytes.writeUInt16LE(typeId, end);
    bytes.writeUInt16LE(valueLength, end + 2);
    bytes.set(digest, end + 4);
    end += entryHeadLength + valueLength;
  }
  return end;
}

/** Returns a copy; throws `store_unavailable` for damaged bytes, and never reads past `length`. */
export function unpackIdentities(packed: Uint8Array, length: number): KnownIdentity[] {
  const bytes = Buffer.from(Uint8Array.prototype.slice.call(packed, 0, length));
  const isList = length >= headLength && bytes[0] === version;
  const count = isList ? bytes.readUInt16LE(2) : -1;
  const identities: KnownIdentity[] = [];
  let end = headLength;
  while (identities.length < count && end + entryHeadLength <= length) {
    const valueStart = end + entryHeadLength;
    const valueEnd = valueStart + bytes.readUInt16LE(end + 2);
    if (valueEnd > length) break;
    identities.push({
      typeId: bytes.readUInt16LE(end),
      digest: bytes.subarray(end + 4, valueStart),
      value: bytes.toString('utf8', valueStart, valueEnd),
    });
    end = valueEnd;
  }
  if (identities.length === count && end === length) return identities;
  throw new UsherError(
    'store_unavailable',
    "The store holds a damaged list of identities. Run 'usher doctor'.",
  );
}
