/** Tells whether a column holds amounts of money: at least half of its values have the mark of one currency. */
import { currenciesOf, isTellingMark } from '../domain/currency-mark.ts';
import { splitAmount } from '../domain/split-amount.ts';
import { type ColumnFormat, type InferOptions, markedTolerance } from './column-format.ts';
import { tellDecimals } from './infer-number.ts';

/** Codes of ISO 4217 that are words, too: `TOP 10`, `ALL 3`. Alone they show money only with decimals. */
const wordCodes: ReadonlySet<string> = new Set(
  'ALL BAM BOB COP CUP GEL LAK MAD MOP PEN RON SAR SOS TOP TRY WST'.split(' '),
);

/** @returns text with a note for amounts of several currencies; `undefined`: they are no amounts */
export function inferCurrency(
  values: readonly string[],
  options: InferOptions,
): ColumnFormat | undefined {
  const marks = values.flatMap((value) => splitAmount(value)?.mark ?? []);
  if (marks.length === 0 || marks.length < values.length / 2) return undefined;
  const format = tellDecimals('currency', values, { ...options, tolerance: markedTolerance });
  if (format === undefined) return undefined;
  const distinct = [...new Set(marks)];
  if (distinct.some((mark) => !isTelling(mark, values, options))) return undefined;
  if (sharedCurrencies(distinct).length === 0) return severalCurrencies(distinct, options);
  return format;
}

function isTelling(mark: string, values: readonly string[], options: InferOptions): boolean {
  if (wordCodes.has(mark)) return values.some((value) => /[0-9][.,][0-9]/.test(value));
  return isTellingMark(mark) || currenciesOf(mark).includes(options.currency);
}

/** That all of the marks can mean. */
function sharedCurrencies([first = '', ...others]: readonly string[]): readonly string[] {
  return currenciesOf(first).filter((currency) =>
    others.every((mark) => currenciesOf(mark).includes(currency)),
  );
}

function severalCurrencies(marks: readonly string[], { timeZone }: InferOptions): ColumnFormat {
  const shown = marks.slice(0, 3).join(', ');
  return {
    ...{ type: 'string', options: { timeZone }, tolerance: 0 },
    note: `amounts of several currencies: ${shown}${marks.length > 3 ? ', ...' : ''}`,
  };
}
