/** Compiles comparisons and `in [...]`. A comparison with null is false. */
import type { Comparison, InList, TypedNode } from '../check/typed-node.ts';
import { compareBigIntegers, compareTexts } from './compare-texts.ts';
import type {
  CompileContext,
  Condition,
  Input,
  Load,
  NumberPart,
  TextPart,
} from './compile-context.ts';

export function compileComparison(node: Comparison, context: CompileContext): Condition {
  const { type } = node.left;
  if (type !== 'text' && type !== 'big integer') {
    return compareNumbers(node.sign, context.number(node.left), context.number(node.right));
  }
  const left = context.text(node.left);
  const right = context.text(node.right);
  if (node.sign === '==') return equalTexts(left, right, context);
  const read = context.reader(left);
  const readOther = context.reader(right);
  const compare = type === 'text' ? compareTexts : compareBigIntegers;
  const holds = orders[node.sign];
  return (evaluation) => {
    const one = read(evaluation);
    const other = one === null ? null : readOther(evaluation);
    if (one === null || other === null) return false;
    evaluation.spend(Math.min(one.length, other.length) >> 1);
    return holds(compare(one, other));
  };
}

const orders: Readonly<Record<Comparison['sign'], (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Every comparison with NaN is false. */
function compareNumbers(
  sign: Comparison['sign'],
  left: NumberPart,
  { load: loadOther, slot: other }: NumberPart,
): Condition {
  const { load, slot, memo } = left;
  if (load !== null && memo !== undefined && loadOther === null) {
    return compareInput(sign, { load, slot, memo }, other);
  }
  const test = numberTests[sign];
  return (evaluation) => {
    if (load !== null) load(evaluation);
    if (loadOther !== null) loadOther(evaluation);
    return test(evaluation.numbers, slot, other);
  };
}

/**
 * Compares with what is there always: the most common clause. Written out, because each call of a
 * function takes longer than the comparison.
 */
function compareInput(
  sign: Comparison['sign'],
  { load, slot, memo }: { readonly load: Load; readonly slot: number; readonly memo: number },
  other: number,
): Condition {
  switch (sign) {
    case '==':
      return (evaluation) => {
        if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
        return evaluation.numbers[slot] === evaluation.numbers[other];
      };
    case '<':
      return (evaluation) => {
        if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
        return (evaluation.numbers[slot] as number) < (evaluation.numbers[other] as number);
      };
    case '<=':
      return (evaluation) => {
        if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
        return (evaluation.numbers[slot] as number) <= (evaluation.numbers[other] as number);
      };
    case '>':
      return (evaluation) => {
        if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
        return (evaluation.numbers[slot] as number) > (evaluation.numbers[other] as number);
      };
    case '>=':
      return (evaluation) => {
        if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
        return (evaluation.numbers[slot] as number) >= (evaluation.numbers[other] as number);
      };
  }
}

type NumberTest = (numbers: Float64Array, left: number, right: number) => boolean;

const numberTests: Readonly<Record<Comparison['sign'], NumberTest>> = {
  '==': (numbers, left, right) => numbers[left] === numbers[right],
  '<': (numbers, left, right) => (numbers[left] as number) < (numbers[right] as number),
  '<=': (numbers, left, right) => (numbers[left] as number) <= (numbers[right] as number),
  '>': (numbers, left, right) => (numbers[left] as number) > (numbers[right] as number),
  '>=': (numbers, left, right) => (numbers[left] as number) >= (numbers[right] as number),
};

function equalTexts(left: TextPart, right: TextPart, context: CompileContext): Condition {
  if (left.kind === 'input' && right.kind === 'constant') {
    return isOneOf(left.input, [right.text], context);
  }
  if (right.kind === 'input' && left.kind === 'constant') {
    return isOneOf(right.input, [left.text], context);
  }
  const read = context.reader(left);
  const readOther = context.reader(right);
  return (evaluation) => {
    const one = read(evaluation);
    if (one === null) return false;
    evaluation.spend(one.length >> 3);
    return one === readOther(evaluation);
  };
}

function isOneOf(
  input: Input,
  texts: readonly (string | null)[],
  context: CompileContext,
): Condition {
  const { constants, load, memo, slot } = context.textNumber(input);
  const wanted = texts.flatMap((text) => (text === null ? [] : constants.add(text)));
  const [one, two = Number.NaN, three = Number.NaN] = wanted;
  if (wanted.length === 1) {
    return (evaluation) => {
      if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
      return evaluation.numbers[slot] === one;
    };
  }
  if (wanted.length <= 3) {
    return (evaluation) => {
      if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
      const found = evaluation.numbers[slot];
      return found === one || found === two || found === three;
    };
  }
  const sorted = Float64Array.from(wanted).sort();
  return (evaluation) => {
    if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
    return isSorted(sorted, evaluation.numbers, slot);
  };
}

export function compileInList(node: InList, context: CompileContext): Condition {
  const { value, elements } = node;
  if (value.type === 'text' || value.type === 'big integer') {
    return compileTextInList(value, elements, context);
  }
  const { load, slot } = context.number(value);
  const parts = elements.map((element) => context.number(element));
  if (elements.every(({ op }) => op === 'constant')) {
    const sorted = Float64Array.from(elements, constantNumber).sort();
    return (evaluation) => {
      if (load !== null) load(evaluation);
      return isSorted(sorted, evaluation.numbers, slot);
    };
  }
  return (evaluation) => {
    const { numbers } = evaluation;
    if (load !== null) load(evaluation);
    for (const part of parts) {
      if (part.load !== null) part.load(evaluation);
      if (numbers[slot] === numbers[part.slot]) return true;
    }
    return false;
  };
}

function constantNumber(node: TypedNode): number {
  return node.op === 'constant' && node.value !== null ? Number(node.value) : Number.NaN;
}

/** Whether a number is in an ascending list. */
function isSorted(sorted: Float64Array, numbers: Float64Array, slot: number): boolean {
  const value = numbers[slot] as number;
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle] as number;
    if (found === value) return true;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

function compileTextInList(
  value: TypedNode,
  elements: readonly TypedNode[],
  context: CompileContext,
): Condition {
  const left = context.text(value);
  const parts = elements.map((element) => context.text(element));
  const constants = parts.map((part) => (part.kind === 'constant' ? part.text : undefined));
  if (left.kind === 'input' && constants.every((text) => text !== undefined)) {
    return isOneOf(left.input, constants, context);
  }
  const read = context.reader(left);
  const others = parts.map((part) => context.reader(part));
  return (evaluation) => {
    const text = read(evaluation);
    if (text === null) return false;
    evaluation.spend((text.length >> 3) * others.length);
    return others.some((other) => other(evaluation) === text);
  };
}
