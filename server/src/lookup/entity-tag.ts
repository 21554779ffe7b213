/**
 * Strong entity tags (RFC 9110, section 8.8.3): XXH64 of a body's bytes. SHA-256 would be slower
 * and is not needed: a tag is no secret, and two bodies of a contact have the same tag once in
 * 10^19.
 */
import xxhash from 'xxhash-wasm';

/**
 * The 64 bits of a tag as two whole numbers. Most answers write its digits and never need its text.
 */
export interface EntityTag {
  readonly high: number;
  readonly low: number;
}

/** The tag of an answer for which none was asked. */
export const untagged: EntityTag = { high: 0, low: 0 };

/** Makes the tag of a body. */
export type EntityTagger = (body: Uint8Array) => EntityTag;

export async function loadEntityTag(): Promise<EntityTagger> {
  const { h64Raw } = await xxhash();
  const bits = new BigUint64Array(1);
  const halves = new DataView(bits.buffer);
  return (body) => {
    bits[0] = h64Raw(body);
    return { high: halves.getUint32(4, true), low: halves.getUint32(0, true) };
  };
}

/** Characters of `tagText`. */
export const tagLength = 18;

/** The tag as the header `ETag` has it. */
export function tagText({ high, low }: EntityTag): string {
  return `"${hexText(high)}${hexText(low)}"`;
}

function hexText(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/**
 * Writes `tagText`.
 * @returns the end offset
 */
export function writeTag({ high, low }: EntityTag, into: DataView, at: number): number {
  into.setUint8(at, quote);
  writeHex(high, into, at + 1);
  writeHex(low, into, at + 9);
  into.setUint8(at + 17, quote);
  return at + tagLength;
}

const quote = 34;

function writeHex(word: number, into: DataView, at: number): void {
  into.setUint16(at, digitPairs[word >>> 24] as number);
  into.setUint16(at + 2, digitPairs[(word >>> 16) & 255] as number);
  into.setUint16(at + 4, digitPairs[(word >>> 8) & 255] as number);
  into.setUint16(at + 6, digitPairs[word & 255] as number);
}

/** The two digits of each byte, as they are written: the first one is the higher byte. */
const digitPairs = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16BE(),
);
