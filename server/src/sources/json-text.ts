/**
 * JSON whose numbers keep every digit that was written, places in it by JSON Pointer (RFC 6901),
 * and the texts of an array's elements.
 */
import { countMembers, measureJson } from '../domain/value/measure-json.ts';

interface SourceContext {
  readonly source?: string;
}

/** JavaScript has these (ES2026); its declarations do not yet. */
const exactJson = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: SourceContext) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/** `undefined`: the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * `undefined`: the text is no JSON. Numbers that would lose digits become raw JSON, which
 * `JSON.stringify` writes as it was.
 */
export function parseExactJson(text: string): unknown {
  return parseWith(text, (source) => exactJson.rawJSON(source));
}

/**
 * The same text, with numbers that would lose digits as texts: what reads it next may hold numbers
 * as doubles.
 * @param text one that can be parsed
 */
export function withExactNumbers(text: string): string {
  let isChanged = false;
  const value = parseWith(text, (source) => {
    isChanged = true;
    return source;
  });
  return isChanged ? JSON.stringify(value) : text;
}

/** Whether a double has other digits than a number of the text. */
export function losesDigits(text: string): boolean {
  return withExactNumbers(text) !== text;
}

/** Whether an object in it has two members of one name, of which a parser keeps one. */
export function repeatsMembers(text: string, value: unknown): boolean {
  return measureJson(text).members !== countMembers(value);
}

function parseWith(text: string, inexact: (source: string) => unknown): unknown {
  try {
    return exactJson.parse(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined && !isExact(value, source)
        ? inexact(source)
        : value,
    );
  } catch {
    return undefined;
  }
}

function isExact(value: number, source: string): boolean {
  const written = String(value);
  return written === source || digitsOf(written) === digitsOf(source);
}

/** Those that count: `1.50` and `15e-1` have the same. */
function digitsOf(source: string): string {
  const [mantissa = ''] = source.split(/e/i);
  const digits = mantissa.replace(/[-.]/g, '');
  let [start, end] = [0, digits.length];
  while (start < end && digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return digits.slice(start, end);
}

/** What is at a pointer ('' is the whole); `undefined` where there is nothing. */
export function valueAt(page: unknown, pointer: string): unknown {
  if (pointer === '') return page;
  let value = page;
  for (const name of namesOf(pointer)) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function namesOf(pointer: string): string[] {
  const parts = pointer === '' ? [] : pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The elements of the array at a pointer, each as it is written, on one line.
 * @param text one that can be parsed, with an array there
 */
export function elementTexts(text: string, pointer: string): string[] {
  let place = skipBlanks(text, 0);
  for (const name of namesOf(pointer)) place = placeOfMember(text, place, name);
  return [...partsOf(text, place)].map(([start, end]) =>
    text.slice(start, end).replaceAll(/[\r\n]+/g, ' '),
  );
}

/** Where the value of a member begins; the last of that name, or an element by its number. */
function placeOfMember(text: string, start: number, name: string): number {
  const isObject = text[start] === '{';
  let [found, number] = [start, 0];
  for (const [from] of partsOf(text, start)) {
    const end = isObject ? endOfValue(text, from) : from;
    const own = isObject ? JSON.parse(text.slice(from, end)) : String(number);
    if (own === name) found = isObject ? skipBlanks(text, text.indexOf(':', end) + 1) : from;
    number += 1;
  }
  return found;
}

/** From and to where each element of an array stands, or each member of an object. */
function* partsOf(text: string, start: number): Generator<[start: number, end: number]> {
  let place = skipBlanks(text, start + 1);
  while (text[place] !== ']' && text[place] !== '}') {
    const from = place;
    place = endOfValue(text, place);
    let next = skipBlanks(text, place);
    if (text[next] === ':') {
      place = endOfValue(text, skipBlanks(text, next + 1));
      next = skipBlanks(text, place);
    }
    yield [from, place];
    place = text[next] === ',' ? skipBlanks(text, next + 1) : next;
  }
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let place = start; place < text.length; place += 1) {
    const letter = text[place];
    if (letter === '"') place = endOfString(text, place);
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    else if (depth > 0 || !isEnd(text[place + 1])) continue;
    if (depth === 0) return place + 1;
  }
  return text.length;
}

/** Where its closing quote is. */
function endOfString(text: string, start: number): number {
  let place = start + 1;
  while (text[place] !== '"') place += text[place] === '\\' ? 2 : 1;
  return place;
}

/** Whether a number or a word ends in front of the letter. */
function isEnd(letter: string | undefined): boolean {
  return letter === undefined || ',]}: \t\r\n'.includes(letter);
}

function skipBlanks(text: string, start: number): number {
  let place = start;
  while (place < text.length && ' \t\r\n'.includes(text[place] ?? '')) place += 1;
  return place;
}
