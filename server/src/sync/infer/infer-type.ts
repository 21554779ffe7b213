/**
 * Infers a column's type from its first values, and again with later values that do not fit
 * (`inferAgain`). Numbers and dates have files of their own.
 */
import { type FieldType, hasDecimals, isNumeric } from '../../domain/contact/field.ts';
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
import { inferDate, inferDeclaredDate, localeDateOrder } from './infer-date.ts';
import { inferDeclaredNumber, inferNumber, inferRate, mayRead } from './infer-number.ts';

const markers: ReadonlySet<string> = new Set(emptyMarkers);

/** @param texts the column's values, including empty ones */
export function inferColumnFormat(
  column: string,
  texts: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const present = texts.map((text) => text.trim()).filter((text) => text !== '');
  const values = present.filter((text) => !markers.has(text));
  const { timeZone } = options;
  if (values.length === 0) {
    return {
      type: 'string',
      options: { timeZone },
      tolerance: 0,
      note: 'no values that show a type',
    };
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

/** The options of a declared type, as far as the values show them. */
export function inferDeclared(
  type: FieldType,
  texts: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const { timeZone } = options;
  const values = texts.map((text) => text.trim()).filter((text) => !isEmptyValue(type, text));
  if (type === 'date') return inferDeclaredDate(values, options);
  if (hasDecimals(type)) return inferDeclaredNumber(type, values, options);
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

/** A column with values that do not fit its inferred format. */
export interface MisfitColumn {
  readonly column: string;
  readonly format: ColumnFormat;
  /** The values that the format was inferred from. */
  readonly texts: readonly string[];
  /** Some of the values that do not fit. */
  readonly misfits: readonly string[];
  /** The share of values that do not fit, also those that `misfits` leaves out. */
  readonly share: number;
}

export interface InferredAgain {
  /** The same object if the format stays. Then the misfits are rejected. */
  readonly format: ColumnFormat;
  /** The values that it was inferred from. */
  readonly texts: readonly string[];
}

/**
 * Infers a format again, with its misfits. A misfit that is a value of the same type in another
 * notation (other separators, leading zeros, more digits) is never rejected: if no type can read
 * all of these values, the column becomes text. Other misfits may be rejected if they are few.
 */
export function inferAgain(seen: MisfitColumn, options: InferOptions): InferredAgain {
  const { column, format, misfits, share } = seen;
  const { timeZone } = options;
  const telling = misfits.filter((text) => mayBeOther(format.type, text, timeZone));
  const others = share * (1 - telling.length / misfits.length);
  const texts = telling.length === 0 ? seen.texts : [...seen.texts, ...telling];
  const asText = { format: textFormat([...texts, ...misfits], timeZone), texts };
  if (others > format.tolerance) return asText;
  if (telling.length === 0) return { format, texts };
  const inferred = inferColumnFormat(column, texts, options);
  if (familyOf(inferred.type) !== familyOf(format.type)) {
    const isTold = inferred.type === 'string' && inferred.note !== undefined;
    return isTold ? { format: { ...asText.format, note: inferred.note }, texts } : asText;
  }
  return isSame(inferred, format) ? { format, texts } : { format: inferred, texts };
}

/**
 * The final format. If no value shows whether the day or the month is first, the locale of the
 * organization decides.
 */
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

function familyOf(type: FieldType): string {
  return isNumeric(type) ? 'number' : type;
}

/** Whether a misfit is a value of this kind in another form. */
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
 * Infers a boolean from words, not from digits: a column of 0 and 1 may be a count. Words of one or
 * two letters may be initials, countries or provinces (NO, ON), so the opposite word must occur
 * too.
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

/** JSON arrays, or short words with one separator in at least half of the values. */
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
  // `Smith,John` is one name, and `1,5` is one number.
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
  // Half of the limit, since later values may be longer than those of the sample.
  const isLong = values.some((value) => value.length > maxStringLength / 2);
  return { type: isLong ? 'text' : 'string', options: { timeZone }, tolerance: 0 };
}
