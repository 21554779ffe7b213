/** What a rule reads, directly and through the segments and computed fields that it uses. */
import type { TypedNode } from '../check/typed-node.ts';
import { eachNode, nodeParts } from './node-parts.ts';

/** The typed rules of an organization, which are compiled together. */
export interface TypedRules {
  /** `undefined`: it is not defined, or its rule is not valid. */
  segment(id: number): TypedNode | undefined;
  /** `undefined`: the field is not computed, or its rule is not valid. */
  computed(fieldId: number): TypedNode | undefined;
}

export interface RuleReach {
  /** Ids of fields, without those that are computed. */
  readonly fieldIds: ReadonlySet<number>;
  readonly computedIds: ReadonlySet<number>;
  readonly segmentIds: ReadonlySet<number>;
  readonly flowIds: ReadonlySet<number>;
  /** Whether packed memberships are read. */
  readonly readsMemberships: boolean;
}

/** What these rules reach. */
export function reachOf(nodes: Iterable<TypedNode>, rules: TypedRules): RuleReach {
  const fieldIds = new Set<number>();
  const computedIds = new Set<number>();
  const segmentIds = new Set<number>();
  const flowIds = new Set<number>();
  let readsMemberships = false;
  const waiting = [...nodes];
  const visitField = (id: number) => {
    const node = rules.computed(id);
    const ids = node === undefined ? fieldIds : computedIds;
    if (!ids.has(id) && node !== undefined) waiting.push(node);
    ids.add(id);
  };
  const visit = (node: TypedNode) => {
    if (node.op === 'field' || node.op === 'has') visitField(node.fieldId);
    if (node.op === 'received-campaign') readsMemberships = true;
    if (node.op === 'in-flow' || node.op === 'in-variant') {
      readsMemberships = true;
      flowIds.add(node.id);
    }
    if (node.op === 'in-segment' && !segmentIds.has(node.id)) {
      segmentIds.add(node.id);
      const rule = rules.segment(node.id);
      if (rule !== undefined) waiting.push(rule);
    }
  };
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) eachNode(node, visit);
  return { fieldIds, computedIds, segmentIds, flowIds, readsMemberships };
}

/**
 * How deep each of these rules is nested, with everything that it uses. Missing: the rule uses
 * itself, or something that does.
 */
export function ruleDepths(
  nodes: Iterable<TypedNode>,
  rules: TypedRules,
): ReadonlyMap<TypedNode, number> {
  const uses = new Map([...new Set(nodes)].map((node) => [node, usesOf(node, rules)] as const));
  const users = new Map<TypedNode, TypedNode[]>();
  for (const [node, { used }] of uses) {
    for (const rule of used.keys()) users.set(rule, [...(users.get(rule) ?? []), node]);
  }
  const missing = new Map([...uses].map(([node, { used }]) => [node, used.size] as const));
  const depths = new Map<TypedNode, number>();
  const ready = [...missing].filter(([, count]) => count === 0).map(([node]) => node);
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    const { own = 0, used = new Map<TypedNode, number>() } = uses.get(node) ?? {};
    const below = [...used].map(([rule, at]) => at + (depths.get(rule) ?? 0));
    depths.set(node, Math.max(own, ...below));
    for (const user of users.get(node) ?? []) {
      const left = (missing.get(user) ?? 0) - 1;
      missing.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  return depths;
}

interface Uses {
  /** The depth of the rule itself. */
  readonly own: number;
  /** The rules that it uses, and the depth of the deepest use. */
  readonly used: ReadonlyMap<TypedNode, number>;
}

function usesOf(root: TypedNode, rules: TypedRules): Uses {
  const used = new Map<TypedNode, number>();
  let own = 0;
  const visit = (node: TypedNode, depth: number) => {
    own = Math.max(own, depth);
    const rule = usedBy(node, rules);
    if (rule !== undefined) used.set(rule, Math.max(used.get(rule) ?? 0, depth));
    for (const part of nodeParts(node)) visit(part, depth + 1);
  };
  visit(root, 1);
  return { own, used };
}

function usedBy(node: TypedNode, rules: TypedRules): TypedNode | undefined {
  if (node.op === 'in-segment') return rules.segment(node.id);
  if (node.op === 'field' || node.op === 'has') return rules.computed(node.fieldId);
  return undefined;
}
