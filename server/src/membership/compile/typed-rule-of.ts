/**
 * Rules with their types, kept for as long as the catalog state keeps the rule: after a change of
 * one of 2,000 segments, only this one is parsed and checked again.
 */
import type { FieldType } from '../../domain/contact/field.ts';
import type { RuleText } from '../../domain/rule/rule-text.ts';
import { type RuleContext, readRule, type TypedRule } from '../check/check-rule.ts';

interface KnownRule {
  readonly typed: TypedRule;
  /** By part of the rule: the type of the field. */
  readonly fieldTypes: readonly (FieldType | undefined)[];
}

const known = new WeakMap<RuleText, KnownRule>();

/** As `readRule`. The rule must not be changed afterwards. */
export function typedRuleOf(rule: RuleText, context: RuleContext): ReturnType<typeof readRule> {
  const found = known.get(rule);
  if (found !== undefined && isStillRight(rule, found, context)) return found.typed;
  const read = readRule(rule, context);
  if (!('problem' in read)) {
    known.set(rule, { typed: read, fieldTypes: rule.map((part) => typeOf(part, context)) });
  }
  return read;
}

/** Whether everything that the rule names is there, and its fields have the same types. */
function isStillRight(rule: RuleText, { fieldTypes }: KnownRule, context: RuleContext): boolean {
  return rule.every((part, place) => {
    if (typeof part === 'string' || part.kind === 'flow') return true;
    if (context.nameOf(part.kind, part.id) === undefined) return false;
    return typeOf(part, context) === fieldTypes[place];
  });
}

function typeOf(part: RuleText[number], context: RuleContext): FieldType | undefined {
  const isField = typeof part !== 'string' && part.kind === 'field';
  return isField ? context.fieldOf(part.id)?.type : undefined;
}
