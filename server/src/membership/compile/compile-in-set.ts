/** Compiles `value in set`. */
import type { TypedNode } from '../check/typed-node.ts';
import type { CompileContext, Condition, Input, ReadText } from './compile-context.ts';
import { scanSet } from './read-values.ts';
import { jsonBytes } from './text-constants.ts';

export function compileInSet(
  node: Extract<TypedNode, { readonly op: 'in-set' }>,
  context: CompileContext,
): Condition {
  const value = context.text(node.value);
  const set = context.set(node.set);
  if (value.kind === 'constant' && set.kind === 'input') {
    return value.text === null ? () => false : context.setHas(set.input, value.text);
  }
  return containsText(context.reader(value), set.read);
}

/** Compares the bytes in the record, without decoding them. */
export function compileSetHas({ number, implied }: Input, text: string): Condition {
  const wanted = jsonBytes(text);
  const isImpliedOne = Array.isArray(implied) && implied.includes(text);
  return (evaluation) => {
    if (evaluation.hasInput(number)) {
      const at = evaluation.base + number;
      const { bytes, starts, ends } = evaluation;
      const range = { start: starts[at] as number, end: ends[at] as number };
      evaluation.spend((range.end - range.start) >> 2);
      return scanSet(bytes, range, wanted) >= 0;
    }
    return isImpliedOne && evaluation.isImplied(number);
  };
}

function containsText(readValue: ReadText, readSet: ReadText): Condition {
  return (evaluation) => {
    const value = readValue(evaluation);
    const json = value === null ? null : readSet(evaluation);
    if (json === null) return false;
    evaluation.spend(json.length);
    return (JSON.parse(json) as readonly unknown[]).includes(value);
  };
}
