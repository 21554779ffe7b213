/** The types of the values in a rule. Several field types can have one type in rules. */
import type { FieldType } from '../contact/field.ts';

/**
 * `integer`: whole and exact as a double. `number`: may have decimals. `duration`: a number of
 * milliseconds. `days`: a number of calendar days, which have 23 to 25 hours.
 */
export type RuleType =
  | 'boolean'
  | 'integer'
  | 'number'
  | 'big integer'
  | 'text'
  | 'date'
  | 'set'
  | 'duration'
  | 'days';

const typesOfFields: Readonly<Record<FieldType, RuleType>> = {
  boolean: 'boolean',
  currency: 'number',
  float: 'number',
  rate: 'number',
  integer: 'integer',
  'positive integer': 'integer',
  'big integer': 'big integer',
  string: 'text',
  text: 'text',
  date: 'date',
  set: 'set',
};

/** The type that the values of a field have in rules. */
export function ruleTypeOf(type: FieldType): RuleType {
  return typesOfFields[type];
}

/**
 * Whether an expression of a rule type can fill a field. Whole numbers fill every number field; a
 * number with decimals does not fill a field of whole numbers.
 */
export function canFill(type: RuleType, field: FieldType): boolean {
  const wanted = ruleTypeOf(field);
  return type === wanted || (type === 'integer' && wanted === 'number');
}
