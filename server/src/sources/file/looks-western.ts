/**
 * Tells Windows-1252 text in a western European language from other encodings. Almost any bytes are
 * valid Windows-1252. But text in another encoding, read as Windows-1252, has signs inside words,
 * capitals after small letters and many accented letters in a row, which these languages do not
 * have.
 */
import { isAscii } from 'node:buffer';

/** Bytes that Windows-1252 leaves undefined. */
const undefinedBytes = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Letters between 0x80 and 0xbf: Š Œ Ž š œ ž Ÿ ª µ º. */
const lowLetters = new Set([0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f, 0xaa, 0xb5, 0xba]);
const highCapitals = new Set([0x8a, 0x8c, 0x8e, 0x9f]);

/** Signs that may stand between letters: … ’ • – — no-break space, soft hyphen, ´ ·. */
const joiningSigns = new Set([0x85, 0x92, 0x95, 0x96, 0x97, 0xa0, 0xad, 0xb4, 0xb7]);

/**
 * Signs that, in western text, never come directly after a letter or a sign above ASCII: ^ ` { ~.
 */
const strangeFollowers = new Set([0x5e, 0x60, 0x7b, 0x7e]);

/** The share of bytes above ASCII that may be odd: foreign names, typing errors. */
const maxOddShare = 0.25;

/** This many accented letters in a row are odd, except umlauts: `créée` has two. */
const longRun = 4;

/** Umlauts may stand in a row: people type all of them to test an encoding. */
const umlauts = new Set(Buffer.from('ÄÖÜäöüß', 'latin1'));

/** Bytes that are tried in other encodings. */
const triedBytes = 1_048_576;

const others = ['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'];

export async function looksWestern(pieces: AsyncIterable<Buffer>): Promise<boolean> {
  let [high, odd] = [0, 0];
  let tried = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (isAscii(piece)) continue;
    const counts = countOdd(piece);
    if (counts.hasUndefined) return false;
    high += counts.high;
    odd += counts.odd;
    if (tried.length === 0) tried = Buffer.from(piece.subarray(0, triedBytes));
  }
  if (odd > high * maxOddShare) return false;
  return odd === 0 || !others.some((encoding) => isWhole(tried, encoding));
}

interface OddCounts {
  readonly high: number;
  readonly odd: number;
  readonly hasUndefined: boolean;
}

function countOdd(bytes: Buffer): OddCounts {
  let [high, odd] = [0, 0];
  for (let start = 0; start < bytes.length; start += 1) {
    if ((bytes[start] ?? 0) < 0x80) continue;
    let end = start + 1;
    while ((bytes[end] ?? 0) >= 0x80) end += 1;
    const run = bytes.subarray(start, end);
    if (run.some((byte) => undefinedBytes.has(byte))) return { high, odd, hasUndefined: true };
    high += run.length;
    odd += oddInRun(bytes, start, end);
    start = end;
  }
  return { high, odd, hasUndefined: false };
}

/** Counts the odd bytes in a run of bytes above ASCII. */
function oddInRun(bytes: Buffer, start: number, end: number): number {
  const counted = bytes
    .subarray(start, end)
    .filter((byte, index) => !isJoining(byte, index > 0 && index < end - start - 1));
  if (counted.length >= longRun && !counted.every((byte) => umlauts.has(byte))) return end - start;
  let odd = 0;
  for (let index = start; index < end; index += 1) {
    const [before = 0, byte = 0, behind = 0] = [bytes[index - 1], bytes[index], bytes[index + 1]];
    if (strangeFollowers.has(behind)) odd += 1;
    else if (!joiningSigns.has(byte) && isOdd(before, byte, behind)) odd += 1;
  }
  return odd;
}

/** @param isInside between two bytes above ASCII, where ´ and · are half of a multi-byte letter */
function isJoining(byte: number, isInside: boolean): boolean {
  return joiningSigns.has(byte) && !(isInside && (byte === 0xb4 || byte === 0xb7));
}

function isOdd(before: number, byte: number, behind: number): boolean {
  if (isLetter(byte)) return isCapital(byte) && isSmall(before);
  return isLetter(before) && isLetter(behind);
}

function isLetter(byte: number): boolean {
  const folded = byte | 0x20;
  if (byte < 0x80) return folded >= 0x61 && folded <= 0x7a;
  return lowLetters.has(byte) || (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7);
}

function isCapital(byte: number): boolean {
  return highCapitals.has(byte) || (byte >= 0xc0 && byte <= 0xde && byte !== 0xd7);
}

function isSmall(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0xdf && byte !== 0xf7);
}

/** Whether the bytes are valid in the encoding. The last letter may be cut. */
function isWhole(bytes: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
