/** Infers whether a column holds money: at least half of its values have marks of one currency. */
import { type ColumnFormat, type InferOptions, markedTolerance } from './column-format.ts';
import { findCurrency } from './find-currency.ts';
import { inferDecimals } from './infer-number.ts';

/**
 * Codes that are also words: `TOP 10`, `ALL 3`. They count as codes only in a column with
 * decimals.
 */
const wordCodes: ReadonlySet<string> = new Set(
  'ALL BAM BOB COP CUP GEL LAK MAD MOP PEN RON SAR SOS TOP TRY WST'.split(' '),
);

/**
 * Where amounts of a currency are written in one way, whatever the locale of the organization:
 * `$90,000` are ninety thousand. Others, such as `EUR`, are written in both.
 */
const localesOfCurrencies: ReadonlyMap<string, string> = new Map([
  ...[
    'USD',
    'GBP',
    'AUD',
    'NZD',
    'HKD',
    'SGD',
    'JPY',
    'CNY',
    'TWD',
    'KRW',
    'INR',
    'THB',
    'MYR',
  ].map((code) => [code, 'en-US'] as const),
  ...['PHP', 'PKR', 'BDT', 'LKR', 'NGN', 'KES', 'GHS', 'ILS', 'EGP', 'SAR', 'AED', 'MXN'].map(
    (code) => [code, 'en-US'] as const,
  ),
  ...['BRL', 'IDR', 'VND', 'TRY', 'PLN', 'CZK', 'HUF', 'RON', 'SEK', 'NOK', 'DKK', 'RUB'].map(
    (code) => [code, 'de-DE'] as const,
  ),
]);

/**
 * @returns the format of a column of amounts; a format of type `string`, with a note, if the
 *   amounts have several currencies or an unknown one; `undefined` if the column does not hold
 *   amounts
 */
export function inferCurrency(
  values: readonly string[],
  options: InferOptions,
): ColumnFormat | undefined {
  const { currency, marks, marked, note } = findCurrency(values, options);
  if (marked === 0 || marked < values.length / 2) return undefined;
  const hasDecimals = values.some((value) => /[0-9][.,][0-9]/.test(value));
  if (!hasDecimals && marks.some((mark) => wordCodes.has(mark))) return undefined;
  const locale = localesOfCurrencies.get(currency ?? '') ?? options.locale;
  const inferring = { ...options, locale, tolerance: markedTolerance };
  const format = inferDecimals('currency', values, inferring);
  if (format === undefined) return undefined;
  if (currency !== undefined) return inCurrency(format, { currency, note });
  const { timeZone } = options;
  return { ...{ type: 'string', options: { timeZone }, tolerance: 0 }, ...(note && { note }) };
}

/** Adds the currency to a format. The currency's note comes before the format's own note. */
export function inCurrency(
  format: ColumnFormat,
  inferred: { readonly currency: string; readonly note: string | undefined },
): ColumnFormat {
  const { currency } = inferred;
  const note = [inferred.note, format.note].filter((part) => part !== undefined).join(', ');
  return {
    ...{ ...format, options: { ...format.options, currency }, currency },
    ...(note !== '' && { note }),
  };
}
