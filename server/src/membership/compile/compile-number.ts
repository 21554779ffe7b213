/** Compiles what is a number while rules are evaluated: see `NumberPart`. NaN is null. */
import type { TypedNode } from '../check/typed-node.ts';
import { compileArithmetic } from './compile-arithmetic.ts';
import type { CompileContext, NumberPart } from './compile-context.ts';
import { compileNumberCall } from './compile-number-call.ts';
import { nowSlot } from './evaluation.ts';
import { compileInput } from './load-input.ts';

export function compileNumber(node: TypedNode, context: CompileContext): NumberPart {
  switch (node.op) {
    case 'constant':
      return context.constant(node.value === null ? Number.NaN : Number(node.value));
    case 'now':
      return { slot: nowSlot, load: null };
    case 'day': {
      const day = Date.parse(`${node.day}T00:00:00Z`) / 86_400_000;
      return { slot: context.register(context.zone.startOf(day), true), load: null };
    }
    case 'field': {
      const input = context.input(node.fieldId);
      if (input !== undefined) return compileInput(input, context);
      return context.computed(node.fieldId)?.number ?? context.constant(Number.NaN);
    }
    case 'arithmetic':
      return compileArithmetic(node, context);
    case 'choose':
      return compileChoice(node, context);
    case 'call': {
      const isTest = node.type === 'boolean' && node.name !== 'coalesce';
      return isTest ? fromCondition(node, context) : compileNumberCall(node, context);
    }
    default:
      return fromCondition(node, context);
  }
}

function fromCondition(node: TypedNode, context: CompileContext): NumberPart {
  const slot = context.register();
  const condition = context.condition(node);
  return {
    slot,
    load: (evaluation) => {
      evaluation.numbers[slot] = condition(evaluation) ? 1 : 0;
    },
  };
}

function compileChoice(
  node: Extract<TypedNode, { readonly op: 'choose' }>,
  context: CompileContext,
): NumberPart {
  const condition = context.condition(node.condition);
  const yes = context.number(node.whenTrue);
  const no = context.number(node.whenFalse);
  const slot = context.register();
  return {
    slot,
    load: (evaluation) => {
      const { slot: from, load } = condition(evaluation) ? yes : no;
      if (load !== null) load(evaluation);
      evaluation.numbers[slot] = evaluation.numbers[from] as number;
      evaluation.isDay[slot] = evaluation.isDay[from] as number;
    },
  };
}
