/** Parses types that a person declares: `date:day-first`, `currency:EUR:decimal-comma`, `set:;`. */
import {
  currencyOf,
  type Field,
  type FieldType,
  fieldTypes,
  hasDecimals,
} from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import { isCurrencyCode } from '../../domain/value/currency-code.ts';
import { type DateOrder, dateOrders } from '../../domain/value/date-value.ts';
import type { ValueOptions } from '../../domain/value/field-value.ts';
import type { ColumnFormat, InferOptions } from './column-format.ts';
import { findCurrency } from './find-currency.ts';
import { inCurrency } from './infer-currency.ts';
import { inferDeclared } from './infer-type.ts';

export interface DeclaredType {
  readonly type: FieldType;
  readonly options: Partial<ValueOptions>;
  /** ISO 4217 code of a new field's amounts. */
  readonly currency?: string;
}

/** @throws UsherError `parameter_invalid` */
export function parseDeclaredType(text: string): DeclaredType {
  const colon = text.indexOf(':');
  const name = (colon === -1 ? text : text.slice(0, colon))
    .trim()
    .toLowerCase()
    .replace(/[-_]/g, ' ');
  const detail = colon === -1 ? undefined : text.slice(colon + 1);
  const type = fieldTypes.find((known) => known === name);
  if (type === undefined) {
    throw new UsherError(
      'parameter_invalid',
      `--type: there is no type ${name}. Types: ${fieldTypes.map((known) => known.replace(' ', '-')).join(', ')}.`,
    );
  }
  if (detail === undefined) return { type, options: {} };
  return type === 'currency'
    ? parseAmountDetail(detail)
    : { type, options: parseDetail(type, detail) };
}

/** `EUR`, `decimal-comma`, or `EUR:decimal-comma`. */
function parseAmountDetail(detail: string): DeclaredType {
  const type = 'currency';
  const [first = '', ...others] = detail.split(':');
  const currency = first.toUpperCase();
  if (!isCurrencyCode(currency)) return { type, options: parseDetail(type, detail) };
  return {
    type,
    options: others.length === 0 ? {} : parseDetail(type, others.join(':')),
    currency,
  };
}

function parseDetail(type: FieldType, detail: string): Partial<ValueOptions> {
  const order = dateOrders.find((known) => known === detail);
  if (type === 'date' && order !== undefined) return { dateOrder: order };
  if (hasDecimals(type) && detail === 'decimal-comma') return { decimalComma: true };
  if (hasDecimals(type) && detail === 'decimal-point') return { decimalComma: false };
  if (type === 'set' && detail.length === 1) return { separator: detail };
  throw new UsherError(
    'parameter_invalid',
    `--type: the type ${type} has no form ${detail}. Forms: date:${dateOrders.join(', date:')}, ` +
      'currency:decimal-comma (also float, rate, integer), currency:<code of ISO 4217, such as EUR>, ' +
      'currency:EUR:decimal-comma, set:<separator of one character>.',
  );
}

/** The declared format. Infers what the declaration leaves open; the type stays, whatever comes. */
export function declaredFormat(
  declared: DeclaredType,
  texts: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const format = declaredForm(declared, texts, options);
  return declared.type === 'currency'
    ? declaredAmounts(format, { declared, texts }, options)
    : format;
}

/**
 * The currency is the declared one, else that of the column's only mark, else the organization's.
 */
function declaredAmounts(
  format: ColumnFormat,
  { declared, texts }: { readonly declared: DeclaredType; readonly texts: readonly string[] },
  options: InferOptions,
): ColumnFormat {
  const { currency: code } = declared;
  if (code !== undefined) return inCurrency(format, { currency: code, note: `currency ${code}` });
  const inferred = findCurrency(
    texts.map((text) => text.trim()),
    options,
  );
  if (inferred.currency !== undefined)
    return inCurrency(format, { ...inferred, currency: inferred.currency });
  return { ...format, options: { ...format.options, currency: options.currency } };
}

function declaredForm(
  declared: DeclaredType,
  texts: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const inferred = inferDeclared(declared.type, texts, options);
  if (Object.keys(declared.options).length === 0) return inferred;
  const { undecided: _, ...known } = inferred.options;
  return {
    type: declared.type,
    options: { ...known, ...declared.options },
    tolerance: 1,
  };
}

/** The stored format of a known field's column, from the dataset's definition. */
export function storedOptions(stored: unknown, timeZone: string): ValueOptions | undefined {
  if (stored === null || typeof stored !== 'object') return undefined;
  const { dateOrder, decimalComma, separator, exact } = stored as Record<string, unknown>;
  const order = dateOrders.find((known): known is DateOrder => known === dateOrder);
  return {
    timeZone,
    ...(order !== undefined && { dateOrder: order }),
    ...(decimalComma === true && { decimalComma }),
    ...(typeof separator === 'string' && { separator }),
    ...(exact === true && { exact }),
  };
}

/** Adds the currency of the field's amounts. */
export function withCurrency(
  options: ValueOptions,
  field: Pick<Field, 'type' | 'currency'>,
  organization: { readonly currency: string },
): ValueOptions {
  const currency = currencyOf(field, organization);
  return currency === undefined ? options : { ...options, currency };
}
