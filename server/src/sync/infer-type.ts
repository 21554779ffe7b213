/**
 * Tells a column's type from texts in it. What is told fits (nearly) all texts that were seen; whether it fits the whole column only the whole
 * column shows, and `widen` then says what does.
 */
import type { FieldType } from '../domain/field.ts';
import {
  emptyMarkers,
  falseWords,
  isEmptyValue,
  parseFieldValue,
  trueWords,
  type ValueOptions,
} from '../domain/field-value.ts';
import { maxStringLength } from '../domain/limits.ts';

export interface ColumnFormat {
  readonly type: FieldType;
  readonly options: ValueOptions;
  /** Share of values that may be rejected for not fitting before the type is given up. */
  readonly tolerance: number;
  /** What a person may want to know: how it was told, or what was only assumed. */
  readonly note?: string;
  /** The type rests on a choice that nothing seen so far decides, as which number is the month. */
  readonly assumed?: boolean;
}

export interface InferOptions {
  readonly timeZone: string;
  /** Of the organization: decides month-first or day-first where the values do not. */
  readonly locale: string;
}

/** Values with a form of their own (dates, money, percentages) prove their type even with a quarter of misfits. */
const markedTolerance = 0.25;
/** Plain digits prove little: a column of them with 1 in 20 others is rather text. */
const plainTolerance = 0.05;

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
  return (
    inferBoolean(values, timeZone) ??
    inferDate(values, options) ??
    inferRate(values, timeZone) ??
    inferCurrency(values, timeZone) ??
    (isCodeName(column) ? undefined : inferNumber(values, timeZone)) ??
    inferSet(values, timeZone) ??
    textFormat(present, timeZone)
  );
}

/**
 * The format for a column some of whose values do not fit the one that was told: another that fits these too, the same where few do not
 * fit, else text.
 * @param seen `misfits`: texts that do not fit; `share`: theirs of all values; `sample`: what the format was told from
 */
export function widenFormat(
  format: ColumnFormat,
  seen: {
    readonly misfits: readonly string[];
    readonly share: number;
    readonly sample: readonly string[];
  },
): ColumnFormat {
  const { misfits, share } = seen;
  const other = otherFormats(format).find(
    (candidate) => fits(candidate, misfits, 0) && fits(candidate, seen.sample, 0),
  );
  if (other !== undefined) return other;
  if (share <= format.tolerance) return format;
  return textFormat(misfits, format.options.timeZone);
}

/** Formats that read whatever the given one reads. */
function otherFormats(format: ColumnFormat): readonly ColumnFormat[] {
  const { type, options } = format;
  if (type === 'string') return [{ ...format, type: 'text' }];
  if (type === 'integer' || type === 'positive integer') {
    const comma: ColumnFormat = {
      ...{ type: 'float', tolerance: format.tolerance, note: 'decimal comma' },
      options: { ...options, decimalComma: true },
    };
    return [
      { ...format, type: 'float' },
      { ...format, type: 'big integer', tolerance: 0 },
      ...(format.assumed === true ? [comma] : []),
    ];
  }
  if (format.assumed !== true) return [];
  const { note: _, assumed: __, ...known } = format;
  if (type === 'date') {
    const dateOrder = options.dateOrder === 'day-first' ? 'month-first' : 'day-first';
    return [{ ...known, options: { ...options, dateOrder } }];
  }
  return [{ ...known, options: { ...options, decimalComma: options.decimalComma !== true } }];
}

function fits(format: ColumnFormat, texts: readonly string[], tolerance: number): boolean {
  let misfits = 0;
  for (const text of texts) {
    if (isEmptyValue(format.type, text)) continue;
    if ('reason' in parseFieldValue(format.type, text, format.options)) misfits += 1;
  }
  return misfits <= texts.length * tolerance;
}

/** Words, not digits: a column of 0 and 1 may be a count. Single letters need both sides, or every initial would do. */
function inferBoolean(values: readonly string[], timeZone: string): ColumnFormat | undefined {
  const words = new Set(values.map((value) => value.toLowerCase()));
  const isTrue = trueWords.some((word) => words.has(word));
  const isFalse = falseWords.some((word) => words.has(word));
  const known = [...words].every((word) => trueWords.includes(word) || falseWords.includes(word));
  const isMarked = [...words].some((word) => /^[a-z]{2,}$/.test(word));
  const isLetters = [...words].every((word) => /^[a-z]$/.test(word)) && isTrue && isFalse;
  if (!known || !(isMarked || isLetters)) return undefined;
  return { type: 'boolean', options: { timeZone }, tolerance: plainTolerance };
}

function inferDate(values: readonly string[], options: InferOptions): ColumnFormat | undefined {
  const { timeZone } = options;
  // A run of digits is a number before it is a date.
  const dateLike = values.filter(
    (value) => !/^[0-9.,]*$/.test(value) || /[0-9][./][0-9]+[./]/.test(value),
  );
  if (dateLike.length < values.length * (1 - markedTolerance)) return undefined;
  const { dateOrder, isWritten, assumed } = dateOrderOf(values, options);
  const format: ColumnFormat = {
    type: 'date',
    options: isWritten ? { timeZone, dateOrder } : { timeZone },
    tolerance: markedTolerance,
    ...(isWritten && {
      note: assumed ? `${dateOrder}, as in ${options.locale}: no value tells` : dateOrder,
      assumed,
    }),
  };
  return fits(format, values, markedTolerance) ? format : undefined;
}

function dateOrderOf(
  values: readonly string[],
  options: InferOptions,
): { dateOrder: 'month-first' | 'day-first'; isWritten: boolean; assumed: boolean } {
  const orders = values.flatMap((value) => {
    const numbers = /^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}/.exec(value);
    return numbers === null ? [] : [[Number(numbers[1]), Number(numbers[2])] as const];
  });
  const dayFirst = orders.filter(([first]) => first > 12).length;
  const monthFirst = orders.filter(([, second]) => second > 12).length;
  const byLocale = options.locale.toLowerCase() === 'en-us' ? 'month-first' : 'day-first';
  const bySight = dayFirst > monthFirst ? 'day-first' : 'month-first';
  return {
    dateOrder: dayFirst === monthFirst ? byLocale : bySight,
    isWritten: orders.length > 0,
    assumed: dayFirst === 0 && monthFirst === 0,
  };
}

function inferRate(values: readonly string[], timeZone: string): ColumnFormat | undefined {
  if (!values.some((value) => value.endsWith('%'))) return undefined;
  return firstFit('rate', values, timeZone, markedTolerance);
}

function inferCurrency(values: readonly string[], timeZone: string): ColumnFormat | undefined {
  const marked = values.filter((value) =>
    /\p{Sc}|^[A-Z]{3}\s?-?[0-9]|[0-9]\s?[A-Z]{3}$/u.test(value),
  );
  if (marked.length < values.length / 2) return undefined;
  return firstFit('currency', values, timeZone, markedTolerance);
}

function inferNumber(values: readonly string[], timeZone: string): ColumnFormat | undefined {
  // Zeros in front are part of a code, and a plus of a phone number.
  if (values.some((value) => /^[-+]?0[0-9]|^\+/.test(value))) return undefined;
  if (values.every((value) => /^-?[0-9]+$/.test(value))) {
    const type = values.some((value) => value.length > 15) ? 'big integer' : 'integer';
    return { type, options: { timeZone }, tolerance: plainTolerance };
  }
  const isWhole = values.every((value) => /^-?[0-9]{1,3}(?:,[0-9]{3})*$|^-?[0-9]+$/.test(value));
  if (isWhole) {
    return { type: 'integer', options: { timeZone }, tolerance: plainTolerance, assumed: true };
  }
  return firstFit('float', values, timeZone, plainTolerance);
}

/** The reading of point and comma that fits; where both do, as English writes it, until a value tells otherwise. */
function firstFit(
  type: FieldType,
  values: readonly string[],
  timeZone: string,
  tolerance: number,
): ColumnFormat | undefined {
  const pointed: ColumnFormat = { type, options: { timeZone }, tolerance };
  const comma: ColumnFormat = { type, options: { timeZone, decimalComma: true }, tolerance };
  const fitsPoint = fits(pointed, values, 0);
  const fitsComma = fits(comma, values, 0);
  if (fitsPoint && fitsComma) {
    return values.some((value) => /[.,]/.test(value)) ? { ...pointed, assumed: true } : pointed;
  }
  if (fitsPoint) return pointed;
  if (fitsComma) return { ...comma, note: 'decimal comma' };
  if (fits(pointed, values, tolerance)) return pointed;
  return fits(comma, values, tolerance) ? { ...comma, note: 'decimal comma' } : undefined;
}

/** Lists: JSON arrays, or short words with one separator in at least half of the values. */
function inferSet(values: readonly string[], timeZone: string): ColumnFormat | undefined {
  if (values.every((value) => value.startsWith('[') && value.endsWith(']'))) {
    const format: ColumnFormat = { type: 'set', options: { timeZone }, tolerance: plainTolerance };
    const lists = values.filter((value) => isJsonList(value));
    if (lists.length === values.length) return { ...format, note: 'JSON lists' };
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

/** Names whose digits are no quantity. */
function isCodeName(column: string): boolean {
  return /zip|post(?:al)?.?code|phone|mobile|fax|ssn|iban|account.?n/i.test(column);
}

/** How values of a known type are written, as far as they tell. */
export function inferOptions(
  type: FieldType,
  texts: readonly string[],
  options: InferOptions,
): ValueOptions {
  const { timeZone } = options;
  const values = texts.map((text) => text.trim()).filter((text) => !isEmptyValue(type, text));
  if (type === 'date') return { timeZone, dateOrder: dateOrderOf(values, options).dateOrder };
  if (type === 'set') {
    const separator = ['|', ';', ','].find((one) => values.some((value) => value.includes(one)));
    return separator === undefined ? { timeZone } : { timeZone, separator };
  }
  return firstFit(type, values, timeZone, 1)?.options ?? { timeZone };
}
