/** Walks typed rules. */
import type { TypedNode } from '../check/typed-node.ts';
import { fewRuleNodes } from '../limits.ts';
import type { Condition } from './compile-context.ts';

/** The nodes below this one. */
export function nodeParts(node: TypedNode): readonly TypedNode[] {
  switch (node.op) {
    case 'all':
    case 'any':
    case 'call':
      return node.parts;
    case 'not':
      return [node.part];
    case 'compare':
    case 'arithmetic':
      return [node.left, node.right];
    case 'in-list':
      return [node.value, ...node.elements];
    case 'in-set':
      return [node.value, node.set];
    case 'choose':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'received-campaign':
      return node.since === null ? [] : [node.since];
    default:
      return [];
  }
}

/** The work that a large rule takes at most besides that for texts; see `maxRuleWork`. */
export function workOf(node: TypedNode): number {
  let count = 0;
  eachNode(node, ({ op }) => {
    // A list of constants is searched, not read.
    if (op !== 'constant') count += 1;
  });
  return count <= fewRuleNodes ? 0 : count * workOfNode;
}

const workOfNode = 4;

/** A clause that counts the work of a large rule and is true; none for a small rule. */
export function workFirst(node: TypedNode): readonly Condition[] {
  const work = workOf(node);
  if (work === 0) return [];
  const count: Condition = (evaluation) => {
    evaluation.spend(work);
    return true;
  };
  return [count];
}

/** Calls `visit` with the node and all nodes below it. */
export function eachNode(node: TypedNode, visit: (node: TypedNode) => void): void {
  visit(node);
  for (const part of nodeParts(node)) eachNode(part, visit);
}
