/**
 * Finds the currency of a column's amounts by their marks. A column has one currency: if the marks
 * show several, or nothing decides between several, a person must declare it.
 */
import { currenciesOf, isClearMark } from '../../domain/value/currency-mark.ts';
import { splitAmount } from '../../domain/value/split-amount.ts';
import type { InferOptions } from './column-format.ts';

type MoneyOptions = Pick<InferOptions, 'currency' | 'locale' | 'flag'>;

export interface FoundCurrency {
  /** ISO 4217 code; `undefined`: no mark decides it. */
  readonly currency: string | undefined;
  /** Each mark once, as it is written. */
  readonly marks: readonly string[];
  /** How many values have a mark. */
  readonly marked: number;
  /** What to tell people about the currency. */
  readonly note: string | undefined;
}

/** @param values trimmed and not empty */
export function findCurrency(values: readonly string[], options: MoneyOptions): FoundCurrency {
  const counts = new Map<string, number>();
  for (const value of values) {
    const amount = splitAmount(value);
    if (amount?.mark === undefined || !/^[0-9.,]/.test(amount.digits)) continue;
    counts.set(amount.mark, (counts.get(amount.mark) ?? 0) + 1);
  }
  const marks = [...counts.keys()];
  const marked = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (marks.length === 0) return { currency: undefined, marks, marked, note: undefined };
  const inferred = new Set(marks.map((mark) => currencyOfMark(mark, options)));
  const [currency] = inferred;
  if (inferred.size > 1) {
    const note = `amounts in several currencies: ${listed(marks)}`;
    return { currency: undefined, marks, marked, note };
  }
  if (currency === undefined) {
    return { currency: undefined, marks, marked, note: undecidedNote(marks, options) };
  }
  return { currency, marks, marked, note: chosenNote(currency, marks, options) };
}

/**
 * The organization's currency if the mark fits it, else the mark's only currency, else the one that
 * the locale writes with this mark.
 */
function currencyOfMark(mark: string, { currency, locale }: MoneyOptions): string | undefined {
  const currencies = currenciesOf(mark);
  if (currencies.includes(currency)) return currency;
  if (!isClearMark(mark)) return undefined;
  if (currencies.length < 2) return currencies[0];
  return currencies.find((one) => plainMark(symbolIn(locale, one)) === plainMark(mark));
}

function symbolIn(locale: string, currency: string): string {
  const parts = new Intl.NumberFormat(locale, { style: 'currency', currency }).formatToParts(1);
  return parts.find(({ type }) => type === 'currency')?.value ?? currency;
}

/** The mark in its usual width, without direction marks and the full stop of an abbreviation. */
function plainMark(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u200e\u200f\u061c]/g, '')
    .replace(/\.$/, '');
}

function chosenNote(currency: string, marks: readonly string[], options: MoneyOptions): string {
  const shared = marks.find((mark) => currenciesOf(mark).length > 1);
  if (shared === undefined || currency === options.currency) return `currency ${currency}`;
  return `currency ${currency}, as ${shared} means in ${options.locale}; to change: ${options.flag('currency:CODE')}`;
}

function undecidedNote(marks: readonly string[], { flag }: MoneyOptions): string {
  const currencies = [...new Set(marks.flatMap((mark) => currenciesOf(mark)))];
  const [first] = currencies;
  if (first === undefined)
    return `amounts with ${listed(marks)}, which no currency of ISO 4217 has`;
  return `amounts with ${listed(marks)}, which may be ${currencies.slice(0, 4).join(', ')}; ${flag(`currency:${first}`)} declares it`;
}

function listed(marks: readonly string[]): string {
  const shown = marks.slice(0, 5).join(', ');
  return marks.length > 5 ? `${shown}, ...` : shown;
}
