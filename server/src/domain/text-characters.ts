/** Characters of texts that people write: how many there are, and which ones are refused. */

/** Whether a text has 1 to `max` characters. A character of two UTF-16 units counts once. */
export function hasLength(text: string, max: number): boolean {
  return text.length >= 1 && (text.length <= max || isShort(text, max));
}

function isShort(text: string, max: number): boolean {
  return text.length <= max * 2 && [...text].length <= max;
}

export const plainTextForm = (max: number) =>
  `1 to ${max} characters, without control and invisible characters, and without spaces at the start or end`;

/** A text of one line that shows what it is, such as the name of a person. */
export function isPlainText(text: string, max: number): boolean {
  return (
    hasLength(text, max) &&
    text.trim() === text &&
    !/\p{Cc}/u.test(text) &&
    !invisible.test(text) &&
    hiddenCharacter(text) === undefined
  );
}

/** What can be made of this text as `isPlainText`; `undefined`: nothing. */
export function plainText(text: string, max: number): string | undefined {
  const kept = [...text].filter((sign) => sign === ' ' || isPlainText(sign, 1));
  const plain = kept.slice(0, max).join('').trim();
  return plain === '' ? undefined : plain;
}

/** Format characters but those that join letters and emoji, lone surrogates, and blank letters. */
const invisible =
  /[^\P{Cf}\u200c\u200d]|\p{Cs}|\u034f|\u115f|\u1160|\u17b4|\u17b5|[\u180b-\u180f]|[\u2800\u3164\uffa0]|^(?:\u200c|\u200d|\s)*$/u;

export interface FoundCharacter {
  /** An offset in UTF-16 units. */
  readonly at: number;
  /** `The character U+FEFF (a byte order mark) is not allowed.` */
  readonly words: string;
}

/** Control characters but tabs and line ends, line separators, and what turns the direction. */
const hidden = /[^\P{Cc}\t\n\r]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** The first character that changes how a terminal or a page shows the text, or hides in it. */
export function hiddenCharacter(text: string): FoundCharacter | undefined {
  const at = text.search(hidden);
  return at === -1 ? undefined : foundCharacter(text, at);
}

/** Spaces other than the usual one, and characters without a width. */
const oddSpace = /^[\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000]$/;

export function isOddSpace(sign: string): boolean {
  return oddSpace.test(sign);
}

export function foundCharacter(text: string, at: number): FoundCharacter {
  const code = text.charCodeAt(at);
  const number = code.toString(16).toUpperCase().padStart(4, '0');
  return { at, words: `The character U+${number} (${nameOf(code)}) is not allowed.` };
}

const names: ReadonlyMap<number, string> = new Map([
  [0x1b, 'escape'],
  [0xa0, 'a no-break space'],
  [0x200b, 'a zero width space'],
  [0x2028, 'a line separator'],
  [0x2029, 'a paragraph separator'],
  [0x202f, 'a narrow no-break space'],
  [0x3000, 'an ideographic space'],
  [0xfeff, 'a byte order mark'],
]);

function nameOf(code: number): string {
  const known = names.get(code);
  if (known !== undefined) return known;
  if (code < 0xa0) return 'a control character';
  if (isOddSpace(String.fromCharCode(code))) return 'an unusual space';
  return 'a sign that changes the direction of text';
}
