/** The values of a contact as rules and look-ups see them, with where each one comes from. */

import type { StoredContact } from '../administration/contact/stored-values.ts';
import type { OrganizationState } from '../domain/catalog-state.ts';
import { builtInFields, defaultImpliedValue, type Field } from '../domain/contact/field.ts';
import { type RuleText, referencesOf } from '../domain/rule/rule-text.ts';
import {
  type FreshnessStatus,
  type InputAge,
  oldestAge,
  type SectionAge,
  statusOf,
} from '../lookup/freshness.ts';
import type { CompiledDefinitions, Evaluation, Reach } from '../membership/compiled-definitions.ts';
import { membershipAnswers, wantedBy } from '../membership/membership-answers.ts';

export interface ExplainedValue {
  readonly field: string;
  /** What rules and look-ups see: also the implied value; `null` if it is withheld or hidden. */
  readonly value: unknown;
  /**
   * `stale`: older than the dataset's maximum age, or computed from such a value, but answered.
   * `computed`: by rules. `approximate`: computed without a value that is withheld. `reported`: by
   * other tools.
   * `hidden`: neither look-ups nor rules may use the field, or a field that it shows.
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
  /** The reader may not see the value. */
  readonly masked?: true;
}

export interface ValueContext {
  readonly organization: OrganizationState;
  readonly compiled: CompiledDefinitions;
  readonly evaluation: Evaluation;
  readonly stored: StoredContact;
  /** By the id of a field that a dataset fills. */
  readonly ages: ReadonlyMap<number, SectionAge>;
  /** Whether to show hidden values, too. */
  readonly showsAll: boolean;
}

/** By the id of the field. */
export type ExplainedValues = ReadonlyMap<number, ExplainedValue>;

export function explainValues(context: ValueContext): ExplainedValues {
  const { organization, showsAll } = context;
  const told = ofDatasets(context);
  const isHidden = showsAll ? () => false : hiddenFields(organization);
  return new Map(
    [...organization.fields.values()].map((field) => {
      const value = told(field);
      return [field.id, isHidden(field) ? { ...value, value: null, from: 'hidden' } : value];
    }),
  );
}

/**
 * Neither look-ups nor rules may use the field. Or only rules may, because somebody let them, and
 * it is computed from a field that is hidden: it shows as little as that one.
 */
function hiddenFields({ fields }: OrganizationState): (field: Field) => boolean {
  const byId = new Map([...fields.values()].map((field) => [field.id, field]));
  const known = new Map<number, boolean>();
  const isHidden = (field: Field): boolean => {
    const found = known.get(field.id);
    if (found !== undefined) return found;
    const { content, condition, rule } = field;
    const hasHiddenInput = () =>
      referencesOf(rule ?? []).some(({ kind, id }) => {
        const input = kind === 'field' ? byId.get(id) : undefined;
        return input !== undefined && isHidden(input);
      });
    const hides = !content && (!condition || hasHiddenInput());
    known.set(field.id, hides);
    return hides;
  };
  return isHidden;
}

function ofDatasets(context: ValueContext) {
  const { compiled, evaluation, stored, ages } = context;
  const sources = new Map(stored.values.map(({ fieldId, json }) => [fieldId, json]));
  const amended = new Map(stored.amendments.map(({ fieldId, value }) => [fieldId, value]));
  return (field: Field): ExplainedValue => {
    const { id, name } = field;
    const computed = compiled.computed.get(id);
    if (computed !== undefined) {
      const json = computed.readJson(evaluation) ?? impliedOf(field);
      const age = ageOfComputed(context, compiled.reach({ computedIds: [id] }));
      return { field: name, value: JSON.parse(json) as unknown, ...age };
    }
    const { asOfMs, verdict } = ages.get(id) ?? unknownAge;
    const told = { field: name, as_of: timeOf(asOfMs) };
    if (verdict === 'withheld') return { ...told, value: null, from: 'withheld' };
    const found = amended.get(id) ?? sources.get(id) ?? 'null';
    const isFilled = found !== 'null';
    const value = JSON.parse(isFilled ? found : impliedOf(field)) as unknown;
    const status = statusOf(verdict, { isFilled, isNullImplied: value === null });
    return { ...told, value, from: originOf[status] };
  };
}

/** Where a value of a dataset comes from, by the freshness status that look-ups answer. */
const originOf = {
  ...{ present: 'value', implied: 'implied', null: 'implied', stale: 'stale' },
  ...{ withheld: 'withheld', amended: 'amended', approximate: 'approximate' },
} as const satisfies Record<FreshnessStatus, ExplainedValue['from']>;

/** What look-ups say of the age of something that rules compute. */
function ageOfComputed(
  { compiled, stored, ages }: ValueContext,
  reach: Reach,
): Pick<ExplainedValue, 'from' | 'as_of'> {
  const filled = new Set([...stored.values, ...stored.amendments].map(({ fieldId }) => fieldId));
  const inputAge = (number: number): InputAge => {
    const id = compiled.inputs[number]?.field.id ?? 0;
    return { ...(ages.get(id) ?? unknownAge), isFilled: filled.has(id) };
  };
  const { asOfMs, verdict } = oldestAge(reach, inputAge);
  return { from: verdict === 'fresh' ? 'computed' : verdict, as_of: timeOf(asOfMs) };
}

const unknownAge: SectionAge = { asOfMs: undefined, verdict: 'fresh' };

/** The memberships that look-ups answer in built-in fields. */
export function explainBuiltIn(context: ValueContext): readonly ExplainedValue[] {
  const { compiled, evaluation, stored } = context;
  const answers = membershipAnswers(
    compiled,
    builtInFields.map(({ name }) => name),
  );
  const reported = new Map(stored.memberships);
  return builtInFields.map(({ name }) => {
    const answer = answers.get(name);
    const computed = answer && `${answer(evaluation) ?? '[]'}`;
    const value = JSON.parse(computed ?? reported.get(name) ?? '[]') as unknown;
    if (answer === undefined) return { field: name, value, from: 'reported', as_of: null };
    const age = ageOfComputed(context, compiled.reach(wantedBy(compiled, name)));
    return { field: name, value, ...age };
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
