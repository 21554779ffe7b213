/** Infers whether a column holds dates, and the order of day and month in all of them. */
import type { DateOrder } from '../../domain/value/date-value.ts';
import {
  type ColumnFormat,
  fits,
  type InferOptions,
  markedTolerance,
  plainTolerance,
} from './column-format.ts';

export function inferDate(
  values: readonly string[],
  options: InferOptions,
): ColumnFormat | undefined {
  // Digits without separators are a number first.
  const dateLike = values.filter(
    (value) => !/^[0-9.,]*$/.test(value) || /[0-9][./][0-9]+[./]/.test(value),
  );
  if (dateLike.length < values.length * (1 - markedTolerance)) return undefined;
  const order = inferDateOrder(values, options);
  // The dates show both orders, so for the others nothing shows which number is the month.
  if (order.contrary > plainTolerance) return undefined;
  const format = dateFormat(order, options);
  return fits(format, values, markedTolerance) ? format : undefined;
}

/** The format of a declared date column: its values show the order, if any does. */
export function inferDeclaredDate(values: readonly string[], options: InferOptions): ColumnFormat {
  return { ...dateFormat(inferDateOrder(values, options), options), tolerance: 1 };
}

/** The usual order of a locale, for values that show no order. */
export function localeDateOrder(locale: string): DateOrder {
  const parts = new Intl.DateTimeFormat(locale).formatToParts(0).map(({ type }) => type);
  const isMonthFirst = parts.indexOf('month') < parts.indexOf('day');
  return isMonthFirst && parts.indexOf('day') < parts.indexOf('year') ? 'month-first' : 'day-first';
}

interface InferredOrder {
  /** `undefined` if no value shows the order. */
  readonly dateOrder: DateOrder | undefined;
  readonly isAssumed: boolean;
  /** Share of the values that show the other order. */
  readonly contrary: number;
}

function inferDateOrder(values: readonly string[], { locale }: InferOptions): InferredOrder {
  let [written, dayFirst, monthFirst] = [0, 0, 0];
  for (const value of values) {
    const numbers = /^([0-9]{1,2})([-/.])([0-9]{1,2})\2[0-9]{4}/.exec(value);
    if (numbers === null) continue;
    written += 1;
    if (Number(numbers[1]) > 12) dayFirst += 1;
    if (Number(numbers[3]) > 12) monthFirst += 1;
  }
  const inferred = dayFirst + monthFirst;
  const bySight = dayFirst > monthFirst ? 'day-first' : 'month-first';
  const dateOrder = inferred === 0 ? localeDateOrder(locale) : bySight;
  return {
    dateOrder: written === 0 ? undefined : dateOrder,
    isAssumed: written > 0 && inferred === 0,
    contrary: inferred === 0 ? 0 : Math.min(dayFirst, monthFirst) / inferred,
  };
}

function dateFormat(
  { dateOrder, isAssumed }: InferredOrder,
  { timeZone, locale, flag }: InferOptions,
): ColumnFormat {
  const format = { type: 'date', tolerance: markedTolerance } as const;
  if (dateOrder === undefined) return { ...format, options: { timeZone } };
  const other = dateOrder === 'day-first' ? 'month-first' : 'day-first';
  const note = isAssumed
    ? `${dateOrder}, as ${locale} writes it, because no value shows the order; to change: ${flag(`date:${other}`)}`
    : dateOrder;
  return { ...format, options: { timeZone, dateOrder }, note };
}
