/**
 * Parses field values, by field type: text (or a JSON value) from a source to the raw JSON that
 * records hold. Imports use the same rules in SQL, generated from `sync/stage/row-sql.ts`; a
 * property test compares the two. Reasons never repeat the value.
 */
import type { FieldType } from '../contact/field.ts';
import {
  maxMarksInRow,
  maxPlainLength,
  maxSetElements,
  maxStringLength,
  maxTextBytes,
} from '../limits.ts';
import { type DateOptions, parseDateValue } from './date-value.ts';
import { type ExactOptions, lossReason } from './exact-value.ts';
import {
  type NumberOptions,
  type ParsedValue,
  parseBigIntegerValue,
  parseCurrencyValue,
  parseFloatValue,
  parseIntegerValue,
  parseRateValue,
} from './number-value.ts';

export type { ParsedValue } from './number-value.ts';

/** How a column writes its values. */
export interface ValueOptions extends NumberOptions, DateOptions, ExactOptions {
  /** Separates the elements of a set. By default the whole text is one element. */
  readonly separator?: string;
}

/** Texts that other tools write for "no value". They do not apply to the types string and text. */
export const emptyMarkers = [
  ...['NULL', 'null', '\\N', 'N/A', 'n/a', '#N/A'],
  ...['NA', 'NaN', 'nan', 'None', 'none', '-'],
];

export const trueWords = ['true', 't', 'yes', 'y', '1', 'on'];
export const falseWords = ['false', 'f', 'no', 'n', '0', 'off'];

const booleanWords = new Map([
  ...trueWords.map((word) => [word, 'true'] as const),
  ...falseWords.map((word) => [word, 'false'] as const),
]);

const emptyTexts: ReadonlySet<string> = new Set(emptyMarkers);

/** Whether the value means "none", which clears the field: null, blank, or a marker like `NULL`. */
export function isEmptyValue(type: FieldType, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'string') return false;
  const text = value.trim();
  if (text === '') return true;
  if (type === 'set') return text === '[]' || emptyTexts.has(text);
  return type !== 'string' && type !== 'text' && emptyTexts.has(text);
}

/**
 * The longest trimmed text that each type parses, so that the work is bounded. NFC composes at most
 * four UTF-16 units into one character, or into three bytes. An escape in a JSON list has six
 * characters for two bytes.
 */
function longestText(type: FieldType): number {
  if (type === 'string') return maxStringLength * 4;
  if (type === 'text') return maxTextBytes * 2;
  return type === 'set' ? maxTextBytes * 4 : maxPlainLength;
}

/**
 * Parses a value that is not empty (`isEmptyValue`). A text that is too long is refused unparsed.
 */
export function parseFieldValue(
  type: FieldType,
  value: unknown,
  options: ValueOptions,
): ParsedValue {
  if (type === 'set') return parseSetValue(value, options.separator);
  const text = scalarText(value)?.trim();
  if (text === undefined) return { reason: 'is a list or an object, not one value' };
  if (text.length > longestText(type)) return tooLong(type);
  if (!text.isWellFormed()) return { reason: 'is not valid Unicode text' };
  const parsed = parsers[type](text, options);
  if ('reason' in parsed) return parsed;
  const reason = lossReason(type, { text, json: parsed.json }, options);
  return reason === undefined ? parsed : { reason };
}

function tooLong(type: FieldType): { readonly reason: string } {
  if (type === 'text' || type === 'set') return { reason: `is longer than ${maxTextBytes} bytes` };
  if (type !== 'string') return { reason: `is longer than ${maxPlainLength} characters` };
  return { reason: `is longer than ${maxStringLength} characters; the type text holds it` };
}

const parsers: Readonly<
  Record<Exclude<FieldType, 'set'>, (text: string, options: ValueOptions) => ParsedValue>
> = {
  boolean: parseBooleanValue,
  currency: parseCurrencyValue,
  float: parseFloatValue,
  integer: (text, options) => parseIntegerValue(text, options, -Number.MAX_SAFE_INTEGER),
  'positive integer': (text, options) => parseIntegerValue(text, options, 0),
  'big integer': parseBigIntegerValue,
  rate: parseRateValue,
  string: parseStringValue,
  text: parseTextValue,
  date: parseDateValue,
};

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  return undefined;
}

function parseBooleanValue(text: string): ParsedValue {
  const json = booleanWords.get(text.toLowerCase());
  return json === undefined
    ? { reason: 'is not one of true, false, yes, no, t, f, y, n, 1, 0, on, off' }
    : { json };
}

function parseStringValue(text: string): ParsedValue {
  const composed = compose(text);
  if (composed === undefined) return tooManyMarks;
  // Code points matter only if the UTF-16 units are too many.
  if (composed.length > maxStringLength && [...composed].length > maxStringLength) {
    return tooLong('string');
  }
  return { json: JSON.stringify(composed) };
}

function parseTextValue(text: string): ParsedValue {
  const composed = compose(text);
  return composed === undefined ? tooManyMarks : bounded(JSON.stringify(composed));
}

const tooManyMarks = { reason: `has more than ${maxMarksInRow} combining marks in a row` } as const;

/** The text in NFC; `undefined` if that would take quadratic time. */
function compose(text: string): string | undefined {
  if (text.length > maxMarksInRow) {
    for (const [marks] of text.matchAll(/\p{M}+/gu)) {
      if (marks.length > maxMarksInRow) return undefined;
    }
  }
  return text.normalize('NFC');
}

function parseSetValue(value: unknown, separator: string | undefined): ParsedValue {
  const list = Array.isArray(value) ? value : undefined;
  const text = list === undefined ? scalarText(value)?.trim() : undefined;
  if (text !== undefined && text.length > longestText('set')) return tooLong('set');
  const elements = list ?? splitSet(text, separator);
  if (elements === undefined) return { reason: 'is not a list' };
  const distinct = new Set<string>();
  for (const element of elements) {
    // Databases and programs pad lists with null.
    if (element === null) continue;
    const trimmed = scalarText(element)?.trim();
    if (trimmed === undefined)
      return { reason: 'is a list with elements that are lists or objects' };
    if (trimmed.length > longestText('text')) return tooLong('set');
    if (!trimmed.isWellFormed()) return { reason: 'is not valid Unicode text' };
    const composed = compose(trimmed);
    if (composed === undefined) return tooManyMarks;
    if (composed !== '') distinct.add(composed);
    if (distinct.size > maxSetElements) {
      return { reason: `has more than ${maxSetElements} elements` };
    }
  }
  return bounded(JSON.stringify([...distinct]));
}

function splitSet(
  text: string | undefined,
  separator: string | undefined,
): readonly unknown[] | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('[')) {
    const list = parseJsonList(text);
    if (list !== undefined) return list;
  }
  return separator === undefined ? [text] : text.split(separator);
}

function parseJsonList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the text of a number that has more digits than a double. */
function keepDigits(_: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  const written = { text: source, json: String(value) };
  return lossReason('float', written, { exact: true }) === undefined ? value : source;
}

function bounded(json: string): ParsedValue {
  if (json.length * 3 > maxTextBytes && Buffer.byteLength(json) > maxTextBytes) {
    return { reason: `is longer than ${maxTextBytes} bytes` };
  }
  return { json };
}
