/**
 * Splits an amount of money into its mark, sign and digits. `number-value.ts` reads the digits,
 * `currency-mark.ts` knows the marks.
 */
import { isCurrencyCode } from './currency-code.ts';
import { currenciesOf, isKnownMark, maxMarkLength } from './currency-mark.ts';

export interface Amount {
  /** Digits and separators, with ordinary spaces and without a sign. Not checked. */
  readonly digits: string;
  readonly isNegative: boolean;
  /**
   * The mark as written; the code if the text has both a currency sign and its code. `undefined`:
   * no mark.
   */
  readonly mark: string | undefined;
}

const currencySign = /^\p{Sc}$/u;
const anyLetter = /^\p{L}$/u;
const letters = /^[A-Za-z.]+$/;
/** A dash for the cents, as in `5,- €` and `CHF 5.-`. */
const noCents = /([0-9][.,])(?:--|[-\u2212\u2013\u2014])(?![0-9])/;
/** Invisible marks around currency marks in Arabic and Hebrew texts. */
const directionMarks = /[\u200e\u200f\u061c]/g;

/**
 * Splits an amount. A mark may be before or after the number. A currency sign and its code may be
 * there together (`$5 USD`). At most one of these may be there: a plus, a minus (before or after
 * the mark or the number), or brackets for a minus (`($5)`, `$(5)`).
 * @returns `undefined` if the text is not an amount, like `EUR-0042` or `$5 EUR`. The digits are
 *   not checked.
 */
export function splitAmount(text: string): Amount | undefined {
  const front = peel(plainText(text), fromFront);
  const back = peel(front.rest, fromBack);
  const tokens = [...front.tokens, ...back.tokens];
  const mark = oneMark(tokens.filter((token) => !isSign(token) && !isBracket(token)));
  if (mark === null) return undefined;
  const signs = tokens.filter(isSign);
  const isBracketed = front.tokens.includes('(');
  if (isBracketed !== back.tokens.includes(')')) return undefined;
  if (signs.length + (isBracketed ? 1 : 0) > 1 || tokens.filter(isBracket).length > 2) {
    return undefined;
  }
  if (mark !== undefined && isNumbering(mark, [front, back])) return undefined;
  return { digits: back.rest, isNegative: isBracketed || signs.some((sign) => sign !== '+'), mark };
}

/**
 * The mark, if there is one; if the marks are a currency sign and its code, the code. `null`: the
 * marks do not fit together.
 */
function oneMark(marks: readonly string[]): string | undefined | null {
  const [first, second] = marks;
  if (second === undefined) return first;
  const code = [first, second].find((mark) => mark !== undefined && isCurrencyCode(mark));
  const sign = code === first ? second : first;
  const fits = marks.length === 2 && code !== undefined && sign !== undefined && sign !== code;
  return fits && currenciesOf(sign).includes(code) ? code : null;
}

/**
 * Whether a mark and digits are the number of an order or a part: with leading zeros (`EUR 0042`),
 * or joined by a dash (`EUR-42`). With a dash and decimals, the text is an amount, as some locales
 * write it (`CHF-5.00`).
 */
function isNumbering(mark: string, [front, back]: readonly [Peeled, Peeled]): boolean {
  if (!letters.test(mark)) return false;
  const digits = back.rest;
  if (/^0[0-9]/.test(digits)) return true;
  const isJoined = front.isJoined || back.isJoined;
  return isJoined && !/[.,][0-9]{1,3}$/.test(digits);
}

interface Peeled {
  /** From the outside in. */
  readonly tokens: readonly string[];
  readonly rest: string;
  /** A minus joins a mark and a digit, without spaces. */
  readonly isJoined: boolean;
}

interface End {
  readonly bracket: string;
  readonly signs: string;
  edge(text: string, length: number): string;
  without(text: string, length: number): string;
  trim(text: string): string;
  /** The character of a token that is next to the number. */
  inner(token: string): string;
}

const fromFront: End = {
  bracket: '(',
  signs: '+-−',
  edge: (text, length) => text.slice(0, length),
  without: (text, length) => text.slice(length),
  trim: (text) => text.trimStart(),
  inner: (token) => token.slice(-1),
};

const fromBack: End = {
  bracket: ')',
  signs: '-−',
  edge: (text, length) => text.slice(text.length - length),
  without: (text, length) => text.slice(0, text.length - length),
  trim: (text) => text.trimEnd(),
  inner: (token) => token.slice(0, 1),
};

/** A sign, a bracket and two marks. */
const maxTokens = 4;

function peel(text: string, end: End): Peeled {
  const tokens: string[] = [];
  let isJoined = false;
  let rest = text;
  while (tokens.length < maxTokens) {
    const near = end.trim(rest);
    const token = tokenAt(near, end);
    if (token === undefined) return { tokens, rest: near, isJoined };
    const bare = end.without(near, token.length);
    const isTouching = end.trim(bare) === bare;
    // A dash after a number and a space is not part of an amount.
    if (end === fromBack && isSign(token) && !isTouching) return { tokens, rest: near, isJoined };
    isJoined = isSign(token) && tokens.length > 0 && near === rest && isTouching;
    tokens.push(token);
    rest = bare;
  }
  return { tokens, rest: end.trim(rest), isJoined };
}

function tokenAt(text: string, end: End): string | undefined {
  if (text === '') return undefined;
  const one = end.edge(text, 1);
  if (one === end.bracket || end.signs.includes(one)) return one;
  for (let length = Math.min(maxMarkLength, text.length); length > 0; length -= 1) {
    const token = end.edge(text, length);
    if (isKnownMark(token) && !isPartOfWord(text, token, end)) return token;
  }
  return currencySign.test(one) ? one : undefined;
}

/** Whether a mark of letters is part of a longer word, as in `LHR`. */
function isPartOfWord(text: string, token: string, end: End): boolean {
  const next = end.edge(end.without(text, token.length), 1);
  return anyLetter.test(end.inner(token)) && anyLetter.test(next);
}

/** With ordinary spaces, and without a dash for the cents. */
function plainText(text: string): string {
  const bare = text.replace(directionMarks, '').replace(/[\u00a0\u202f\u2009]/g, ' ');
  return bare.replace(noCents, '$1');
}

function isSign(token: string): boolean {
  return token === '-' || token === '+' || token === '−';
}

function isBracket(token: string): boolean {
  return token === '(' || token === ')';
}
