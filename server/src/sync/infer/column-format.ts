/** What a column of texts was taken for, and how its values are written. */
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
   * Share of values that may be rejected for not fitting before the type is given up; 1 for a
   * declared type.
   */
  readonly tolerance: number;
  /** What the amounts of a new field are in, ISO 4217; `undefined`: the organization's currency. */
  readonly currency?: string;
  /**
   * What a person may want to know: how it was told, or what was only assumed, and the flag that
   * changes it.
   */
  readonly note?: string;
}

export interface InferOptions {
  readonly timeZone: string;
  /**
   * Of the organization: decides where the values do not, as which number of a date is the month.
   */
  readonly locale: string;
  /** Of the organization: what a mark means that several currencies or units share. */
  readonly currency: string;
  /** The flag that declares the column as something else, for notes. */
  readonly flag: (type: string) => string;
}

/**
 * Values with a form of their own (dates, money, percentages) prove their type even with a quarter
 * of misfits.
 */
export const markedTolerance = 0.25;
/** Plain digits prove little: a column of them with 1 in 20 others is rather text. */
export const plainTolerance = 0.05;

/** Whether a value that is not empty is read. */
export function reads(type: FieldType, text: string, options: ValueOptions): boolean {
  return 'json' in parseFieldValue(type, text, options);
}

/** Whether of the texts that are not empty at most a share is not read. */
export function fits(
  { type, options }: Pick<ColumnFormat, 'type' | 'options'>,
  texts: readonly string[],
  tolerance: number,
): boolean {
  const misfits = texts.filter((text) => !isEmptyValue(type, text) && !reads(type, text, options));
  return misfits.length <= texts.length * tolerance;
}
