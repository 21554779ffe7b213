/** Parses types that a person declares: `date:day-first`, `currency:EUR:decimal-comma`, `set:;`. */
import {
  currencyOf,
  type Field,
  type FieldType,
  fieldTypes,
  hasDecimals,
} from '../../domain/contact/field.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';
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
    `--type: ${detail} is not a format of the type ${type}. The formats are date:${dateOrders.join(', date:')}, ` +
      'currency:decimal-comma (also float, rate, integer), currency:<code of ISO 4217, such as EUR>, ' +
      'currency:EUR:decimal-comma, set:<separator of one character>.',
  );
}

/**
 * The declared format. Infers what the declaration leaves open; the type stays, whatever the values
 * are.
 */
export function declaredFormat(
  declared: DeclaredType,
  texts: readonly string[],
  options: InferOptions,
): ColumnFormat {
  const inferred = inferDeclared(declared.type, texts, options);
  const { undecided: _, ...known } = inferred.options;
  const isOpen = Object.keys(declared.options).length === 0;
  const format = isOpen
    ? inferred
    : { type: declared.type, options: { ...known, ...declared.options }, tolerance: 1 };
  if (declared.type !== 'currency') return format;
  // The declared currency, or else that of the column's only mark, or else the organization's.
  const { currency: code } = declared;
  if (code !== undefined) return inCurrency(format, { currency: code, note: `currency ${code}` });
  const values = texts.map((text) => text.trim());
  const { currency, note } = findCurrency(values, options);
  if (currency !== undefined) return inCurrency(format, { currency, note });
  return { ...format, options: { ...format.options, currency: options.currency } };
}

/**
 * The stored formats of columns, by column. Definitions store pairs instead of an object, because
 * people choose the names.
 */
export function storedFormats(
  definition: Pick<DatasetDefinition, 'format'> | null | undefined,
): Map<string, unknown> {
  const stored = definition?.format['columns'];
  const pairs: unknown[] = Array.isArray(stored) ? stored : [];
  return new Map(
    pairs.filter((pair) => Array.isArray(pair)).map(([column, format]) => [column, format]),
  );
}

/** A stored format as options; `undefined`: none is stored. */
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

/** How the column of a known field is written. */
export function fieldOptions(
  stored: unknown,
  field: Pick<Field, 'type' | 'currency'>,
  organization: { readonly timeZone: string; readonly currency: string },
): ValueOptions {
  const { timeZone } = organization;
  return withCurrency(storedOptions(stored, timeZone) ?? { timeZone }, field, organization);
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
