/** Functions of texts whose time is linear in the length of the texts, whatever they contain. */

/** Up to so many comparisons, the engine's own search is quicker, even in its worst case. */
const fewComparisons = 200_000;

/** Characters of the beginning and the end of a long text that are searched for first. */
const probeLength = 16;

/** Places that are tried before each character is compared: up to 5 us each. */
const maxTries = 16;

/** Counts work; see `maxRuleWork`. */
export interface Worker {
  spend(work: number): void;
}

/** Whether a text contains another one. */
export function containsText(text: string, part: string, worker: Worker): boolean {
  worker.spend((text.length + part.length) >> 2);
  // The engine's search takes time in proportion to the product of the lengths: 0.7 s for 64 KiB.
  if (text.length * part.length <= fewComparisons) return text.includes(part);
  if (part.length > text.length) return false;
  worker.spend((text.length + part.length) >> 1);
  if (!text.includes(part.slice(-probeLength))) return false;
  const beginning = part.slice(0, probeLength);
  let at = text.indexOf(beginning);
  for (let tries = 0; tries < maxTries; tries += 1) {
    if (at === -1 || at + part.length > text.length) return false;
    if (text.startsWith(part, at)) return true;
    at = text.indexOf(beginning, at + 1);
  }
  if (at === -1) return false;
  worker.spend((text.length + part.length) * 2);
  return hasMatch(text.slice(at), part);
}

/** The algorithm of Knuth, Morris and Pratt. */
function hasMatch(text: string, part: string): boolean {
  const borders = bordersOf(part);
  let matched = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== unit) {
      matched = borders[matched - 1] as number;
    }
    if (part.charCodeAt(matched) === unit) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
}

/** For each beginning of the text, from length 1: the longest proper end that also begins it. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  let length = 0;
  for (let at = 1; at < part.length; at += 1) {
    const unit = part.charCodeAt(at);
    while (length > 0 && part.charCodeAt(length) !== unit) length = borders[length - 1] as number;
    if (part.charCodeAt(length) === unit) length += 1;
    borders[at] = length;
  }
  return borders;
}

/** Characters, which are one or two UTF-16 units each. */
export function countCharacters(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1) {
    if (isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) count -= 1;
  }
  return count;
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

/** The text with the letters A to Z in lower case. */
export function lowerAscii(text: string): string {
  return withCase(text, 65, 32);
}

/** The text with the letters a to z in upper case. */
export function upperAscii(text: string): string {
  return withCase(text, 97, -32);
}

function withCase(text: string, first: number, change: number): string {
  const bytes = Buffer.from(text, 'utf16le');
  for (let at = 0; at < bytes.length; at += 2) {
    const low = bytes[at] as number;
    if (low >= first && low < first + 26 && bytes[at + 1] === 0) bytes[at] = low + change;
  }
  return bytes.toString('utf16le');
}
