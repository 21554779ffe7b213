/** Compiles what is true or false. A null is false. */
import type { TypedNode } from '../check/typed-node.ts';
import { compileComparison, compileInList } from './compile-comparison.ts';
import type { CompileContext, Condition } from './compile-context.ts';
import { compileInSet } from './compile-in-set.ts';
import { compileListMark, compileReceived } from './compile-received.ts';
import type { Evaluation } from './evaluation.ts';
import { containsText } from './text-functions.ts';

export function compileCondition(node: TypedNode, context: CompileContext): Condition {
  switch (node.op) {
    case 'all':
      return all(node.parts.map((part) => context.condition(part)));
    case 'any':
      return any(node.parts.map((part) => context.condition(part)));
    case 'not': {
      const part = context.condition(node.part);
      return (evaluation) => !part(evaluation);
    }
    case 'compare':
      return compileComparison(node, context);
    case 'in-list':
      return compileInList(node, context);
    case 'in-set':
      return compileInSet(node, context);
    case 'has':
      return compileHas(node.fieldId, context);
    case 'choose': {
      const condition = context.condition(node.condition);
      const yes = context.condition(node.whenTrue);
      const no = context.condition(node.whenFalse);
      return (evaluation) => (condition(evaluation) ? yes(evaluation) : no(evaluation));
    }
    case 'in-segment':
      return context.segment(node.id);
    case 'in-list-dataset':
      return compileListMark(node.id);
    case 'in-flow':
      return context.flow(node.id, null);
    case 'in-variant':
      return context.flow(node.id, node.variant);
    case 'received-campaign':
      return compileReceived(node, context);
    case 'call':
      return node.parts.length === 2 && isTextTest(node.name)
        ? compileTextTest(node, context)
        : fromNumber(node, context);
    default:
      return fromNumber(node, context);
  }
}

function fromNumber(node: TypedNode, context: CompileContext): Condition {
  const { load, slot, memo } = context.number(node);
  if (load !== null && memo !== undefined) {
    return (evaluation) => {
      if (evaluation.stamps[memo] !== evaluation.stamp) load(evaluation);
      return evaluation.numbers[slot] === 1;
    };
  }
  return (evaluation) => {
    if (load !== null) load(evaluation);
    return evaluation.numbers[slot] === 1;
  };
}

/** Short chains are most common, and quicker without a loop. */
function all(parts: readonly Condition[]): Condition {
  const [first, second, third] = parts;
  if (parts.length === 2 && first && second) {
    return (evaluation) => first(evaluation) && second(evaluation);
  }
  if (parts.length === 3 && first && second && third) {
    return (evaluation) => first(evaluation) && second(evaluation) && third(evaluation);
  }
  return (evaluation) => {
    for (const part of parts) if (!part(evaluation)) return false;
    return true;
  };
}

function any(parts: readonly Condition[]): Condition {
  const [first, second] = parts;
  if (parts.length === 2 && first && second) {
    return (evaluation) => first(evaluation) || second(evaluation);
  }
  return (evaluation) => {
    for (const part of parts) if (part(evaluation)) return true;
    return false;
  };
}

function compileHas(fieldId: number, context: CompileContext): Condition {
  const input = context.input(fieldId);
  if (input === undefined) return context.computed(fieldId)?.has ?? (() => false);
  const { number } = input;
  return (evaluation) => evaluation.hasInput(number);
}

type TextTest = (text: string, part: string, evaluation: Evaluation) => boolean;

const textTests: ReadonlyMap<string, TextTest> = new Map<string, TextTest>([
  [
    'startsWith',
    (text, part, evaluation) => {
      evaluation.spend(part.length >> 3);
      return text.startsWith(part);
    },
  ],
  [
    'endsWith',
    (text, part, evaluation) => {
      evaluation.spend(part.length >> 3);
      return text.endsWith(part);
    },
  ],
  ['contains', containsText],
]);

function isTextTest(name: string): boolean {
  return textTests.has(name);
}

function compileTextTest(
  { name, parts }: Extract<TypedNode, { readonly op: 'call' }>,
  context: CompileContext,
): Condition {
  const [one, other] = parts;
  const test = textTests.get(name);
  if (one === undefined || other === undefined || test === undefined) return () => false;
  const text = context.reader(context.text(one));
  const wanted = context.reader(context.text(other));
  return (evaluation) => {
    const value = text(evaluation);
    const part = value === null ? null : wanted(evaluation);
    return value !== null && part !== null && test(value, part, evaluation);
  };
}
