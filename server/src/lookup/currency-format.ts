/**
 * Formats currencies like `Intl.NumberFormat`, but from bytes to bytes, which costs far less:
 * amounts without an exponent that need no rounding are written digit by digit. All others take
 * the formatter.
 */

/** Where the JSON number of an amount is, in UTF-8. */
export interface RawAmount {
  readonly from: DataView;
  readonly start: number;
  readonly end: number;
}

export interface CurrencyRenderer {
  /**
   * Turns the JSON number `241.5` into the JSON text `"$241.50"`, as latin1 text of UTF-8 bytes.
   * A text that is not a number is returned unchanged.
   */
  render(rawNumber: string): string;
  /**
   * The same from bytes to bytes. `maxRenderedBytes` must be free.
   * @returns the offset after the text. It is -1, and nothing is written, if only `render` can
   *   write this amount
   */
  write(raw: RawAmount, into: DataView, at: number): number;
}

/** Intl writes the largest double as 309 digits with 102 separators of up to 3 bytes. */
export const maxRenderedBytes = 700;

export function compileCurrencyRenderer(locale: string, currency: string): CurrencyRenderer {
  const formatter = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    // No "-$0.00" for amounts that round to zero.
    signDisplay: 'negative',
  });
  const pattern = findPattern(formatter);
  const write: CurrencyRenderer['write'] =
    pattern === undefined ? () => -1 : (raw, into, at) => writeAmount(pattern, raw, into, at);
  return {
    write,
    render: (rawNumber) => {
      const end = rawNumber.length > maxPlainLength ? -1 : write(asBytes(rawNumber), scratch, 0);
      if (end >= 0) return Buffer.from(scratch.buffer, 0, end).toString('latin1');
      const number = Number(rawNumber);
      // The field had another type: its old values stay as they are until the next run.
      if (Number.isNaN(number)) return rawNumber;
      return textBytes(JSON.stringify(formatter.format(number)));
    },
  };
}

/** What surrounds an amount's digits, in UTF-8. */
interface Pattern {
  readonly positive: Affixes;
  readonly negative: Affixes;
  readonly group: Uint8Array;
  readonly point: Uint8Array;
  readonly decimals: number;
}

interface Affixes {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * The locale's pattern; `undefined` if it uses other digits than 0 to 9, or groups of other sizes
 * than three, or the currency has no decimals.
 */
function findPattern(formatter: Intl.NumberFormat): Pattern | undefined {
  const decimals = formatter.resolvedOptions().maximumFractionDigits ?? 2;
  const parts = formatter.formatToParts(1234567.5);
  const integers = parts.filter((part) => part.type === 'integer').map((part) => part.value);
  const group = parts.find((part) => part.type === 'group')?.value;
  const point = parts.find((part) => part.type === 'decimal')?.value;
  if (decimals === 0 || integers.join(' ') !== '1 234 567' || point === undefined) return undefined;
  // Some locales (es, pl, pt-PT) group only from five digits on. They use the formatter.
  if (!formatter.formatToParts(1234).some((part) => part.type === 'group')) return undefined;
  return {
    positive: findAffixes(formatter, 1),
    negative: findAffixes(formatter, -1),
    group: utf8(group ?? ''),
    point: utf8(point),
    decimals,
  };
}

function findAffixes(formatter: Intl.NumberFormat, number: number): Affixes {
  const parts = formatter.formatToParts(number);
  const isNumber = (part: Intl.NumberFormatPart) =>
    part.type === 'integer' || part.type === 'decimal' || part.type === 'fraction';
  const first = parts.findIndex(isNumber);
  const last = parts.findLastIndex(isNumber);
  const text = (slice: readonly Intl.NumberFormatPart[]) =>
    slice.map((part) => part.value).join('');
  return {
    before: utf8(`"${text(parts.slice(0, first))}`),
    after: utf8(`${text(parts.slice(last + 1))}"`),
  };
}

/** More digits before the point may need rounding. */
const maxWholeDigits = 15;
/** Longer texts of plain amounts do not fit into the scratch. */
const maxPlainLength = 64;

const minus = 45;
const point = 46;
const zero = 48;

function writeAmount(pattern: Pattern, raw: RawAmount, into: DataView, at: number): number {
  const { from, end } = raw;
  const isNegative = from.getUint8(raw.start) === minus;
  const start = isNegative ? raw.start + 1 : raw.start;
  const wholeEnd = endOfDigits(from, start, end);
  const wholeDigits = wholeEnd - start;
  if (wholeDigits === 0 || wholeDigits > maxWholeDigits) return -1;
  let fraction = end;
  if (wholeEnd < end) {
    fraction = wholeEnd + 1;
    const digits = end - fraction;
    const isPlain = from.getUint8(wholeEnd) === point && endOfDigits(from, fraction, end) === end;
    if (!isPlain || digits === 0 || digits > pattern.decimals) return -1;
  }
  if (isNegative && isZero(from, start, end)) return -1;
  const { before, after } = isNegative ? pattern.negative : pattern.positive;
  let to = put(before, into, at);
  for (let place = start; place < wholeEnd; place += 1) {
    if (place > start && (wholeEnd - place) % 3 === 0) to = put(pattern.group, into, to);
    into.setUint8(to++, from.getUint8(place));
  }
  to = put(pattern.point, into, to);
  for (let place = fraction; place < end; place += 1) into.setUint8(to++, from.getUint8(place));
  for (let digits = end - fraction; digits < pattern.decimals; digits += 1) {
    into.setUint8(to++, zero);
  }
  return put(after, into, to);
}

function endOfDigits(from: DataView, start: number, end: number): number {
  let place = start;
  while (place < end && isDigit(from.getUint8(place))) place += 1;
  return place;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9;
}

/** Whether digits and points have no digit above zero. */
function isZero(from: DataView, start: number, end: number): boolean {
  for (let place = start; place < end; place += 1) {
    if (from.getUint8(place) > zero) return false;
  }
  return true;
}

function put(bytes: Uint8Array, into: DataView, at: number): number {
  for (let place = 0; place < bytes.length; place += 1) {
    into.setUint8(at + place, bytes[place] as number);
  }
  return at + bytes.length;
}

/** For amounts that are text. */
const scratch = new DataView(new ArrayBuffer(maxRenderedBytes));
const rawScratch = new DataView(new ArrayBuffer(maxPlainLength));

/** A number's text, no longer than `maxPlainLength`, as bytes. */
function asBytes(rawNumber: string): RawAmount {
  for (let place = 0; place < rawNumber.length; place += 1) {
    rawScratch.setUint8(place, rawNumber.charCodeAt(place));
  }
  return { from: rawScratch, start: 0, end: rawNumber.length };
}

function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function textBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
