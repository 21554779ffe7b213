/** The values of a contact as rules and look-ups see them, with where each one comes from. */

import type { StoredContact } from '../administration/contact/stored-values.ts';
import type { OrganizationState } from '../domain/catalog-state.ts';
import { builtInFields, defaultImpliedValue, type Field } from '../domain/contact/field.ts';
import { type RuleText, referencesOf } from '../domain/rule/rule-text.ts';
import { type InputAge, oldestAge, type SectionAge } from '../lookup/freshness.ts';
import type { CompiledDefinitions, Evaluation } from '../membership/compiled-definitions.ts';
import { membershipAnswers } from '../membership/membership-answers.ts';

export interface ExplainedValue {
  readonly field: string;
  /** What rules and look-ups see: also the implied value; `null` if it is withheld or hidden. */
  readonly value: unknown;
  /**
   * `stale`: older than the dataset's maximum age, but answered. `computed`: by the rule of the
   * field. `approximate`: computed without a value that is withheld. `reported`: by other tools.
   * `hidden`: neither look-ups nor rules may use the field.
   */
  readonly from:
    | 'value'
    | 'stale'
    | 'amended'
    | 'implied'
    | 'withheld'
    | 'computed'
    | 'approximate'
    | 'reported'
    | 'hidden';
  /** RFC 3339; `null`: unknown. */
  readonly as_of: string | null;
}

export interface ValueContext {
  readonly organization: OrganizationState;
  readonly compiled: CompiledDefinitions;
  readonly evaluation: Evaluation;
  readonly stored: StoredContact;
  /** By the id of a field that a dataset fills. */
  readonly ages: ReadonlyMap<number, SectionAge>;
  /** Whether to show values that neither look-ups nor rules may use. */
  readonly showsAll: boolean;
}

/** By the id of the field. */
export type ExplainedValues = ReadonlyMap<number, ExplainedValue>;

export function explainValues(context: ValueContext): ExplainedValues {
  const { organization, showsAll } = context;
  const told = ofDatasets(context);
  return new Map(
    [...organization.fields.values()].map((field) => {
      const value = told(field);
      const isShown = showsAll || field.content || field.condition;
      return [field.id, isShown ? value : { ...value, value: null, from: 'hidden' }];
    }),
  );
}

function ofDatasets({ compiled, evaluation, stored, ages }: ValueContext) {
  const sources = new Map(stored.values.map(({ fieldId, json }) => [fieldId, json]));
  const amended = new Map(stored.amendments.map(({ fieldId, value }) => [fieldId, value]));
  const inputAge = (number: number): InputAge => {
    const id = compiled.inputs[number]?.field.id ?? 0;
    return { ...(ages.get(id) ?? unknownAge), isFilled: sources.has(id) || amended.has(id) };
  };
  return (field: Field): ExplainedValue => {
    const { id, name } = field;
    const computed = compiled.computed.get(id);
    if (computed !== undefined) {
      const age = oldestAge(compiled.reach({ computedIds: [id] }).inputs.map(inputAge));
      const json = computed.readJson(evaluation) ?? impliedOf(field);
      const from = age.verdict === 'approximate' ? 'approximate' : 'computed';
      return { field: name, value: JSON.parse(json), from, as_of: timeOf(age.asOfMs) };
    }
    const { asOfMs, verdict } = ages.get(id) ?? unknownAge;
    const told = { field: name, as_of: timeOf(asOfMs) };
    if (verdict === 'withheld') return { ...told, value: null, from: 'withheld' };
    const found = amended.get(id) ?? sources.get(id) ?? 'null';
    const json = found === 'null' ? impliedOf(field) : found;
    const value = JSON.parse(json) as unknown;
    if (verdict === 'amended') return { ...told, value, from: 'amended' };
    if (found === 'null') return { ...told, value, from: 'implied' };
    return { ...told, value, from: verdict === 'stale' ? 'stale' : 'value' };
  };
}

const unknownAge: SectionAge = { asOfMs: undefined, verdict: 'fresh' };

/** The memberships that look-ups answer in built-in fields. */
export function explainBuiltIn({
  compiled,
  evaluation,
  stored,
}: ValueContext): readonly ExplainedValue[] {
  const answers = membershipAnswers(compiled);
  const reported = new Map(stored.memberships);
  return builtInFields.map(({ name }) => {
    const answer = answers.get(name);
    const computed = answer && Buffer.from(answer(evaluation) ?? '[]', 'latin1').toString();
    const value = JSON.parse(computed ?? reported.get(name) ?? '[]') as unknown;
    return { field: name, value, from: answer ? 'computed' : 'reported', as_of: null };
  });
}

/** The values that a rule itself uses. */
export function valuesOfRule(rule: RuleText, values: ExplainedValues): ExplainedValue[] {
  return referencesOf(rule).flatMap(({ kind, id }) => {
    const value = kind === 'field' ? values.get(id) : undefined;
    return value === undefined ? [] : [value];
  });
}

export function timeOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}

function impliedOf(field: Field): string {
  return field.impliedValue ?? defaultImpliedValue(field.type);
}
