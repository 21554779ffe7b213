/** What a rule reads, directly and through the segments and computed fields that it uses. */
import type { ExclusionGroup, Flow, GlobalHoldout } from '../../domain/flow/flow.ts';
import type { TypedNode } from '../check/typed-node.ts';
import { eachNode, nodeParts } from './node-parts.ts';

/** The typed rules of an organization, which are compiled together. */
export interface TypedRules {
  /** `undefined`: it is not defined, or its rule is not valid. */
  segment(id: number): TypedNode | undefined;
  /** `undefined`: the field is not computed, or its rule is not valid. */
  computed(fieldId: number): TypedNode | undefined;
  /** `undefined`: the flow is not defined. */
  flow(id: number): TypedFlow | undefined;
}

export interface TypedFlow {
  readonly flow: Flow;
  /** By branch; `undefined`: its rule is not valid. */
  readonly branches: readonly (TypedNode | undefined)[];
  /** The group that has a share for the flow. */
  readonly group: ExclusionGroup | null;
  readonly globalHoldout: GlobalHoldout | null;
}

export interface RuleReach {
  /** Ids of fields, without those that are computed. */
  readonly fieldIds: ReadonlySet<number>;
  readonly computedIds: ReadonlySet<number>;
  readonly segmentIds: ReadonlySet<number>;
  readonly flowIds: ReadonlySet<number>;
  /** Whether packed memberships are read. */
  readonly readsMemberships: boolean;
  /** Whether identities decide about flows. */
  readonly readsIdentities: boolean;
}

interface ReachRoots {
  readonly segmentIds?: Iterable<number>;
  readonly computedIds?: Iterable<number>;
  readonly flowIds?: Iterable<number>;
  readonly nodes?: Iterable<TypedNode>;
}

/** These, and everything that they use. */
export function reachOf(rules: TypedRules, roots: ReachRoots): RuleReach {
  const walk = new ReachWalk(rules);
  for (const id of roots.segmentIds ?? []) walk.addSegment(id);
  for (const id of roots.computedIds ?? []) walk.addField(id);
  for (const id of roots.flowIds ?? []) walk.addFlow(id);
  walk.addNodes(roots.nodes ?? []);
  return walk;
}

class ReachWalk implements RuleReach {
  readonly fieldIds = new Set<number>();
  readonly computedIds = new Set<number>();
  readonly segmentIds = new Set<number>();
  readonly flowIds = new Set<number>();
  readsMemberships = false;
  readsIdentities = false;
  readonly #rules: TypedRules;
  readonly #waiting: TypedNode[] = [];
  #isWalking = false;

  constructor(rules: TypedRules) {
    this.#rules = rules;
  }

  addNodes(nodes: Iterable<TypedNode | undefined>): void {
    for (const node of nodes) if (node !== undefined) this.#waiting.push(node);
    if (this.#isWalking) return;
    this.#isWalking = true;
    for (let node = this.#waiting.pop(); node !== undefined; node = this.#waiting.pop()) {
      eachNode(node, (part) => this.#visit(part));
    }
    this.#isWalking = false;
  }

  addField(id: number): void {
    const node = this.#rules.computed(id);
    const ids = node === undefined ? this.fieldIds : this.computedIds;
    if (ids.has(id)) return;
    ids.add(id);
    this.addNodes([node]);
  }

  addSegment(id: number): void {
    if (this.segmentIds.has(id)) return;
    this.segmentIds.add(id);
    this.addNodes([this.#rules.segment(id)]);
  }

  addFlow(id: number): void {
    if (this.flowIds.has(id)) return;
    this.flowIds.add(id);
    const typed = this.#rules.flow(id);
    if (typed === undefined || typed.flow.kind === 'reported') {
      this.readsMemberships = true;
      return;
    }
    const { flow, group, globalHoldout, branches } = typed;
    const units = [flow.experiment === null ? 0 : flow.unit, group?.unit, globalHoldout?.unit];
    if (units.some((unit) => unit !== undefined && unit !== 0)) this.readsIdentities = true;
    if (flow.segmentId !== null) this.addSegment(flow.segmentId);
    this.addNodes(branches);
  }

  #visit(node: TypedNode): void {
    if (node.op === 'field' || node.op === 'has') this.addField(node.fieldId);
    if (node.op === 'received-campaign') this.readsMemberships = true;
    if (node.op === 'in-flow' || node.op === 'in-variant') this.addFlow(node.id);
    if (node.op === 'in-segment') this.addSegment(node.id);
  }
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
    for (const rule of usedBy(node, rules)) {
      used.set(rule, Math.max(used.get(rule) ?? 0, depth));
    }
    for (const part of nodeParts(node)) visit(part, depth + 1);
  };
  visit(root, 1);
  return { own, used };
}

function usedBy(node: TypedNode, rules: TypedRules): readonly TypedNode[] {
  const used = (found: TypedNode | undefined) => (found === undefined ? [] : [found]);
  if (node.op === 'in-segment') return used(rules.segment(node.id));
  if (node.op === 'field' || node.op === 'has') return used(rules.computed(node.fieldId));
  if (node.op !== 'in-flow' && node.op !== 'in-variant') return [];
  const typed = rules.flow(node.id);
  if (typed === undefined) return [];
  const { segmentId } = typed.flow;
  const segment = segmentId === null ? undefined : rules.segment(segmentId);
  return [...used(segment), ...typed.branches.filter((branch) => branch !== undefined)];
}
