/**
 * Compiles the rules of an organization together, so that they share registers, constants and
 * inputs, and so that each is evaluated once for a record.
 */
import type { Field } from '../../domain/contact/field.ts';
import type { ZoneDays } from '../../domain/value/zone-days.ts';
import type { TypedNode } from '../check/typed-node.ts';
import { compileComputed, impliedOf } from './compile-computed.ts';
import { compileCondition } from './compile-condition.ts';
import type {
  Bound,
  CompileContext,
  Computed,
  Condition,
  Input,
  NumberPart,
  ReadText,
  SetPart,
  SlotBy,
  SlotReader,
  TextNumber,
  TextPart,
} from './compile-context.ts';
import { type CompiledFlow, firstVariant, notInFlow } from './compile-context.ts';
import { compileFlow } from './compile-flow.ts';
import { compileSetHas } from './compile-in-set.ts';
import { compileNumber } from './compile-number.ts';
import { compileReportedFlow } from './compile-received.ts';
import { compileSlot } from './compile-slot.ts';
import { compileSet, compileText, readerOf } from './compile-text.ts';
import type { EvaluationSizes } from './evaluation.ts';
import { compileTextNumber } from './load-input.ts';
import { workFirst } from './node-parts.ts';
import { onceAll } from './once-all.ts';
import { plainClausesOf, plainPartsOf } from './plain-clauses.ts';
import type { FilteredRule } from './rule-filter.ts';
import type { TypedRules } from './rule-graph.ts';

/** The rules use neither themselves nor each other in a ring, and are not too deep. */
export interface CompilerOptions {
  readonly fields: ReadonlyMap<number, Field>;
  readonly rules: TypedRules;
  readonly zone: ZoneDays;
}

export class Compiler implements CompileContext {
  readonly zone: ZoneDays;
  readonly #fields: ReadonlyMap<number, Field>;
  readonly #rules: TypedRules;
  readonly #registers: { readonly value: number; readonly isDay: boolean }[] = [
    // The time of the request.
    { value: 0, isDay: false },
  ];
  #memos = 0;
  readonly #constants = new Map<number, NumberPart>();
  readonly #inputs = new Map<number, Input>();
  readonly #textNumbers = new Map<Input, TextNumber>();
  readonly #setTexts = new Map<string, Condition>();
  readonly #bounds = new Map<string, Bound>();
  readonly #conditions = new Map<TypedNode, Condition>();
  readonly #computed = new Map<number, Computed>();
  readonly #segments = new Map<number, Condition>();
  readonly #flows = new Map<number, CompiledFlow>();
  readonly #slots = new Map<string, SlotReader>();
  readonly #filtered = new Map<TypedNode, Pick<FilteredRule, 'plain' | 'rest'>>();

  constructor({ fields, rules, zone }: CompilerOptions) {
    this.zone = zone;
    this.#fields = fields;
    this.#rules = rules;
  }

  /** The inputs of everything that was compiled. */
  get inputs(): readonly Input[] {
    return [...this.#inputs.values()];
  }

  get sizes(): EvaluationSizes {
    return { registers: this.#registers, memos: this.#memos };
  }

  number(node: TypedNode): NumberPart {
    return compileNumber(node, this);
  }

  /** A clause is compiled once, for its rule and for itself. */
  condition(node: TypedNode): Condition {
    const known = this.#conditions.get(node);
    if (known !== undefined) return known;
    const made = compileCondition(node, this);
    this.#conditions.set(node, made);
    return made;
  }

  text(node: TypedNode): TextPart {
    return compileText(node, this);
  }

  set(node: TypedNode): SetPart {
    return compileSet(node, this);
  }

  reader(part: TextPart | SetPart): ReadText {
    return readerOf(part);
  }

  register(value = Number.NaN, isDay = false): number {
    return this.#registers.push({ value, isDay }) - 1;
  }

  constant(value: number): NumberPart {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const part = { slot: this.register(value), load: null };
    this.#constants.set(value, part);
    return part;
  }

  memo(): number {
    this.#memos += 1;
    return this.#memos - 1;
  }

  input(fieldId: number): Input | undefined {
    const known = this.#inputs.get(fieldId);
    const field = this.#fields.get(fieldId);
    if (known !== undefined || field === undefined || field.rule !== null) return known;
    const input: Input = {
      number: this.#inputs.size,
      field,
      implied: impliedOf(field),
      memo: this.memo(),
      slot: this.register(),
    };
    this.#inputs.set(fieldId, input);
    return input;
  }

  textNumber(input: Input): TextNumber {
    const known = this.#textNumbers.get(input);
    if (known !== undefined) return known;
    const made = compileTextNumber(input, { slot: this.register(), memo: this.memo() });
    this.#textNumbers.set(input, made);
    return made;
  }

  setHas(input: Input, text: string): Condition {
    const key = `${input.number} ${text}`;
    const known = this.#setTexts.get(key);
    if (known !== undefined) return known;
    const made = onceAll([compileSetHas(input, text)], this.memo());
    this.#setTexts.set(key, made);
    return made;
  }

  changingBound(node: TypedNode): Bound {
    const key = JSON.stringify(node);
    const found = this.#bounds.get(key) ?? { value: Number.NaN, changing: this.number(node) };
    this.#bounds.set(key, found);
    return found;
  }

  computed(fieldId: number): Computed | undefined {
    const known = this.#computed.get(fieldId);
    const field = this.#fields.get(fieldId);
    const node = this.#rules.computed(fieldId);
    if (known !== undefined || field === undefined || node === undefined) return known;
    const made = compileComputed(field, node, this);
    this.#computed.set(fieldId, made);
    return made;
  }

  segment(id: number): Condition {
    const known = this.#segments.get(id);
    if (known !== undefined) return known;
    const node = this.#rules.segment(id);
    const made = node === undefined ? () => false : this.once(node);
    this.#segments.set(id, made);
    return made;
  }

  /**
   * What `RuleFilter` needs of a rule besides its condition. The condition uses the same `rest`. So
   * the work of `rest` is done once for each record, and counts once.
   */
  filtered(node: TypedNode): Pick<FilteredRule, 'plain' | 'rest'> {
    const known = this.#filtered.get(node);
    if (known !== undefined) return known;
    const { clauses, others } = plainClausesOf(node, this);
    const rest = others.map((part) => this.condition(part));
    const made = {
      plain: clauses,
      rest: rest.length === 0 ? null : onceAll([...workFirst(node), ...rest], this.memo()),
    };
    this.#filtered.set(node, made);
    return made;
  }

  /** Evaluates a condition once for each record. */
  once(node: TypedNode): Condition {
    const { rest } = this.filtered(node);
    const plain = plainPartsOf(node, this).map((part) => this.condition(part));
    const clauses = rest === null ? [...workFirst(node), ...plain] : [...plain, rest];
    return onceAll(clauses, this.memo());
  }

  slot(by: SlotBy): SlotReader {
    const key = `${by.unit} ${by.salt}`;
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const made = compileSlot(by, { memo: this.memo(), register: this.register() });
    this.#slots.set(key, made);
    return made;
  }

  /** `undefined`: the flow is not defined, or other tools report its members. */
  compiledFlow(id: number): CompiledFlow | undefined {
    const known = this.#flows.get(id);
    const typed = this.#rules.flow(id);
    if (known !== undefined || typed === undefined || typed.flow.kind === 'reported') return known;
    const made = compileFlow(typed, this);
    this.#flows.set(id, made);
    return made;
  }

  flow(id: number, variant: string | null): Condition {
    const typed = this.#rules.flow(id);
    if (typed !== undefined && typed.flow.status !== 'live') return () => false;
    const compiled = this.compiledFlow(id);
    if (compiled === undefined) return compileReportedFlow(id, variant);
    const { outcome, variants } = compiled;
    if (variant === null) return (evaluation) => outcome(evaluation) !== notInFlow;
    const wanted = firstVariant + variants.indexOf(variant);
    return (evaluation) => wanted >= firstVariant && outcome(evaluation) === wanted;
  }
}
