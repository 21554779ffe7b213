/**
 * The slot of a unit: the first eight hexadecimal digits of the MD5 of `<unit>:<salt>`, modulo
 * 10,000. Any database can compute the same. MD5 protects nothing here: slots are no secret. The
 * reasons are in `docs/decisions/0017-slots-are-computed-with-md5.md`.
 */
import { maxSaltLength } from '../limits.ts';
import { addMd5Block, beginMd5, firstMd5Word, md5Start } from './md5-block.ts';
import { slotCount } from './slots.ts';

/** A contact id, or the digest of an identity, in lower-case hexadecimal. */
export interface SlotUnit {
  /** Its characters, four in each word, little endian. */
  readonly words: Int32Array;
  /** A block that begins with these words; `slotOf` writes the rest. */
  readonly message: Int32Array;
  /** What all hashes of the unit begin with. */
  readonly begun: Int32Array;
}

/** What makes the slots of two flows independent. */
export interface SlotSalt {
  /** The characters of `:<salt>` and the bit after them, as in `SlotUnit`. */
  readonly words: Int32Array;
  /** The length of `:<salt>`. */
  readonly bytes: number;
  /** What follows the id of a contact in a block; `null`: the message takes more than a block. */
  readonly afterId: Int32Array | null;
  /** The same after a digest. */
  readonly afterDigest: Int32Array | null;
}

const saltForm = /^[A-Za-z0-9._-]+$/;

/** Whether a text has 1 to 64 letters of ASCII, digits, dots, hyphens and underscores. */
export function isSalt(text: string): boolean {
  return text.length <= maxSaltLength && saltForm.test(text);
}

const unitForm = /^[0-9a-f-]*$/;

/**
 * @param text a contact id of 36 characters, or the 32 hexadecimal digits of an identity's digest
 */
export function slotUnit(text: string): SlotUnit {
  if ((text.length !== 36 && text.length !== 32) || !unitForm.test(text)) {
    throw new Error('A unit is a contact id of 36 characters, or a digest of 32.');
  }
  const unit = newUnit(text.length / 4);
  unit.words.set(wordsOf(text));
  beginMd5(unit.begun, unit.words);
  return unit;
}

/**
 * The unit of a contact: its id, the 16 bytes from `start` on. The same as `slotUnit` of its text.
 * @param unit the unit to change and return; by default a new one
 */
export function contactSlotUnit(
  bytes: Uint8Array,
  start = 0,
  unit: SlotUnit = newContactUnit(),
): SlotUnit {
  const { words, begun } = unit;
  const pair = (at: number) => hexPairs[bytes[start + at] as number] as number;
  words[0] = pair(0) | (pair(1) << 16);
  words[1] = pair(2) | (pair(3) << 16);
  words[2] = hyphen | (pair(4) << 8) | (pair(5) << 24);
  words[3] = (pair(5) >> 8) | (hyphen << 8) | (pair(6) << 16);
  words[4] = pair(7) | (hyphen << 16) | (pair(8) << 24);
  words[5] = (pair(8) >> 8) | (pair(9) << 8) | (hyphen << 24);
  words[6] = pair(10) | (pair(11) << 16);
  words[7] = pair(12) | (pair(13) << 16);
  words[8] = pair(14) | (pair(15) << 16);
  beginMd5(begun, words);
  return unit;
}

/** Memory for `contactSlotUnit`. */
export function newContactUnit(): SlotUnit {
  return newUnit(idWords);
}

function newUnit(wordCount: number): SlotUnit {
  const message = new Int32Array(blockWords);
  return { message, words: message.subarray(0, wordCount), begun: new Int32Array(4) };
}

const idWords = 36 / 4;
const digestWords = 32 / 4;

const hyphen = 45;

/** The two hexadecimal digits of each byte, the first one in the lower eight bits. */
const hexPairs = Uint16Array.from({ length: 256 }, (_, byte) => {
  const digits = byte.toString(16).padStart(2, '0');
  return digits.charCodeAt(0) | (digits.charCodeAt(1) << 8);
});

export function slotSalt(salt: string): SlotSalt {
  if (!isSalt(salt)) throw new Error(`"${salt}" cannot be a salt.`);
  const words = wordsOf(`:${salt}\x80`);
  const bytes = salt.length + 1;
  return {
    ...{ words, bytes },
    afterId: restOfBlock(words, bytes, idWords),
    afterDigest: restOfBlock(words, bytes, digestWords),
  };
}

/** The words of a salt, zeros and the length of the message: what fills a block after the unit. */
function restOfBlock(words: Int32Array, bytes: number, unitWords: number): Int32Array | null {
  const rest = new Int32Array(blockWords - unitWords);
  // The length takes two words.
  if (words.length > rest.length - 2) return null;
  rest.set(words);
  rest[rest.length - 2] = (unitWords * 4 + bytes) * 8;
  return rest;
}

const blockWords = 16;

function wordsOf(text: string): Int32Array {
  const words = new Int32Array(Math.ceil(text.length / 4));
  for (let place = 0; place < text.length; place += 1) {
    words[place >> 2] = (words[place >> 2] ?? 0) | (text.charCodeAt(place) << ((place & 3) * 8));
  }
  return words;
}

/** Room for a unit, a long salt, the bit after them and the length. */
const longMessage = new Int32Array(3 * blockWords);
const state = new Int32Array(4);

/** A number from 0 to 9,999. */
export function slotOf(unit: SlotUnit, salt: SlotSalt): number {
  const { words, message, begun } = unit;
  const rest = words.length === idWords ? salt.afterId : salt.afterDigest;
  if (rest === null) return slotOfLong(unit, salt);
  // A loop: `set` costs more for so few words.
  for (let place = 0; place < rest.length; place += 1) {
    message[words.length + place] = rest[place] as number;
  }
  return firstDigits(firstMd5Word(begun, message)) % slotCount;
}

/** For a message of several blocks. */
function slotOfLong(unit: SlotUnit, salt: SlotSalt): number {
  const bytes = unit.words.length * 4 + salt.bytes;
  const end = ((bytes + 8) >> 6) * blockWords + blockWords;
  longMessage.fill(0);
  longMessage.set(unit.words);
  longMessage.set(salt.words, unit.words.length);
  longMessage[end - 2] = bytes * 8;
  state.set(md5Start);
  for (let start = 0; start < end; start += blockWords) addMd5Block(state, longMessage, start);
  return firstDigits(state[0] ?? 0) % slotCount;
}

/** MD5 is written with the lowest byte of each word first. */
function firstDigits(lowFirst: number): number {
  const [one, two] = [lowFirst & 0xff, (lowFirst >>> 8) & 0xff];
  const [three, four] = [(lowFirst >>> 16) & 0xff, lowFirst >>> 24];
  return one * 0x1000000 + (two << 16) + (three << 8) + four;
}
