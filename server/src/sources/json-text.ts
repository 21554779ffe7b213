/** JSON as text: numbers keep all their digits, and JSON Pointers (RFC 6901) find values. */
import { pointerSteps } from '../domain/json-pointer.ts';
import { countMembers, measureJson } from '../domain/value/measure-json.ts';

interface SourceContext {
  readonly source?: string;
}

/** ES2026 has these; TypeScript does not declare them yet. */
const exactJson = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: SourceContext) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/** Returns `undefined` for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns `undefined` for text that is not JSON. A number that would lose digits becomes raw JSON,
 * which `JSON.stringify` writes as it was.
 */
export function parseExactJson(text: string): unknown {
  return parseWith(text, (source) => exactJson.rawJSON(source));
}

/**
 * Turns numbers that would lose digits into strings, for readers that use doubles.
 * @param text valid JSON
 */
export function withExactNumbers(text: string): string {
  let isChanged = false;
  const value = parseWith(text, (source) => {
    isChanged = true;
    return source;
  });
  return isChanged ? JSON.stringify(value) : text;
}

/** Whether a number in the text has digits that a double does not keep. */
export function losesDigits(text: string): boolean {
  return withExactNumbers(text) !== text;
}

/** Whether an object in the text has the same member twice. A parser keeps one of them. */
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

/** The significant digits: `1.50` and `15e-1` have the same. */
function digitsOf(source: string): string {
  const [mantissa = ''] = source.split(/e/i);
  const digits = mantissa.replace(/[-.]/g, '');
  let [start, end] = [0, digits.length];
  while (start < end && digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return digits.slice(start, end);
}

/** The value at a JSON Pointer ('' is the whole value); `undefined` when there is none. */
export function valueAt(page: unknown, pointer: string): unknown {
  if (pointer === '') return page;
  let value = page;
  for (const name of pointerSteps(pointer)) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/**
 * The text of each element of the array at the pointer, on one line.
 * @param text valid JSON with an array there
 */
export function elementTexts(text: string, pointer: string): string[] {
  let offset = skipBlanks(text, 0);
  for (const name of pointerSteps(pointer)) offset = offsetOfMember(text, offset, name);
  return [...partsOf(text, offset)].map(([start, end]) =>
    text.slice(start, end).replaceAll(/[\r\n]+/g, ' '),
  );
}

/** The offset of a member's value (the last one of that name), or of an array's element. */
function offsetOfMember(text: string, start: number, name: string): number {
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

/** The offsets of each element of an array, or of each member of an object. */
function* partsOf(text: string, start: number): Generator<[start: number, end: number]> {
  let offset = skipBlanks(text, start + 1);
  while (text[offset] !== ']' && text[offset] !== '}') {
    const from = offset;
    offset = endOfValue(text, offset);
    let next = skipBlanks(text, offset);
    if (text[next] === ':') {
      offset = endOfValue(text, skipBlanks(text, next + 1));
      next = skipBlanks(text, offset);
    }
    yield [from, offset];
    offset = text[next] === ',' ? skipBlanks(text, next + 1) : next;
  }
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let offset = start; offset < text.length; offset += 1) {
    const letter = text[offset];
    if (letter === '"') offset = endOfString(text, offset);
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    else if (depth > 0 || !isEnd(text[offset + 1])) continue;
    if (depth === 0) return offset + 1;
  }
  return text.length;
}

/** The offset of the closing quote. */
function endOfString(text: string, start: number): number {
  let offset = start + 1;
  while (text[offset] !== '"') offset += text[offset] === '\\' ? 2 : 1;
  return offset;
}

/** Whether a number or a literal ends before this letter. */
function isEnd(letter: string | undefined): boolean {
  return letter === undefined || ',]}: \t\r\n'.includes(letter);
}

function skipBlanks(text: string, start: number): number {
  let offset = start;
  while (offset < text.length && ' \t\r\n'.includes(text[offset] ?? '')) offset += 1;
  return offset;
}
