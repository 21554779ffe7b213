/**
 * Infers whether a column holds numbers, money or percentages, and its decimal separator. If a
 * single text would lose a digit, a leading zero, a plus or an exponent, it is not a number column:
 * such texts are codes.
 */
import type { FieldType } from '../../domain/contact/field.ts';
import { maxExactDigits } from '../../domain/limits.ts';
import {
  type ColumnFormat,
  type InferOptions,
  markedTolerance,
  plainTolerance,
  reads,
} from './column-format.ts';

/** The format of a percentage column: at least half of the values have the sign `%`. */
export function inferRate(
  values: readonly string[],
  options: InferOptions,
): ColumnFormat | undefined {
  const marked = values.filter((value) => value.endsWith('%'));
  if (marked.length === 0 || marked.length < values.length / 2) return undefined;
  return inferDecimals('rate', values, { ...options, tolerance: markedTolerance });
}

export function inferNumber(
  values: readonly string[],
  options: InferOptions,
): ColumnFormat | undefined {
  const { timeZone } = options;
  const whole = values.filter((value) => /^-?[0-9]+$/.test(value));
  if (whole.length === values.length) {
    const isBig = values.some((value) => value.length > maxExactDigits);
    const type = isBig ? 'big integer' : 'integer';
    const isComma = decimalSignOf(options.locale) === ',';
    const open = isBig ? {} : { ...(isComma && { decimalComma: true }), undecided: true };
    const format: ColumnFormat = {
      ...{ type, options: { timeZone, exact: true, ...open } },
      tolerance: plainTolerance,
    };
    return values.every((value) => reads(type, value, format.options)) ? format : undefined;
  }
  if (values.every((value) => ipAddress.test(value))) return undefined;
  if (values.every((value) => blankGroups.test(value)) && !groupsByBlanks(options.locale)) {
    return undefined;
  }
  return inferDecimals('float', values, { ...options, tolerance: plainTolerance });
}

/** The options of a declared type, as far as the values show them. */
export function inferDeclaredNumber(
  type: FieldType,
  values: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const format = { type, options: { timeZone: options.timeZone }, tolerance: 1 };
  const signs = countSigns(format, values, options.locale);
  return withSign(format, { values, signs, mayBeOpen: true }, options);
}

const ipAddress = /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/;
/** `12 345`. Parts of phone numbers look like this too. */
const blankGroups = /^-?[0-9]{1,3}(?: [0-9]{3})*$/;

/** Separators of thousands that do not depend on the decimal separator. */
const groupSign = /[0-9][' \u2019\u00a0\u202f\u2009][0-9]/;

interface InferredSigns {
  /**
   * How many values can be read only with a decimal point, and how many only with a decimal comma.
   */
  readonly point: number;
  readonly comma: number;
  /** How many values can be read in both ways, as different numbers. */
  readonly written: number;
  readonly unread: readonly string[];
  /** Whether any value shows the decimal separator. */
  readonly isTold: boolean;
  /** Whether it is a comma: by the values, or else by the locale. */
  readonly isComma: boolean;
}

function countSigns(
  { type, options }: Pick<ColumnFormat, 'type' | 'options'>,
  values: readonly string[],
  locale: string,
): InferredSigns {
  let [point, comma, written] = [0, 0, 0];
  const unread: string[] = [];
  for (const value of values) {
    const isPointed = reads(type, value, { ...options, decimalComma: false });
    const isCommaed = reads(type, value, { ...options, decimalComma: true });
    if (isPointed && isCommaed) written += /[0-9][.,][0-9]/.test(value) ? 1 : 0;
    else if (isPointed) point += 1;
    else if (isCommaed) comma += 1;
    else unread.push(value);
  }
  const isComma = point === comma ? decimalSignOf(locale) === ',' : comma > point;
  return { point, comma, written, unread, isTold: point + comma > 0, isComma };
}

/** @param seen `mayBeOpen`: if no value shows the separator, later values may decide it */
function withSign(
  format: ColumnFormat,
  seen: {
    readonly values: readonly string[];
    readonly signs: InferredSigns;
    readonly mayBeOpen: boolean;
  },
  inferring: InferOptions,
): ColumnFormat {
  const { written, isTold, isComma } = seen.signs;
  const isOpen = seen.mayBeOpen && !isTold && written === 0;
  const options = {
    ...format.options,
    ...(isComma && { decimalComma: true }),
    ...(isOpen && { undecided: true }),
  };
  const signed = { ...format, options };
  if (!isTold && written > 0) {
    return { ...signed, note: assumedNote(signed, seen.values, inferring) };
  }
  return isTold && isComma ? { ...signed, note: 'decimal comma' } : signed;
}

interface DecimalOptions extends InferOptions {
  readonly tolerance: number;
}

/** The decimal separator that the values show, or else the locale's. */
export function inferDecimals(
  type: 'rate' | 'currency' | 'float',
  values: readonly string[],
  options: DecimalOptions,
): ColumnFormat | undefined {
  const { timeZone, tolerance, locale } = options;
  const format = { type, options: { timeZone, exact: true }, tolerance };
  const signs = countSigns(format, values, locale);
  const { point, comma, unread, isComma } = signs;
  const contrary = Math.min(point, comma);
  if (contrary > (point + comma) * plainTolerance) return undefined;
  if (unread.some((value) => mayRead(type, value, timeZone))) return undefined;
  if (contrary + unread.length > values.length * tolerance) return undefined;
  const mayBeOpen = !values.some((value) => groupSign.test(value));
  const isInteger = type === 'float' && isWhole(values, isComma);
  const kept = isInteger ? ({ ...format, type: 'integer' } as const) : format;
  return withSign(kept, { values, signs, mayBeOpen }, options);
}

/** Whether a declared type could read a text of which the inferred type would lose a part. */
export function mayRead(type: FieldType, text: string, timeZone: string): boolean {
  return reads(type, text, { timeZone }) || reads(type, text, { timeZone, decimalComma: true });
}

function isWhole(values: readonly string[], isComma: boolean): boolean {
  return !values.some((value) => value.includes(isComma ? ',' : '.'));
}

/** @param values some of them can be read in both ways */
function assumedNote(
  format: ColumnFormat,
  values: readonly string[],
  { locale, flag }: InferOptions,
): string {
  const isComma = format.options.decimalComma === true;
  const sign = values.some((value) => /[0-9]\.[0-9]/.test(value)) ? '.' : ',';
  const isDecimal = sign === (isComma ? ',' : '.');
  const declared = format.type.includes('integer') ? 'float' : format.type;
  const other = flag(`${declared}:${isComma ? 'decimal-point' : 'decimal-comma'}`);
  const reading = `1${sign}234 is read as ${isDecimal ? '1.234' : '1234'}`;
  return `decimal ${isComma ? 'comma' : 'point'}, as in ${locale}: ${reading}, because no value shows the decimal separator; to change: ${other}`;
}

function decimalSignOf(locale: string): string {
  const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn' }).formatToParts(1.5);
  return parts.find(({ type }) => type === 'decimal')?.value ?? '.';
}

function groupsByBlanks(locale: string): boolean {
  const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn' }).formatToParts(1_234_567);
  return parts.some(({ type, value }) => type === 'group' && value.trim() === '');
}
