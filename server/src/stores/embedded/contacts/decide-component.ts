/** Decides who answers in a component, and what of the decision is remembered. */
import type {
  ClaimingRow,
  Component as Connected,
  Decision,
} from '../../../domain/contact/component.ts';
import type { IdentityRules } from '../../../domain/contact/identity-rules.ts';
import { whoAnswers } from '../../../domain/contact/who-answers.ts';
import type { IdentityKey } from '../../store.ts';
import type { Component, IdentityNode, RowNode } from './component.ts';
import type { StoredMerge } from './join-log.ts';

/** What a decision depends on besides the component. */
export interface DecisionContext {
  readonly rules: IdentityRules;
  /** The merge of an entry of the log. */
  readonly mergeAt: (entry: bigint) => StoredMerge | undefined;
  /** Whether joins of this version count: its run has ended. */
  readonly isEnded: (version: bigint) => boolean;
  /** Parted joins are forgotten if no run was unfinished at a later moment than they were parted. */
  readonly quietAt: bigint;
}

export interface Group {
  readonly nodes: readonly IdentityNode[];
  /** All rows, with marks of lists. */
  readonly rows: RowNode[];
}

export interface RefusedClaim {
  readonly row: RowNode;
  readonly node: IdentityNode;
  readonly code: Decision['refusals'][number]['code'];
}

/** Two row keys that rows joined. */
export interface JoinEvidence {
  readonly keys: readonly [IdentityNode, IdentityNode];
  /** The identity by which they were joined. */
  readonly by: IdentityNode;
  readonly claims: readonly { readonly row: RowNode; readonly since: bigint }[];
}

export interface ComponentDecision {
  readonly groupOf: ReadonlyMap<IdentityNode, Group>;
  readonly groups: readonly Group[];
  readonly refusals: readonly RefusedClaim[];
  readonly evidence: readonly JoinEvidence[];
}

export function decideComponent(component: Component, context: DecisionContext): ComponentDecision {
  const rows = component.rows.filter(({ kind }) => kind !== 'list');
  const connected = connect(component, rows, context);
  const decision = whoAnswers(connected);
  const { nodes } = component;
  const groups: Group[] = decision.groups.map((group) => ({
    nodes: group.identities.map((at) => nodes[at] as IdentityNode),
    rows: group.rows.map((at) => rows[at] as RowNode),
  }));
  const groupOf = new Map(
    nodes.map((node, at) => [node, groups[decision.groupOf[at] as number] as Group]),
  );
  // A mark of a list follows the identity that the list names.
  for (const row of component.rows) if (row.kind === 'list') groupOf.get(row.key)?.rows.push(row);
  return {
    groupOf,
    groups,
    refusals: decision.refusals.map(({ row, identity, code }) => ({
      row: rows[row] as RowNode,
      node: nodes[identity] as IdentityNode,
      code,
    })),
    evidence: decision.evidence.map(({ pair, identity, claims }) => ({
      keys: [nodes[pair[0]] as IdentityNode, nodes[pair[1]] as IdentityNode],
      by: nodes[identity] as IdentityNode,
      claims: claims.map(({ row, since }) => ({ row: rows[row] as RowNode, since })),
    })),
  };
}

function connect(
  component: Component,
  rows: readonly RowNode[],
  { rules, mergeAt, isEnded, quietAt }: DecisionContext,
): Connected {
  const { nodes } = component;
  const placeOf = new Map(nodes.map((node, at) => [node, at]));
  const at = (node: IdentityNode) => placeOf.get(node) as number;
  const find = (identity: IdentityKey) => {
    const node = component.find(identity);
    return node === undefined ? undefined : at(node);
  };
  const claiming: ClaimingRow[] = rows.map(({ datasetId, kind, key, claims }) => ({
    datasetId,
    kind: kind === 'identity' ? 'identity' : 'contact',
    key: at(key),
    claims: claims.map(({ node, since, isOfSnapshot }) => ({
      identity: at(node),
      since,
      isOfSnapshot,
    })),
  }));
  const bars: [number, number][] = [];
  const memory: { pair: [number, number]; version: bigint }[] = [];
  const breaks = new Map<number, bigint>();
  const crowded = new Set<number>();
  const beyond = new Set<number>();
  const entries = new Set<bigint>();
  for (const [one, node] of nodes.entries()) {
    const { links } = node;
    if (node.isCrowded) crowded.add(one);
    if (node.isBeyond) beyond.add(one);
    if (links.brokenAt !== undefined) breaks.set(one, links.brokenAt);
    for (const entry of links.merges) entries.add(entry);
    for (const { other } of links.bars) {
      const that = find(other);
      if (that !== undefined && one < that) bars.push([one, that]);
    }
    for (const { other, version, partedAt } of links.memory) {
      const that = find(other);
      const isKept = partedAt === 0n || partedAt > quietAt;
      if (that === undefined || one > that || !isKept || !isEnded(version)) continue;
      memory.push({ pair: [one, that], version });
    }
  }
  const merges = [...entries]
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((entry) => placesOf(mergeAt(entry), find));
  return { rules, identities: nodes, rows: claiming, merges, bars, memory, breaks, crowded, beyond };
}

function placesOf(
  merge: StoredMerge | undefined,
  find: (identity: IdentityKey) => number | undefined,
): Connected['merges'][number][] {
  const [one, other] = (merge?.keys ?? []).map(find);
  if (merge === undefined || one === undefined || other === undefined) return [];
  const pairs = merge.pairs.flatMap(([a, b]) => {
    const [left, right] = [find(a), find(b)];
    return left === undefined || right === undefined ? [] : [[left, right] as const];
  });
  return [{ keys: [one, other], pairs }];
}
