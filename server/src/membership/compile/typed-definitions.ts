/** The rules of an organization with their types, from which they are compiled. */
import type { Field } from '../../domain/contact/field.ts';
import type { ExclusionGroup, Flow, GlobalHoldout } from '../../domain/flow/flow.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import { type RuleProblem, ruleProblem } from '../../domain/rule/rule-problem.ts';
import type { RuleReferenceKind, RuleText } from '../../domain/rule/rule-text.ts';
import { canFill } from '../../domain/rule/rule-type.ts';
import type { RuleContext, TypedRule } from '../check/check-rule.ts';
import type { TypedNode } from '../check/typed-node.ts';
import { maxTotalDepth } from '../limits.ts';
import { ruleDepths, type TypedFlow, type TypedRules } from './rule-graph.ts';
import { typedRuleOf } from './typed-rule-of.ts';

export interface RuleSource {
  readonly fields: Iterable<Field>;
  /** By id. */
  readonly segments: ReadonlyMap<number, Pick<Segment, 'id' | 'name' | 'rule'>>;
  /** The names of the datasets of the kind `list`, by id. */
  readonly lists: ReadonlyMap<number, string>;
  /** By id. Missing: no flow is defined. */
  readonly flows?: ReadonlyMap<number, Flow>;
  readonly groups?: Iterable<ExclusionGroup>;
  readonly globalHoldout?: GlobalHoldout | null;
  /** Of the organization: an IANA name, or `Z`. */
  readonly timeZone: string;
  /** Further rules, such as one that is only tried out. */
  readonly rules?: readonly RuleText[];
}

/** A rule that cannot be evaluated: a segment or a branch is false, a field has no value. */
export interface DefinitionFault {
  readonly kind: 'segment' | 'field' | 'flow' | 'rule';
  /** An id; of a further rule its place. */
  readonly id: number;
  readonly problem: RuleProblem;
}

/** The rules with their types. A rule with a fault is left out. */
export class TypedDefinitions implements TypedRules {
  readonly fields: ReadonlyMap<number, Field>;
  readonly segments = new Map<number, TypedRule | undefined>();
  readonly flows = new Map<number, TypedFlow>();
  /** The rules of the branches of flows, by the id of the flow. */
  readonly branches = new Map<number, readonly (TypedRule | undefined)[]>();
  readonly rules: (TypedRule | undefined)[];
  readonly faults: DefinitionFault[] = [];
  /** Segments and computed fields, each after those that it uses. */
  readonly order: readonly { readonly kind: 'segment' | 'field'; readonly id: number }[];
  readonly #computed = new Map<number, TypedRule>();

  constructor(source: RuleSource) {
    const fields = [...source.fields];
    this.fields = new Map(fields.map((field) => [field.id, field]));
    const context = contextOf(source, this.fields);
    for (const field of fields) {
      if (field.rule === null) continue;
      const typed = this.#read({ kind: 'field', id: field.id }, field.rule, context);
      if (typed !== undefined) this.#computed.set(field.id, typed);
    }
    for (const { id, rule } of source.segments.values()) {
      this.segments.set(id, this.#read({ kind: 'segment', id }, rule, context));
    }
    this.rules = (source.rules ?? []).map((rule, id) =>
      this.#read({ kind: 'rule', id }, rule, context),
    );
    this.#readFlows(source, context);
    const rules = [...this.segments.values(), ...this.#computed.values(), ...this.rules];
    const branches = [...this.flows.values()].flatMap((flow) => flow.branches);
    const nodes = [...rules.map((rule) => rule?.node), ...branches];
    const depths = ruleDepths(
      nodes.filter((node) => node !== undefined),
      this,
    );
    this.#leaveOutDeep(depths);
    const depthOf = (rule: TypedRule | undefined) => (rule && depths.get(rule.node)) ?? 0;
    this.order = [
      ...[...this.segments].map(
        ([id, rule]) => ({ kind: 'segment', id, depth: depthOf(rule) }) as const,
      ),
      ...[...this.#computed].map(
        ([id, rule]) => ({ kind: 'field', id, depth: depthOf(rule) }) as const,
      ),
    ].sort((one, other) => one.depth - other.depth);
  }

  get computedIds(): Iterable<number> {
    return this.#computed.keys();
  }

  segment(id: number): TypedNode | undefined {
    return this.segments.get(id)?.node;
  }

  computed(fieldId: number): TypedNode | undefined {
    return this.#computed.get(fieldId)?.node;
  }

  flow(id: number): TypedFlow | undefined {
    return this.flows.get(id);
  }

  #readFlows(source: RuleSource, context: RuleContext): void {
    const groups = [...(source.groups ?? [])];
    for (const flow of source.flows?.values() ?? []) {
      const { id, experiment } = flow;
      const split = experiment?.split;
      const written = split?.by === 'rule' ? split.branches : [];
      const branches = written.map(({ rule }) => this.#read({ kind: 'flow', id }, rule, context));
      this.branches.set(id, branches);
      this.flows.set(id, {
        flow,
        branches: branches.map((branch) => branch?.node),
        group: groups.find(({ shares }) => shares.some(({ flowId }) => flowId === id)) ?? null,
        globalHoldout: source.globalHoldout ?? null,
      });
    }
  }

  #read(
    place: Pick<DefinitionFault, 'kind' | 'id'>,
    rule: RuleText,
    context: RuleContext,
  ): TypedRule | undefined {
    const read = typedRuleOf(rule, context);
    const problem = 'problem' in read ? read.problem : this.#typeProblem(place, read);
    if (problem === undefined) return read as TypedRule;
    this.faults.push({ ...place, problem });
    return undefined;
  }

  #typeProblem(
    { kind, id }: Pick<DefinitionFault, 'kind' | 'id'>,
    { node: { type } }: TypedRule,
  ): RuleProblem | undefined {
    const wanted = kind === 'field' ? (this.fields.get(id)?.type ?? 'boolean') : 'boolean';
    if (canFill(type, wanted)) return undefined;
    return ruleProblem('', { at: 0, reason: `The rule gives a ${type}, not a ${wanted}.` });
  }

  #leaveOutDeep(depths: ReadonlyMap<TypedNode, number>): void {
    const problemOf = (nodes: readonly (TypedNode | undefined)[]) => {
      const found = nodes.map((node) => (node === undefined ? 0 : depths.get(node)));
      const depth = found.includes(undefined) ? undefined : Math.max(0, ...(found as number[]));
      if (depth !== undefined && depth <= maxTotalDepth) return undefined;
      const reason = `The rule ${depth === undefined ? usesItself : tooDeep}`;
      return ruleProblem('', { at: 0, reason });
    };
    const faults: DefinitionFault[] = [
      ...[...this.segments].map(([id, rule]) => ({
        kind: 'segment',
        id,
        problem: problemOf([rule?.node]),
      })),
      ...[...this.#computed].map(([id, rule]) => ({
        kind: 'field',
        id,
        problem: problemOf([rule?.node]),
      })),
      ...this.rules.map((rule, id) => ({ kind: 'rule', id, problem: problemOf([rule?.node]) })),
      ...[...this.flows].map(([id, { branches }]) => {
        return { kind: 'flow', id, problem: problemOf(branches) };
      }),
    ].flatMap(({ problem, ...place }) =>
      problem === undefined ? [] : [{ ...place, problem } as DefinitionFault],
    );
    for (const { kind, id } of faults) {
      if (kind === 'segment') this.segments.set(id, undefined);
      else if (kind === 'field') this.#computed.delete(id);
      else if (kind === 'flow') this.flows.delete(id);
      else this.rules[id] = undefined;
    }
    this.faults.push(...faults);
  }
}

const usesItself = 'uses itself, directly or through what it uses.';
const tooDeep = `and what it uses are nested more than ${maxTotalDepth} levels deep.`;

/** Types were checked when the rules were saved, with the fields that they may use. */
function contextOf(source: RuleSource, fields: ReadonlyMap<number, Field>): RuleContext {
  return {
    usesAllFields: true,
    fieldOf: (id) => fields.get(id),
    nameOf: (kind: RuleReferenceKind, id: number) => {
      if (kind === 'field') return fields.get(id)?.name;
      return kind === 'segment' ? source.segments.get(id)?.name : source.lists.get(id);
    },
  };
}
