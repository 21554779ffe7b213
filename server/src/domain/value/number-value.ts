/**
 * Parses numbers as people and exports write them, into JSON numbers. `field-value.ts` chooses the
 * parser of a field type. Reasons never repeat the value.
 */
import { maxBigIntegerDigits, maxExactDigits } from '../limits.ts';
import { currenciesOf } from './currency-mark.ts';
import { type Amount, splitAmount } from './split-amount.ts';

/** The raw JSON of a value, or why it is not valid. */
export type ParsedValue =
  | { readonly json: string }
  | {
      readonly reason: string;
      /** By default `value_invalid`. */
      readonly code?: 'currency_mismatch';
    };

export interface NumberOptions {
  /**
   * ISO 4217 code of a column of amounts. Marks of other currencies are refused; `undefined`
   * refuses none.
   */
  readonly currency?: string;
  /** Whether `,` separates decimals and `.` groups thousands. */
  readonly decimalComma?: boolean;
}

const grouped = /^[0-9]{1,3}(?:([,' ])[0-9]{3})(?:\1[0-9]{3})*$/;
const groupedByPairs = /^[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}$/;
const plainDecimal = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/;

const notNumber = { reason: 'is not a number' } as const;

/**
 * The nearest double: `1234.5`, `1,234.50`, `-3`, `(3)`, `1e5`; with a decimal comma `1.234,50`.
 */
export function parseFloatValue(text: string, options: NumberOptions): ParsedValue {
  const decimal = readDecimal(text, options);
  return decimal === undefined ? notNumber : toJsonNumber(decimal);
}

/**
 * A number with an optional currency mark and at most 15 significant digits, so that no digit is
 * lost.
 */
export function parseCurrencyValue(text: string, options: NumberOptions): ParsedValue {
  const amount = splitAmount(text);
  if (amount !== undefined && isOtherCurrency(amount, options.currency)) {
    return {
      reason: `has the mark of another currency than ${options.currency}`,
      code: 'currency_mismatch',
    };
  }
  const digits = amount && readDigits(amount.digits, options);
  if (amount === undefined || digits === undefined || /[eE]/.test(digits)) {
    return { reason: 'is not an amount of money' };
  }
  const decimal = amount.isNegative ? `-${digits}` : digits;
  if (significantDigits(decimal) > maxExactDigits) {
    return {
      reason: `has more than ${maxExactDigits} significant digits, as sums of floating-point numbers do; round it, or cast it to a decimal`,
    };
  }
  return toJsonNumber(decimal);
}

/** Whether the amount has a mark that the currency does not use. */
function isOtherCurrency({ mark, digits }: Amount, currency: string | undefined): boolean {
  if (mark === undefined || currency === undefined || !/^[.,]?[0-9]/.test(digits)) return false;
  return !currenciesOf(mark).includes(currency);
}

/** A number, or a percentage: `25%` is 0.25. */
export function parseRateValue(text: string, options: NumberOptions): ParsedValue {
  const isPercent = text.endsWith('%');
  const decimal = readDecimal(isPercent ? text.slice(0, -1) : text, options);
  if (decimal === undefined) return { reason: 'is not a rate' };
  if (!isPercent) return toJsonNumber(decimal);
  // Shifting the exponent keeps the digits. Dividing by 100 would round twice.
  return /[eE]/.test(decimal) ? { reason: 'is not a rate' } : toJsonNumber(`${decimal}e-2`);
}

/** A whole number that a double holds exactly. `12.0` is whole. */
export function parseIntegerValue(
  text: string,
  options: NumberOptions,
  minimum: number,
): ParsedValue {
  const decimal = readDecimal(text, options);
  const number = Number(decimal);
  if (decimal === undefined || hasFraction(decimal)) return { reason: 'is not a whole number' };
  if (Number.isFinite(number) && !Number.isInteger(number)) {
    return { reason: 'is not a whole number' };
  }
  if (!Number.isSafeInteger(number)) {
    return { reason: `is outside ±${Number.MAX_SAFE_INTEGER}; the type big integer holds it` };
  }
  return number < minimum ? { reason: 'is negative' } : toJsonNumber(decimal);
}

/** Digits with an optional sign, as a JSON string. */
export function parseBigIntegerValue(text: string): ParsedValue {
  const match = /^([+-]?)([0-9]+)$/.exec(text);
  const digits = match?.[2]?.replace(/^0+(?=[0-9])/, '');
  if (match === null || digits === undefined) return { reason: 'is not a whole number' };
  if (digits.length > maxBigIntegerDigits) {
    return { reason: `has more than ${maxBigIntegerDigits} digits` };
  }
  return { json: `"${match[1] === '-' && digits !== '0' ? '-' : ''}${digits}"` };
}

/** A text that `Number` reads, or `undefined`. It has at most one sign, in front or as brackets. */
function readDecimal(text: string, options: NumberOptions): string | undefined {
  const bare = plainGroups(text.trim());
  const inner = /^\((.*)\)$/su.exec(bare)?.[1];
  const { sign, rest } = takeSign(inner?.trim() ?? bare);
  if (inner !== undefined && sign !== '') return undefined;
  const digits = readDigits(rest, options);
  if (digits === undefined) return undefined;
  return inner !== undefined || sign === '-' ? `-${digits}` : digits;
}

/** A decimal text without a sign. */
function readDigits(text: string, options: NumberOptions): string | undefined {
  const decimal = ungroup(plainGroups(text), options.decimalComma === true);
  return decimal !== undefined && plainDecimal.test(decimal) ? decimal : undefined;
}

/**
 * Replaces other separators of thousands: non-breaking spaces, and Switzerland's curved apostrophe.
 */
function plainGroups(text: string): string {
  return text.replace(/[\u00a0\u202f\u2009]/g, ' ').replaceAll('\u2019', "'");
}

function takeSign(text: string): { sign: string; rest: string } {
  const match = /^([+\-−])\s*(.*)$/su.exec(text);
  if (match === null) return { sign: '', rest: text };
  return { sign: match[1] === '+' ? '+' : '-', rest: match[2] ?? '' };
}

/** Drops separators of thousands and turns a decimal comma into a point. */
function ungroup(text: string, decimalComma: boolean): string | undefined {
  const pointed = decimalComma ? swapSigns(text) : text;
  const point = pointed.indexOf('.');
  const whole = point === -1 ? pointed : pointed.slice(0, point);
  const rest = point === -1 ? '' : pointed.slice(point);
  if (!/[,' ]/.test(whole)) return pointed;
  if (!grouped.test(whole) && !groupedByPairs.test(whole)) return undefined;
  return whole.replace(/[,' ]/g, '') + rest;
}

function swapSigns(text: string): string {
  return text.replace(/[.,]/g, (sign) => (sign === ',' ? '.' : ','));
}

function toJsonNumber(decimal: string): ParsedValue {
  const number = Number(decimal);
  if (!Number.isFinite(number)) return { reason: 'is too large a number' };
  return { json: String(number === 0 ? 0 : number) };
}

function significantDigits(decimal: string): number {
  const digits = decimal.replace(/[-.]/g, '').replace(/^0+/, '');
  let end = digits.length;
  while (decimal.includes('.') && digits.charAt(end - 1) === '0') end -= 1;
  return end;
}

/** Whether a digit other than 0 follows the point. After 16 digits a double would drop it. */
function hasFraction(decimal: string): boolean {
  return !/[eE]/.test(decimal) && /\.[0-9]*[1-9]/.test(decimal);
}
