/**
 * Finds the clauses of a rule that compare one field with what is the same for all records of a
 * request: constants, and times such as `now - days(30)`. `RuleFilter` decides them for many rules
 * at once.
 */
import type { Comparison, InList, TypedNode } from '../check/typed-node.ts';
import type { Bound, CompileContext, KeptNumber } from './compile-context.ts';

/** A bound, or the smallest number that is greater. */
export interface Cut {
  readonly bound: Bound;
  readonly isAfter: boolean;
}

export interface PlainClause {
  /** The value of the field, or the number of its text (`TextNumber`). */
  readonly part: KeptNumber;
  /** Numbers at which the truth can change. It is the same for all numbers between two of them. */
  readonly cuts: readonly Cut[];
  /** Whether the clause is true for a number; NaN is null. */
  readonly holds: (value: number) => boolean;
}

export interface PlainClauses {
  readonly clauses: readonly PlainClause[];
  /** The other clauses. */
  readonly others: readonly TypedNode[];
}

export function plainClausesOf(node: TypedNode, context: CompileContext): PlainClauses {
  const parts = node.op === 'all' ? node.parts : [node];
  const found = parts.map((part) => ({ part, clause: plainClause(part, context) }));
  return {
    clauses: found.flatMap(({ clause }) => clause ?? []),
    others: found.flatMap(({ part, clause }) => (clause === undefined ? [part] : [])),
  };
}

/** The parts of `&&` that are plain: they cost least, and can spare the others. */
export function plainPartsOf(node: TypedNode, context: CompileContext): readonly TypedNode[] {
  const parts = node.op === 'all' ? node.parts : [node];
  return parts.filter((part) => plainClause(part, context) !== undefined);
}

function plainClause(node: TypedNode, context: CompileContext): PlainClause | undefined {
  switch (node.op) {
    case 'field':
      return isEqual(partOf(node, context), [1]);
    case 'compare':
      return plainComparison(node, context);
    case 'in-list':
      return plainInList(node, context);
    case 'not': {
      const clause = plainClause(node.part, context);
      return clause && { ...clause, holds: (value) => !clause.holds(value) };
    }
    case 'all':
    case 'any':
      return plainJoin(node, context);
    default:
      return undefined;
  }
}

/** The number of a field that is read from the record. */
function partOf(node: TypedNode, context: CompileContext): KeptNumber | undefined {
  const input = node.op === 'field' ? context.input(node.fieldId) : undefined;
  if (input === undefined || node.type === 'set') return undefined;
  if (isText(node)) return context.textNumber(input);
  const { slot, load, memo } = context.number(node);
  return load === null || memo === undefined ? undefined : { slot, load, memo };
}

function isText({ type }: TypedNode): boolean {
  return type === 'text' || type === 'big integer';
}

function plainComparison(node: Comparison, context: CompileContext): PlainClause | undefined {
  const { left, right, sign } = node;
  if (isText(left)) {
    return sign === '==' ? textIsOneOf(left, [right], context) : undefined;
  }
  const part = partOf(left, context);
  const bound = boundOf(right, context);
  if (part === undefined || bound === undefined) return undefined;
  const at: Cut = { bound, isAfter: false };
  const after: Cut = { bound, isAfter: true };
  switch (sign) {
    case '==':
      return { part, cuts: [at, after], holds: (value) => value === bound.value };
    case '<':
      return { part, cuts: [at], holds: (value) => value < bound.value };
    case '<=':
      return { part, cuts: [after], holds: (value) => value <= bound.value };
    case '>':
      return { part, cuts: [after], holds: (value) => value > bound.value };
    case '>=':
      return { part, cuts: [at], holds: (value) => value >= bound.value };
  }
}

function plainInList(
  { value, elements }: InList,
  context: CompileContext,
): PlainClause | undefined {
  if (isText(value)) return textIsOneOf(value, elements, context);
  const numbers = elements.map((element) => constantNumber(element, context));
  return numbers.every((number) => number !== undefined)
    ? isEqual(partOf(value, context), numbers)
    : undefined;
}

function textIsOneOf(
  value: TypedNode,
  elements: readonly TypedNode[],
  context: CompileContext,
): PlainClause | undefined {
  const input = value.op === 'field' ? context.input(value.fieldId) : undefined;
  const texts = elements.map((element) => (element.op === 'constant' ? element.value : null));
  if (input === undefined || texts.includes(null)) return undefined;
  const part = context.textNumber(input);
  return isEqual(
    part,
    texts.map((text) => part.constants.add(String(text))),
  );
}

function isEqual(
  part: KeptNumber | undefined,
  numbers: readonly number[],
): PlainClause | undefined {
  if (part === undefined) return undefined;
  const wanted = new Set(numbers);
  const bounds = numbers.map((value): Bound => ({ value, changing: null }));
  const cuts = [false, true].flatMap((isAfter) => bounds.map((bound): Cut => ({ bound, isAfter })));
  return { part, cuts, holds: (value) => wanted.has(value) };
}

/** `&&` and `||` of clauses about one field. */
function plainJoin(
  { op, parts }: Extract<TypedNode, { readonly op: 'all' | 'any' }>,
  context: CompileContext,
): PlainClause | undefined {
  const found = parts.map((part) => plainClause(part, context));
  const clauses = found.filter((clause) => clause !== undefined);
  const [first] = clauses;
  const isOne = clauses.every(({ part }) => part.slot === first?.part.slot);
  if (first === undefined || !isOne || clauses.length < found.length) return undefined;
  const holds: PlainClause['holds'] =
    op === 'all'
      ? (value) => clauses.every((clause) => clause.holds(value))
      : (value) => clauses.some((clause) => clause.holds(value));
  return { part: first.part, cuts: clauses.flatMap(({ cuts }) => cuts), holds };
}

/** `undefined`: it is not the same for all records of a request. */
function boundOf(node: TypedNode, context: CompileContext): Bound | undefined {
  const value = constantNumber(node, context);
  if (value !== undefined) return { value, changing: null };
  return isSteady(node) ? context.changingBound(node) : undefined;
}

function isSteady(node: TypedNode): boolean {
  // A division can have no result, and one such bound would silence the field's column.
  if (node.op === 'arithmetic') {
    const isSafe = node.sign === '+' || node.sign === '-';
    return isSafe && isSteady(node.left) && isSteady(node.right);
  }
  if (node.op === 'call') return node.name === 'days' && node.parts.every(isSteady);
  return node.op === 'constant' || node.op === 'now' || node.op === 'day';
}

/** `undefined`: it is no constant number. */
function constantNumber(node: TypedNode, { zone }: CompileContext): number | undefined {
  if (node.op === 'day') return zone.startOf(Date.parse(`${node.day}T00:00:00Z`) / 86_400_000);
  if (node.op !== 'constant' || node.value === null) return undefined;
  const number = Number(node.value);
  return Number.isFinite(number) ? number : undefined;
}

const memory = new Float64Array(1);
const bits = new BigInt64Array(memory.buffer);

/** Where a range begins. */
export function cutAt({ bound: { value }, isAfter }: Cut): number {
  if (!isAfter || Number.isNaN(value)) return value;
  // The next double. Zero has two forms, and the negative one would lead down.
  memory[0] = value + 0;
  const now = bits[0] ?? 0n;
  bits[0] = now < 0n ? now - 1n : now + 1n;
  return memory[0] ?? value;
}
