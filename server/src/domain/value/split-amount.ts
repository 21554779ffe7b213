/**
 * Takes an amount of money apart: its mark, its sign and its digits. What the digits say is left to
 * `number-value.ts`, what a mark means to `currency-mark.ts`.
 */
import { isCurrencyCode } from './currency-code.ts';
import { currenciesOf, isKnownMark, maxMarkLength } from './currency-mark.ts';

/** An amount of money, taken apart. */
export interface Amount {
  /** Digits with their separators, without a sign and with ordinary blanks. Not checked. */
  readonly digits: string;
  readonly isNegative: boolean;
  /** As written; the code where a sign and a code are written. `undefined`: none is written. */
  readonly mark: string | undefined;
}

const currencySign = /^\p{Sc}$/u;
const anyLetter = /^\p{L}$/u;
const letters = /^[A-Za-z.]+$/;
/** A dash in place of the cents, as in `5,- €` and `CHF 5.-`: none, and no minus. */
const noCents = /([0-9][.,])(?:--|[-\u2212\u2013\u2014])(?![0-9])/;
/** They stand around marks in Arabic and Hebrew texts, and show nothing. */
const directionMarks = /[\u200e\u200f\u061c]/g;

/**
 * Takes an amount apart: a mark before or behind the number, or a sign and its code (`$5 USD`); at
 * most one of a plus, a minus (before or behind the mark or the number), and brackets, which stand
 * for a minus (`($5)`, `$(5)`).
 * @returns `undefined` for what is no amount, as `EUR-0042` and `$5 EUR`; the digits may still be
 *   no number
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
 * One of none or of several marks; of a sign and a code that belong together the code. `null`: they
 * do not.
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
 * Whether letters and digits number an order or a part: with zeros in front (`EUR 0042`), or joined
 * by a dash (`EUR-42`) unless decimals show an amount, as some locales write it (`CHF-5.00`).
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
  /** A minus joins a mark and a digit, without blanks. */
  readonly isJoined: boolean;
}

/** One end of a text. */
interface End {
  readonly bracket: string;
  readonly signs: string;
  edge(text: string, length: number): string;
  without(text: string, length: number): string;
  trim(text: string): string;
  /** The character of a token that is nearest to the number. */
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
    // A dash behind a number and a blank belongs to no amount.
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

/** Whether letters go on at the inner side of a mark of letters, as in `LHR`. */
function isPartOfWord(text: string, token: string, end: End): boolean {
  const next = end.edge(end.without(text, token.length), 1);
  return anyLetter.test(end.inner(token)) && anyLetter.test(next);
}

/**
 * With ordinary blanks in place of those that do not break a line, and nothing in place of missing
 * cents.
 */
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
