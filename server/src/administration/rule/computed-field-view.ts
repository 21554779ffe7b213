/** A computed field as catalog files and histories show it: its rule, and settings of a field. */
import type { Field } from '../../domain/contact/field.ts';
import { ruleTextOf } from '../../domain/rule/rule-text.ts';
import { type Document, viewFieldSettings } from '../dataset/dataset-view.ts';
import type { RuleBook } from './rule-book.ts';
import { shownInputs } from './shown-inputs.ts';

/** Without the settings that a new field with this rule gets by itself, except for the type. */
export function viewComputedField(field: Field, book: RuleBook): Document {
  const { type, ...settings } = viewFieldSettings(field);
  const { off } = shownInputs(field.rule ?? [], book);
  return {
    rule: ruleTextOf(field.rule ?? [], book.names),
    type,
    ...settings,
    ...(field.content && off.content.length > 0 && { content: true }),
    ...(field.condition && off.condition.length > 0 && { condition: true }),
  };
}
