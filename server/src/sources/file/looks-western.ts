/**
 * Whether bytes that are no UTF-8 read as text of a western European language in Windows-1252.
 * Almost any bytes can be read so; but those of other encodings put signs inside words, capitals
 * behind small letters, and letters with marks in rows, which these languages do not.
 */
import { isAscii } from 'node:buffer';

/** Bytes that Windows-1252 leaves undefined. */
const undefinedBytes = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Letters between 0x80 and 0xbf: Š Œ Ž š œ ž Ÿ ª µ º. */
const lowLetters = new Set([0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f, 0xaa, 0xb5, 0xba]);
const highCapitals = new Set([0x8a, 0x8c, 0x8e, 0x9f]);

/**
 * Signs that stand between letters, or beside each other: … ’ • – — no-break space, soft hyphen, ´
 * ·.
 */
const joiningSigns = new Set([0x85, 0x92, 0x95, 0x96, 0x97, 0xa0, 0xad, 0xb4, 0xb7]);

/** Signs that follow no letter or sign beyond ASCII: ^ ` { ~. */
const strangeFollowers = new Set([0x5e, 0x60, 0x7b, 0x7e]);

/**
 * Of all bytes above ASCII this share may be where western text has none: names of other languages,
 * a slip.
 */
const maxOddShare = 0.25;

/**
 * Letters beside each other that are all beyond ASCII: `é` comes twice in `créée`, `ä` three times
 * in `jäääär`.
 */
const longRun = 4;

/** Somebody tries them all in a row. */
const umlauts = new Set(Buffer.from('ÄÖÜäöüß', 'latin1'));

/** Bytes kept to be tried in other encodings. */
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

/** Of bytes above ASCII beside each other, how many are odd. */
function oddInRun(bytes: Buffer, start: number, end: number): number {
  const counted = bytes
    .subarray(start, end)
    .filter((byte, place) => !isJoining(byte, place > 0 && place < end - start - 1));
  if (counted.length >= longRun && !counted.every((byte) => umlauts.has(byte))) return end - start;
  let odd = 0;
  for (let place = start; place < end; place += 1) {
    const [before = 0, byte = 0, behind = 0] = [bytes[place - 1], bytes[place], bytes[place + 1]];
    if (strangeFollowers.has(behind)) odd += 1;
    else if (!joiningSigns.has(byte) && isOdd(before, byte, behind)) odd += 1;
  }
  return odd;
}

/**
 * @param isInside whether it stands between others above ASCII, where an accent or a dot is half of
 *   a letter
 */
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

/**
 * Whether all of the bytes can be read in the encoding; a letter may be cut in two at their end.
 */
function isWhole(bytes: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
