/** Formats currencies like `Intl.NumberFormat`, but with string operations, which cost far less. */

/**
 * Turns the JSON number `241.5` into the JSON text `"$241.50"`, as latin1 text of UTF-8 bytes. What
 * is no number stays.
 */
export type CurrencyRenderer = (rawNumber: string) => string;

/** Numbers without an exponent that need no rounding; longer ones go to the formatter. */
const plainNumber = /^-?[0-9]{1,15}(?:\.[0-9]+)?$/;

export function compileCurrencyRenderer(locale: string, currency: string): CurrencyRenderer {
  const formatter = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    // No "-$0.00" for amounts that round to zero.
    signDisplay: 'negative',
  });
  const decimals = formatter.resolvedOptions().maximumFractionDigits ?? 2;
  const positive = affixes(formatter, 1);
  const negative = affixes(formatter, -1);
  const separators = findSeparators(formatter);
  const isSimple = separators !== undefined && decimals > 0;

  return (raw) => {
    const isNegative = raw.charCodeAt(0) === 45;
    const point = raw.indexOf('.');
    const given = point < 0 ? 0 : raw.length - point - 1;
    if (!isSimple || given > decimals || !plainNumber.test(raw)) {
      const number = Number(raw);
      // The field had another type: its old values stay as they are until the next run.
      return Number.isNaN(number) ? raw : jsonBytes(formatter.format(number));
    }
    const start = isNegative ? 1 : 0;
    const whole = raw.substring(start, point < 0 ? raw.length : point);
    if (isNegative && Number(raw) === 0) return jsonBytes(formatter.format(0));
    const fraction = (point < 0 ? '' : raw.substring(point + 1)).padEnd(decimals, '0');
    const { before, after } = isNegative ? negative : positive;
    return `${before}${group(whole, separators.group)}${separators.decimal}${fraction}${after}`;
  };
}

interface Separators {
  readonly group: string;
  readonly decimal: string;
}

/**
 * The locale's separators; `undefined` if the locale uses other digits than 0 to 9, or groups of
 * other sizes than three.
 */
function findSeparators(formatter: Intl.NumberFormat): Separators | undefined {
  const parts = formatter.formatToParts(1234567.5);
  const integers = parts.filter((part) => part.type === 'integer').map((part) => part.value);
  const groups = parts.filter((part) => part.type === 'group').map((part) => part.value);
  const decimal = parts.find((part) => part.type === 'decimal')?.value;
  if (integers.join(' ') !== '1 234 567' || decimal === undefined) return undefined;
  // Some locales (es, pl, pt-PT) group only from five digits on. They use the formatter.
  if (!formatter.formatToParts(1234).some((part) => part.type === 'group')) return undefined;
  return { group: textBytes(groups[0] ?? ''), decimal: textBytes(decimal) };
}

function affixes(formatter: Intl.NumberFormat, number: number): { before: string; after: string } {
  const parts = formatter.formatToParts(number);
  const isNumber = (part: Intl.NumberFormatPart) =>
    part.type === 'integer' || part.type === 'decimal' || part.type === 'fraction';
  const first = parts.findIndex(isNumber);
  const last = parts.findLastIndex(isNumber);
  const text = (slice: readonly Intl.NumberFormatPart[]) =>
    textBytes(slice.map((part) => part.value).join(''));
  return { before: `"${text(parts.slice(0, first))}`, after: `${text(parts.slice(last + 1))}"` };
}

function group(digits: string, separator: string): string {
  const length = digits.length;
  if (length <= 3) return digits;
  const first = length % 3 || 3;
  let text = digits.substring(0, first);
  for (let place = first; place < length; place += 3) {
    text += separator + digits.substring(place, place + 3);
  }
  return text;
}

function jsonBytes(text: string): string {
  return textBytes(JSON.stringify(text));
}

function textBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
