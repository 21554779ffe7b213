/** The inferred type of a column, and how its values are written. */
import type { FieldType } from '../../domain/contact/field.ts';
import {
  isEmptyValue,
  parseFieldValue,
  type ValueOptions,
} from '../../domain/value/field-value.ts';

export interface ColumnFormat {
  readonly type: FieldType;
  readonly options: ValueOptions;
  /**
   * The largest share of values that may be rejected; above it, another type is chosen. 1 for a
   * declared type.
   */
  readonly tolerance: number;
  /** ISO 4217 code of a new field's amounts; `undefined`: the organization's currency. */
  readonly currency?: string;
  /** For people: why this type was chosen or assumed, and the flag that changes it. */
  readonly note?: string;
}

export interface InferOptions {
  readonly timeZone: string;
  /**
   * The organization's locale. It decides what the values leave open, such as the order of day and
   * month.
   */
  readonly locale: string;
  /** The organization's currency. It decides what a mark means that several currencies share. */
  readonly currency: string;
  /** The flag that declares another type, for notes. */
  readonly flag: (type: string) => string;
}

/**
 * For dates, money and percentages, which have a form of their own: three quarters of the values
 * prove it.
 */
export const markedTolerance = 0.25;
/**
 * For plain digits, which prove little: if more than 1 in 20 values are different, the column is
 * text.
 */
export const plainTolerance = 0.05;

/** Whether a value that is not empty can be parsed. */
export function reads(type: FieldType, text: string, options: ValueOptions): boolean {
  return 'json' in parseFieldValue(type, text, options);
}

/** Whether at most this share of the values cannot be parsed. */
export function fits(
  { type, options }: Pick<ColumnFormat, 'type' | 'options'>,
  texts: readonly string[],
  tolerance: number,
): boolean {
  const misfits = texts.filter((text) => !isEmptyValue(type, text) && !reads(type, text, options));
  return misfits.length <= texts.length * tolerance;
}
