/** A computed field as catalog files and histories show it: its rule, and settings of a field. */
import type { Field } from '../../domain/contact/field.ts';
import { type RuleNames, ruleTextOf } from '../../domain/rule/rule-text.ts';
import { type Document, viewFieldSettings } from '../dataset/dataset-view.ts';

/** Without defaults, except for the type. */
export function viewComputedField(field: Field, names: Pick<RuleNames, 'nameOf'>): Document {
  const { type, ...settings } = viewFieldSettings(field);
  return { rule: ruleTextOf(field.rule ?? [], names), type, ...settings };
}
