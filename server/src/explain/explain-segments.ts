/** Why a contact is in its segments: the truth of each clause, and the inputs that it read. */
import type { OrganizationState } from '../domain/catalog-state.ts';
import { type RuleNames, type RuleText, ruleTextOf } from '../domain/rule/rule-text.ts';
import type {
  CompiledDefinitions,
  CompiledRule,
  Evaluation,
} from '../membership/compiled-definitions.ts';
import type { ExplainedMembership, ExplainMembership } from './explain-memberships.ts';
import type { ExplainedValue, ExplainedValues } from './explain-values.ts';

export interface ExplainedClause {
  readonly rule: string;
  /** `null`: the caller may not know it. */
  readonly is_true: boolean | null;
  /** What the clause itself uses. */
  readonly inputs: readonly ExplainedValue[];
  /** The lists and campaigns that the clause itself asks for. */
  readonly memberships: readonly ExplainedMembership[];
}

export interface ExplainedSegment {
  readonly id: number;
  readonly name: string;
  readonly rule: string;
  readonly is_member: boolean;
  /** The parts that && connects. The segment holds if all of them are true. */
  readonly clauses: readonly ExplainedClause[];
}

export interface RuleContext {
  readonly organization: OrganizationState;
  readonly compiled: CompiledDefinitions;
  readonly evaluation: Evaluation;
  readonly values: ExplainedValues;
  readonly explainMembership: ExplainMembership;
  /** The names that rules are shown with. */
  readonly names: Pick<RuleNames, 'nameOf'>;
  /** Whether the caller may know if a rule holds. */
  readonly seesRule: (rule: RuleText) => boolean;
}

/** Ascending by id. */
export function explainSegments(context: RuleContext): readonly ExplainedSegment[] {
  const { compiled, evaluation, organization, names } = context;
  return [...organization.definitions.segments.values()].map(({ id, name, rule }) => {
    const found = compiled.segments.get(id);
    return {
      ...{ id, name, rule: ruleTextOf(rule, names) },
      is_member: found?.condition(evaluation) ?? false,
      clauses: explainClauses(found, context),
    };
  });
}

/** None for a rule that cannot be evaluated. */
export function explainClauses(
  rule: Pick<CompiledRule, 'clauses'> | undefined,
  { evaluation, values, names, explainMembership, seesRule }: RuleContext,
): readonly ExplainedClause[] {
  return (rule?.clauses ?? []).map(({ text, condition, fieldIds, asked }) => ({
    rule: ruleTextOf(text, names).trim(),
    is_true: seesRule(text) ? condition(evaluation) : null,
    inputs: fieldIds.flatMap((id) => values.get(id) ?? []),
    memberships: asked.map((one) => explainMembership(one, evaluation)),
  }));
}

export function ruleNamesOf(organization: OrganizationState): Pick<RuleNames, 'nameOf'> {
  const { fields, datasets, definitions } = organization;
  const ofFields = new Map([...fields.values()].map(({ id, name }) => [id, name]));
  const ofDatasets = new Map([...datasets.values()].map(({ id, name }) => [id, name]));
  return {
    nameOf: (kind, id) => {
      if (kind === 'field') return ofFields.get(id);
      return kind === 'segment' ? definitions.segments.get(id)?.name : ofDatasets.get(id);
    },
  };
}
