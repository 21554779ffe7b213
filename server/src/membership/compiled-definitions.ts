/**
 * The compiled rules of an organization: made once for each revision of its definitions, and used
 * by every look-up. `Evaluation` says how a record is evaluated.
 */
import type { OrganizationState } from '../domain/catalog-state.ts';
import type { Field } from '../domain/contact/field.ts';
import type { Definitions } from '../domain/membership/definitions.ts';
import type { RuleText } from '../domain/rule/rule-text.ts';
import { zoneDaysOf } from '../domain/value/zone-days.ts';
import type { FieldSlots } from '../stores/read-record.ts';
import type { TypedRule } from './check/check-rule.ts';
import type { TypedNode } from './check/typed-node.ts';
import type { CompiledFlow, Condition, Input, ReadText } from './compile/compile-context.ts';
import { Compiler } from './compile/compiler.ts';
import { Evaluation } from './compile/evaluation.ts';
import { eachNode } from './compile/node-parts.ts';
import type { FilteredRule } from './compile/rule-filter.ts';
import { reachOf } from './compile/rule-graph.ts';
import {
  type DefinitionFault,
  type RuleSource,
  TypedDefinitions,
} from './compile/typed-definitions.ts';

export type { Input } from './compile/compile-context.ts';
export { Evaluation } from './compile/evaluation.ts';
export type { RuleSource } from './compile/typed-definitions.ts';

const compiledDefinitions = new WeakMap<Definitions, CompiledDefinitions>();

/** The compiled rules of an organization. Compiles them once for each revision of them. */
export function compiledDefinitionsOf(state: OrganizationState): CompiledDefinitions {
  const { definitions } = state;
  const known = compiledDefinitions.get(definitions);
  if (known !== undefined) return known;
  const made = new CompiledDefinitions(ruleSourceOf(state));
  compiledDefinitions.set(definitions, made);
  return made;
}

/** Everything of an organization that rules use. */
export function ruleSourceOf(state: OrganizationState): RuleSource {
  const { definitions, fields, datasets, organization } = state;
  const lists = [...datasets.values()].filter(({ definition }) => definition?.kind === 'list');
  return {
    fields: fields.values(),
    segments: definitions.segments,
    flows: definitions.flows,
    groups: definitions.groups.values(),
    globalHoldout: definitions.globalHoldout,
    lists: new Map(lists.map(({ id, name }) => [id, name])),
    timeZone: organization.timeZone,
  };
}

/** A rule that is true or false. */
export interface CompiledRule extends FilteredRule {
  /** The parts that && connects: true where all of them are. */
  readonly clauses: readonly CompiledClause[];
}

export interface CompiledClause {
  readonly text: RuleText;
  readonly condition: Condition;
  /** What the clause reads itself, for an explanation. */
  readonly fieldIds: readonly number[];
  /** The lists and campaigns that the clause itself asks for, each as often as it does. */
  readonly asked: readonly AskedMembership[];
}

export type AskedMembership =
  | { readonly kind: 'in_list'; readonly datasetId: number }
  | {
      readonly kind: 'received_campaign';
      readonly campaignId: string;
      /** When it was received at the earliest, in milliseconds since 1970; `null`: at any time. */
      readonly since: ((evaluation: Evaluation) => number) | null;
    };

export interface CompiledField {
  readonly field: Field;
  /** The value as JSON; `null`: there is none, and the implied value counts. */
  readonly readJson: ReadText;
}

/** What to evaluate. Missing members: nothing of the kind. */
export interface Wanted {
  readonly segmentIds?: Iterable<number>;
  readonly computedIds?: Iterable<number>;
  readonly flowIds?: Iterable<number>;
  /** Places in `RuleSource.rules`. */
  readonly rules?: Iterable<number>;
}

/** What an evaluation of something needs. */
export interface Reach {
  /** Numbers of inputs, ascending. */
  readonly inputs: readonly number[];
  readonly readsMemberships: boolean;
  /** Whether identities decide about flows. */
  readonly readsIdentities: boolean;
  /** Including those that others use. */
  readonly segmentIds: ReadonlySet<number>;
  readonly computedIds: ReadonlySet<number>;
  readonly flowIds: ReadonlySet<number>;
}

export class CompiledDefinitions {
  readonly segments: ReadonlyMap<number, CompiledRule>;
  /** Computed fields, by id. */
  readonly computed: ReadonlyMap<number, CompiledField>;
  /** Flows that follow a segment, by id. Other flows are reported. */
  readonly flows: ReadonlyMap<number, CompiledFlow>;
  /** The rules of the branches of these flows, by id, for an explanation. */
  readonly branches: ReadonlyMap<number, readonly CompiledRule[]>;
  /** Flows whose reports are not answered: computed ones, and those that are not live. */
  readonly hiddenFlowIds: ReadonlySet<number>;
  /** In the order of `RuleSource.rules`. */
  readonly rules: readonly CompiledRule[];
  /** The fields that rules read from a record; an input's number is its place. */
  readonly inputs: readonly Input[];
  readonly faults: readonly DefinitionFault[];
  readonly #typed: TypedDefinitions;
  readonly #numbers: ReadonlyMap<number, number>;
  readonly #compiler: Compiler;

  constructor(source: RuleSource) {
    const typed = new TypedDefinitions(source);
    const zone = zoneDaysOf(source.timeZone);
    const compiler = new Compiler({ fields: typed.fields, rules: typed, zone });
    this.#typed = typed;
    this.#compiler = compiler;
    // What others use comes first, so that compiling one calls few functions in each other.
    for (const { kind, id } of typed.order) {
      if (kind === 'segment') compiler.segment(id);
      else compiler.computed(id);
    }
    this.segments = new Map(
      [...typed.segments].map(([id, rule]) => [
        id,
        compileRule(rule, compiler.segment(id), compiler),
      ]),
    );
    this.rules = typed.rules.map((rule) =>
      compileRule(rule, conditionOf(rule, compiler), compiler),
    );
    this.computed = new Map(
      [...typed.computedIds].flatMap((id) => {
        const computed = compiler.computed(id);
        return computed === undefined ? [] : [[id, computed] as const];
      }),
    );
    this.flows = new Map(
      [...typed.flows.keys()].flatMap((id) => {
        const flow = compiler.compiledFlow(id);
        return flow === undefined ? [] : [[id, flow] as const];
      }),
    );
    this.branches = new Map(
      [...this.flows.keys()].map((id) => {
        const rules = typed.branches.get(id) ?? [];
        return [id, rules.map((rule) => compileRule(rule, conditionOf(rule, compiler), compiler))];
      }),
    );
    this.hiddenFlowIds = new Set(
      [...(source.flows?.values() ?? [])]
        .filter(({ kind, status }) => kind === 'stream' || status !== 'live')
        .map(({ id }) => id),
    );
    this.faults = typed.faults;
    this.inputs = compiler.inputs;
    this.#numbers = new Map(this.inputs.map(({ number, field }) => [field.id, number]));
  }

  /** Memory for evaluations: one for each thread, or for each worker of a preview. */
  newEvaluation(): Evaluation {
    return new Evaluation(this.#compiler.sizes);
  }

  /** What must be read before these can be evaluated. */
  reach(wanted: Wanted): Reach {
    const typed = this.#typed;
    const reach = reachOf(typed, {
      segmentIds: wanted.segmentIds ?? [],
      computedIds: wanted.computedIds ?? [],
      flowIds: wanted.flowIds ?? [],
      nodes: [...(wanted.rules ?? [])].flatMap((place) => typed.rules[place]?.node ?? []),
    });
    const { fieldIds, ...rest } = reach;
    const inputs = [...fieldIds].flatMap((id) => this.#numbers.get(id) ?? []);
    return { ...rest, inputs: inputs.sort((one, other) => one - other) };
  }

  /** What `locateFields` needs to find these inputs. */
  inputSlots(inputs: readonly number[], base: number): readonly FieldSlots[] {
    const wanted = inputs.flatMap((number) => this.inputs[number] ?? []);
    const byDataset = Map.groupBy(wanted, ({ field }) => field.datasetId);
    return [...byDataset]
      .sort(([one], [other]) => one - other)
      .map(([datasetId, ofDataset]) => {
        const sorted = ofDataset.toSorted((one, other) => one.field.id - other.field.id);
        return {
          datasetId,
          fieldIds: sorted.map(({ field }) => field.id),
          slots: sorted.map(({ number }) => base + number),
        };
      });
  }
}

const never: Condition = () => false;
export const falseRule: CompiledRule = { condition: never, clauses: [], plain: [], rest: never };

function conditionOf(rule: TypedRule | undefined, compiler: Compiler): Condition {
  return rule === undefined ? never : compiler.once(rule.node);
}

function compileRule(
  rule: TypedRule | undefined,
  condition: Condition,
  compiler: Compiler,
): CompiledRule {
  if (rule === undefined) return falseRule;
  const parts = rule.clauses.length > 1 && rule.node.op === 'all' ? rule.node.parts : [rule.node];
  const clauses = parts.map((part, place) => ({
    text: rule.clauses[place] ?? rule.rule,
    condition: parts.length === 1 ? condition : compiler.condition(part),
    fieldIds: [...directFields(part)],
    asked: askedIn(part, compiler),
  }));
  return { condition, clauses, ...compiler.filtered(rule.node) };
}

function askedIn(node: TypedNode, compiler: Compiler): readonly AskedMembership[] {
  const asked: AskedMembership[] = [];
  eachNode(node, (one) => {
    if (one.op === 'in-list-dataset') asked.push({ kind: 'in_list', datasetId: one.id });
    if (one.op !== 'received-campaign') return;
    const { campaignId, since } = one;
    const part = since === null ? null : compiler.number(since);
    const read =
      part &&
      ((evaluation: Evaluation) => {
        part.load?.(evaluation);
        return evaluation.numbers[part.slot] ?? Number.NaN;
      });
    asked.push({ kind: 'received_campaign', campaignId, since: read });
  });
  return asked;
}

function directFields(node: TypedNode): ReadonlySet<number> {
  const none = { segment: () => undefined, computed: () => undefined, flow: () => undefined };
  return reachOf(none, { nodes: [node] }).fieldIds;
}
