/**
 * The compiled rules of an organization: made once for each revision of its definitions, and used
 * by every look-up. `Evaluation` says how a record is evaluated.
 */
import type { Field } from '../domain/contact/field.ts';
import type { Segment } from '../domain/membership/definitions.ts';
import { type RuleProblem, ruleProblem } from '../domain/rule/rule-problem.ts';
import type { RuleReferenceKind, RuleText } from '../domain/rule/rule-text.ts';
import { canFill } from '../domain/rule/rule-type.ts';
import { zoneDaysOf } from '../domain/value/zone-days.ts';
import type { FieldSlots } from '../stores/read-record.ts';
import { type RuleContext, readRule, type TypedRule } from './check/check-rule.ts';
import type { TypedNode } from './check/typed-node.ts';
import type { Condition, Input, ReadText } from './compile/compile-context.ts';
import { Compiler } from './compile/compiler.ts';
import { Evaluation } from './compile/evaluation.ts';
import { reachOf, ruleDepths, type TypedRules } from './compile/rule-graph.ts';
import { maxTotalDepth } from './limits.ts';

export { Evaluation } from './compile/evaluation.ts';

export interface RuleSource {
  readonly fields: Iterable<Field>;
  /** By id. */
  readonly segments: ReadonlyMap<number, Pick<Segment, 'id' | 'name' | 'rule'>>;
  /** The names of the datasets of the kind `list`, by id. */
  readonly lists: ReadonlyMap<number, string>;
  /** Of the organization: an IANA name, or `Z`. */
  readonly timeZone: string;
  /** Further rules, such as one that is only tried out. */
  readonly rules?: readonly RuleText[];
}

/** A rule that is true or false. */
export interface CompiledRule {
  readonly condition: Condition;
  /** The parts that && connects: true where all of them are. */
  readonly clauses: readonly CompiledClause[];
}

export interface CompiledClause {
  readonly text: RuleText;
  readonly condition: Condition;
  /** What the clause reads itself, for an explanation. */
  readonly fieldIds: readonly number[];
}

export interface CompiledField {
  readonly field: Field;
  /** The value as JSON; `null`: there is none, and the implied value counts. */
  readonly readJson: ReadText;
}

/** A rule that cannot be evaluated: a segment is false, a field has no value. */
export interface DefinitionFault {
  readonly kind: 'segment' | 'field' | 'rule';
  /** An id; of a further rule its place. */
  readonly id: number;
  readonly problem: RuleProblem;
}

/** What to evaluate. Missing members: nothing of the kind. */
export interface Wanted {
  readonly segmentIds?: Iterable<number>;
  readonly computedIds?: Iterable<number>;
  readonly rules?: Iterable<number>;
}

/** What an evaluation of something needs. */
export interface Reach {
  /** Numbers of inputs, ascending. */
  readonly inputs: readonly number[];
  readonly readsMemberships: boolean;
  /** Including those that others use. */
  readonly segmentIds: ReadonlySet<number>;
  readonly computedIds: ReadonlySet<number>;
  readonly flowIds: ReadonlySet<number>;
}

export class CompiledDefinitions {
  readonly segments: ReadonlyMap<number, CompiledRule>;
  /** Computed fields, by id. */
  readonly computed: ReadonlyMap<number, CompiledField>;
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
    this.segments = new Map(
      [...typed.segments].map(([id, rule]) => [
        id,
        compileRule(rule, compiler.segment(id), compiler),
      ]),
    );
    this.rules = typed.rules.map((rule) => {
      const isTrue = rule === undefined ? never : compiler.once(compiler.condition(rule.node));
      return compileRule(rule, isTrue, compiler);
    });
    this.computed = new Map(
      [...typed.computedIds].flatMap((id) => {
        const computed = compiler.computed(id);
        return computed === undefined ? [] : [[id, computed] as const];
      }),
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
    const segmentIds = [...(wanted.segmentIds ?? [])];
    const computedIds = [...(wanted.computedIds ?? [])];
    const roots: readonly (TypedNode | undefined)[] = [
      ...segmentIds.map((id) => typed.segment(id)),
      ...computedIds.map((id) => typed.computed(id)),
      ...[...(wanted.rules ?? [])].map((place) => typed.rules[place]?.node),
    ];
    const reach = reachOf(
      roots.filter((node) => node !== undefined),
      typed,
    );
    const inputs = [...reach.fieldIds].flatMap((id) => this.#numbers.get(id) ?? []);
    return {
      inputs: inputs.sort((one, other) => one - other),
      readsMemberships: reach.readsMemberships,
      segmentIds: new Set([...segmentIds, ...reach.segmentIds]),
      computedIds: new Set([...computedIds, ...reach.computedIds]),
      flowIds: reach.flowIds,
    };
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

function compileRule(
  rule: TypedRule | undefined,
  condition: Condition,
  compiler: Compiler,
): CompiledRule {
  if (rule === undefined) return { condition, clauses: [] };
  const parts = rule.clauses.length > 1 && rule.node.op === 'all' ? rule.node.parts : [rule.node];
  const clauses = parts.map((part, place) => ({
    text: rule.clauses[place] ?? rule.rule,
    condition: parts.length === 1 ? condition : compiler.condition(part),
    fieldIds: [...directFields(part)],
  }));
  return { condition, clauses };
}

function directFields(node: TypedNode): ReadonlySet<number> {
  const { fieldIds } = reachOf([node], { segment: () => undefined, computed: () => undefined });
  return fieldIds;
}

/** The rules with their types. A rule with a fault is left out. */
class TypedDefinitions implements TypedRules {
  readonly fields: ReadonlyMap<number, Field>;
  readonly segments = new Map<number, TypedRule | undefined>();
  readonly rules: (TypedRule | undefined)[];
  readonly faults: DefinitionFault[] = [];
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
    this.#leaveOutDeep();
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

  #read(
    place: Pick<DefinitionFault, 'kind' | 'id'>,
    rule: RuleText,
    context: RuleContext,
  ): TypedRule | undefined {
    const read = readRule(rule, context);
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

  #leaveOutDeep(): void {
    const valid = [...this.segments.values(), ...this.#computed.values(), ...this.rules];
    const nodes = valid.filter((rule) => rule !== undefined).map(({ node }) => node);
    const depths = ruleDepths(nodes, this);
    const problemOf = (rule: TypedRule | undefined) => {
      const depth = rule === undefined ? 0 : depths.get(rule.node);
      if (depth !== undefined && depth <= maxTotalDepth) return undefined;
      const reason = `The rule ${depth === undefined ? usesItself : tooDeep}`;
      return ruleProblem('', { at: 0, reason });
    };
    const faults: DefinitionFault[] = [
      ...[...this.segments].map(([id, rule]) => ({
        kind: 'segment',
        id,
        problem: problemOf(rule),
      })),
      ...[...this.#computed].map(([id, rule]) => ({ kind: 'field', id, problem: problemOf(rule) })),
      ...this.rules.map((rule, id) => ({ kind: 'rule', id, problem: problemOf(rule) })),
    ].flatMap(({ problem, ...place }) =>
      problem === undefined ? [] : [{ ...place, problem } as DefinitionFault],
    );
    for (const { kind, id } of faults) {
      if (kind === 'segment') this.segments.set(id, undefined);
      else if (kind === 'field') this.#computed.delete(id);
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
