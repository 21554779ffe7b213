/**
 * Tells a column's type from texts in it: from its first rows, then again with what does not fit
 * further down (`tellAgain`). Numbers and dates have files of their own.
 */
import type { FieldType } from '../../domain/contact/field.ts';
import { maxStringLength } from '../../domain/limits.ts';
import {
  emptyMarkers,
  falseWords,
  isEmptyValue,
  trueWords,
} from '../../domain/value/field-value.ts';
import { type ColumnFormat, type InferOptions, plainTolerance, reads } from './column-format.ts';
import { isCodeName } from './column-name.ts';
import { inferCurrency } from './infer-currency.ts';
import { inferDate, localeDateOrder, tellDeclaredDate } from './infer-date.ts';
import { inferNumber, inferRate, mayRead, tellDeclaredNumber } from './infer-number.ts';

const markers: ReadonlySet<string> = new Set(emptyMarkers);

/** @param texts of the column, the empty ones included */
export function inferColumnFormat(
  column: string,
  texts: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const present = texts.map((text) => text.trim()).filter((text) => text !== '');
  const values = present.filter((text) => !markers.has(text));
  const { timeZone } = options;
  if (values.length === 0) {
    return { type: 'string', options: { timeZone }, tolerance: 0, note: 'no values to tell from' };
  }
  const form = inferBoolean(values, timeZone) ?? inferDate(values, options);
  if (form !== undefined) return form;
  if (isCodeName(column)) return textFormat(present, timeZone);
  return (
    inferRate(values, options) ??
    inferCurrency(values, options) ??
    inferNumber(values, options) ??
    inferSet(column, values, timeZone) ??
    textFormat(present, timeZone)
  );
}

/** How values of a declared type are written, as far as they tell. */
export function tellDeclared(
  type: FieldType,
  texts: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const { timeZone } = options;
  const values = texts.map((text) => text.trim()).filter((text) => !isEmptyValue(type, text));
  if (type === 'date') return tellDeclaredDate(values, options);
  if (decimalTypes.has(type)) return tellDeclaredNumber(type, values, options);
  const separator =
    type === 'set'
      ? ['|', ';', ','].find((one) => values.some((value) => value.includes(one)))
      : undefined;
  return {
    type,
    options: separator === undefined ? { timeZone } : { timeZone, separator },
    tolerance: 1,
  };
}

/** A column some of whose values do not fit the format that it was told to have. */
export interface MisfitColumn {
  readonly column: string;
  readonly format: ColumnFormat;
  /** What the format was told from. */
  readonly texts: readonly string[];
  /** Some of those that do not fit. */
  readonly misfits: readonly string[];
  /** Theirs of all values of the column. */
  readonly share: number;
}

export interface ToldAgain {
  /** The same object where the format stays, and its misfits are to be rejected. */
  readonly format: ColumnFormat;
  /** What it was told from. */
  readonly texts: readonly string[];
}

/**
 * Values that the type could read in another form (other separators, zeros in front, more digits)
 * are never lost: the column is told again with them, and is text where no type keeps all. Other
 * values may be rejected if they are few.
 */
export function tellAgain(seen: MisfitColumn, options: InferOptions): ToldAgain {
  const { column, format, misfits, share } = seen;
  const { timeZone } = options;
  const telling = misfits.filter((text) => mayBeOther(format.type, text, timeZone));
  const others = share * (1 - telling.length / misfits.length);
  const texts = telling.length === 0 ? seen.texts : [...seen.texts, ...telling];
  const asText = { format: textFormat([...texts, ...misfits], timeZone), texts };
  if (others > format.tolerance) return asText;
  if (telling.length === 0) return { format, texts };
  const told = inferColumnFormat(column, texts, options);
  if (familyOf(told.type) !== familyOf(format.type)) {
    const isTold = told.type === 'string' && told.note !== undefined;
    return isTold ? { format: { ...asText.format, note: told.note }, texts } : asText;
  }
  return isSame(told, format) ? { format, texts } : { format: told, texts };
}

/** Closes what was open while the first import read on: the locale says what no value said. */
export function settleFormat(format: ColumnFormat, locale: string): ColumnFormat {
  const { undecided, ...options } = format.options;
  const isOpenDate =
    format.type === 'date' && format.tolerance === 1 && options.dateOrder === undefined;
  if (isOpenDate) return { ...format, options: { ...options, dateOrder: localeDateOrder(locale) } };
  return undecided === undefined ? format : { ...format, options };
}

function isSame(one: ColumnFormat, other: ColumnFormat): boolean {
  return one.type === other.type && JSON.stringify(one.options) === JSON.stringify(other.options);
}

const decimalTypes: ReadonlySet<FieldType> = new Set([
  ...(['integer', 'positive integer', 'float', 'rate', 'currency'] as const),
]);

function familyOf(type: FieldType): string {
  return decimalTypes.has(type) || type === 'big integer' ? 'number' : type;
}

/** Whether a value that does not fit is one of the type's kind all the same. */
function mayBeOther(type: FieldType, text: string, timeZone: string): boolean {
  if (type === 'date') {
    return (['day-first', 'month-first'] as const).some((dateOrder) =>
      reads('date', text, { timeZone, dateOrder }),
    );
  }
  if (familyOf(type) !== 'number') return false;
  return mayRead('float', text, timeZone) || mayRead(type, text, timeZone);
}

/**
 * Words, not digits: a column of 0 and 1 may be a count. Words of one or two letters are initials,
 * countries and provinces, too (NO, ON), unless their counterpart is there.
 */
function inferBoolean(values: readonly string[], timeZone: string): ColumnFormat | undefined {
  const words = new Set(values.map((value) => value.toLowerCase()));
  const isTold = [...words].every((word) => {
    const counterpart = counterparts.get(word);
    if (counterpart === undefined) return false;
    return word.length > 2 || words.has(counterpart) || /^[01]$/.test(word);
  });
  if (!isTold || ![...words].some((word) => /^[a-z]/.test(word))) return undefined;
  return { type: 'boolean', options: { timeZone }, tolerance: plainTolerance };
}

const counterparts: ReadonlyMap<string, string> = new Map(
  trueWords.flatMap((word, place) => {
    const opposite = falseWords[place] ?? '';
    return [
      [word, opposite],
      [opposite, word],
    ] as const;
  }),
);

/** Lists: JSON arrays, or short words with one separator in at least half of the values. */
function inferSet(
  column: string,
  values: readonly string[],
  timeZone: string,
): ColumnFormat | undefined {
  if (values.every((value) => value.startsWith('[') && value.endsWith(']'))) {
    const format: ColumnFormat = { type: 'set', options: { timeZone }, tolerance: plainTolerance };
    const lists = values.filter((value) => isJsonList(value));
    if (lists.length === values.length) return { ...format, note: 'JSON lists' };
  }
  // `Smith,John` is one name, and `1,5` one number.
  if (/name$/i.test(column) || values.some((value) => isSeparatedNumber(value, timeZone))) {
    return undefined;
  }
  for (const separator of ['|', ';', ',']) {
    const several = values.filter((value) => value.includes(separator));
    if (several.length * 2 < values.length) continue;
    const element = separator === ',' ? /^[\w-]{1,40}$/ : /^[^.!?]{1,60}$/;
    const isList = values.every((value) =>
      value.split(separator).every((part) => element.test(part)),
    );
    if (!isList) continue;
    const format: ColumnFormat = {
      type: 'set',
      options: { timeZone, separator },
      tolerance: plainTolerance,
      note: `separated by ${separator}`,
    };
    return format;
  }
  return undefined;
}

function isSeparatedNumber(value: string, timeZone: string): boolean {
  return /[0-9],[0-9]/.test(value) && mayRead('float', value, timeZone);
}

function isJsonList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

function textFormat(values: readonly string[], timeZone: string): ColumnFormat {
  // Half of the bound: a longer one than any seen is likely to come.
  const isLong = values.some((value) => value.length > maxStringLength / 2);
  return { type: isLong ? 'text' : 'string', options: { timeZone }, tolerance: 0 };
}
