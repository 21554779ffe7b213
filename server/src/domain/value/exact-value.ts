/**
 * Finds what a number loses of its text: leading zeros, a plus, an exponent, brackets, or digits
 * that a double does not keep. Columns with an inferred type refuse such texts, since they may be
 * codes. Reasons never repeat the value.
 */
import { type FieldType, isCount, isNumeric } from '../contact/field.ts';
import { maxExactDigits } from '../limits.ts';

export interface ExactOptions {
  /** Whether `,` separates decimals and `.` groups thousands. */
  readonly decimalComma?: boolean;
  /** Refuses a text if its type would lose a digit, a leading zero, a plus or an exponent. */
  readonly exact?: boolean;
  /**
   * Set while a type is inferred and no value so far has a decimal separator or more than 15
   * digits. The first value that has one of these is refused. The type is then inferred again, from
   * this value too.
   */
  readonly undecided?: boolean;
}

const exponent = /[0-9.][eE][+-]?[0-9]/;
const groupSigns = ",'\u2019 \u00a0\u202f\u2009";

/**
 * @param text trimmed
 * @param json the value as its type's parser read it
 * @returns why the text is refused; `undefined` if nothing is lost
 */
export function lossReason(
  type: FieldType,
  { text, json }: { readonly text: string; readonly json: string },
  options: ExactOptions,
): string | undefined {
  if (!isNumeric(type)) return undefined;
  if (options.undecided === true && !isDecided(type, text, options)) {
    return 'is written in another way than the values before it';
  }
  if (options.exact !== true) return undefined;
  const lost = lostForm(type, text, options);
  if (lost !== undefined) return `has ${lost}, which the type ${type} does not keep`;
  if (type === 'big integer' || type === 'currency') return undefined;
  return significantDigits(text) === significantDigits(json)
    ? undefined
    : `has more digits than the type ${type} keeps`;
}

function lostForm(type: FieldType, text: string, options: ExactOptions): string | undefined {
  if (exponent.test(text)) return 'an exponent';
  if (text.includes('+')) return 'a plus in front';
  if (hasZerosInFront(text, options)) return 'zeros in front';
  if (type !== 'currency' && text.includes('(')) return 'brackets';
  return undefined;
}

function hasZerosInFront(text: string, { decimalComma }: ExactOptions): boolean {
  const start = text.search(/[0-9]/);
  const [point, group] =
    decimalComma === true ? [',', `.${groupSigns.slice(1)}`] : ['.', groupSigns];
  if (text[start] !== '0' || text[start - 1] === point) return false;
  const next = text.charAt(start + 1);
  return /[0-9]/.test(next) || (group.includes(next) && /[0-9]/.test(text.charAt(start + 2)));
}

function isDecided(type: FieldType, text: string, { exact }: ExactOptions): boolean {
  if (/[.,]|[0-9][' \u2019\u00a0\u202f\u2009][0-9]/.test(text)) return false;
  if (exact !== true || !isCount(type)) return true;
  return text.replace(/[^0-9]/g, '').length <= maxExactDigits;
}

/** Without the zeros at both ends, which are not significant. */
function significantDigits(text: string): string {
  const mantissa = text.split(/[eE]/, 1)[0] ?? '';
  const digits = mantissa.replace(/[^0-9]/g, '').replace(/^0+/, '');
  let end = digits.length;
  while (digits.charAt(end - 1) === '0') end -= 1;
  return digits.slice(0, end);
}
