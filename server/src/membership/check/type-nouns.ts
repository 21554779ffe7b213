/** The types of rules in words, for problems. */
import type { RuleType } from '../../domain/rule/rule-type.ts';

const nouns: Readonly<Record<RuleType, string>> = {
  boolean: 'a boolean',
  integer: 'a whole number',
  number: 'a number',
  'big integer': 'a big integer',
  text: 'a text',
  date: 'a date',
  set: 'a set',
  duration: 'a duration',
  days: 'a number of days',
};

/** `a date` */
export function nounOf(type: RuleType): string {
  return nouns[type];
}

/** `A date` */
export function startOf(type: RuleType): string {
  return `A${nouns[type].slice(1)}`;
}
