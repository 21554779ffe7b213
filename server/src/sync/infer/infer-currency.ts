/**
 * Tells whether a column holds amounts of money: at least half of its values have the mark of one
 * currency.
 */
import { type ColumnFormat, type InferOptions, markedTolerance } from './column-format.ts';
import { tellDecimals } from './infer-number.ts';
import { tellCurrency } from './tell-currency.ts';

/**
 * Codes of ISO 4217 that are words, too: `TOP 10`, `ALL 3`. Alone they show money only with
 * decimals.
 */
const wordCodes: ReadonlySet<string> = new Set(
  'ALL BAM BOB COP CUP GEL LAK MAD MOP PEN RON SAR SOS TOP TRY WST'.split(' '),
);

/**
 * @returns text with a note for amounts in several currencies, or in an unknown one; `undefined`:
 *   they are no amounts
 */
export function inferCurrency(
  values: readonly string[],
  options: InferOptions,
): ColumnFormat | undefined {
  const { currency, marks, marked, note } = tellCurrency(values, options);
  if (marked === 0 || marked < values.length / 2) return undefined;
  const hasDecimals = values.some((value) => /[0-9][.,][0-9]/.test(value));
  if (!hasDecimals && marks.some((mark) => wordCodes.has(mark))) return undefined;
  const format = tellDecimals('currency', values, { ...options, tolerance: markedTolerance });
  if (format === undefined) return undefined;
  if (currency !== undefined) return inCurrency(format, { currency, note });
  const { timeZone } = options;
  return { ...{ type: 'string', options: { timeZone }, tolerance: 0 }, ...(note && { note }) };
}

/** With what its amounts are in; how that was told stands in front of what else is to be said. */
export function inCurrency(
  format: ColumnFormat,
  told: { readonly currency: string; readonly note: string | undefined },
): ColumnFormat {
  const { currency } = told;
  const note = [told.note, format.note].filter((part) => part !== undefined).join(', ');
  return {
    ...{ ...format, options: { ...format.options, currency }, currency },
    ...(note !== '' && { note }),
  };
}
