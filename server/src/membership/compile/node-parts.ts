/** Walks typed rules. */
import type { TypedNode } from '../check/typed-node.ts';

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

/** Calls `visit` with the node and all nodes below it. */
export function eachNode(node: TypedNode, visit: (node: TypedNode) => void): void {
  visit(node);
  for (const part of nodeParts(node)) eachNode(part, visit);
}
