/** Decides who answers in a component, and what of the decision is remembered. */
import type {
  ClaimingRow,
  ClashCode,
  Component as Connected,
  Decision,
} from '../../../domain/contact/component.ts';
import type { IdentityRules } from '../../../domain/contact/identity-rules.ts';
import { clashOfContacts, whoAnswers } from '../../../domain/contact/who-answers.ts';
import type { IdentityKey } from '../../store.ts';
import type { Component, IdentityNode, RowNode } from './component.ts';
import { isOver } from './identity-links.ts';
import type { StoredMerge } from './join-log.ts';

/** What a decision depends on besides the component. */
export interface DecisionContext {
  readonly rules: IdentityRules;
  /** Whether joins of this version count: its run has ended. */
  readonly isEnded: (version: bigint) => boolean;
  /**
   * Parted joins are forgotten if no run was unfinished at a later moment than they were parted.
   */
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

export interface GroupsOfNodes {
  /** `undefined` if nothing was decided about the node. */
  get(node: IdentityNode): Group | undefined;
}

export interface ComponentDecision {
  readonly groupOf: GroupsOfNodes;
  readonly groups: readonly Group[];
  readonly refusals: readonly RefusedClaim[];
  readonly evidence: readonly JoinEvidence[];
}

/** Why a person cannot join the contacts of two identities. */
export type MergeRefusal = 'contact_not_found' | 'same_contact' | ClashCode;

/** @param groups of the two identities, before the merge */
export function whyNotMerge(
  component: Component,
  context: DecisionContext,
  [left, right]: readonly [Group | undefined, Group | undefined],
): MergeRefusal | undefined {
  const isThere = (group: Group | undefined) => group?.rows.some(({ kind }) => kind !== 'list');
  if (left === undefined || right === undefined) return 'contact_not_found';
  if (!isThere(left) || !isThere(right)) return 'contact_not_found';
  if (left === right) return 'same_contact';
  const connected = connect(component, claimingRows(component), context);
  const placesOf = ({ nodes }: Group) => {
    return { identities: nodes.map(({ place }) => place), rows: [] };
  };
  return clashOfContacts(connected, placesOf(left), placesOf(right));
}

/** Marks of lists claim nothing. */
function claimingRows({ rows }: Component): readonly RowNode[] {
  return rows.filter(({ kind }) => kind !== 'list');
}

export function decideComponent(component: Component, context: DecisionContext): ComponentDecision {
  const rows = claimingRows(component);
  const connected = connect(component, rows, context);
  const decision = whoAnswers(connected);
  const { nodes } = component;
  const groups: Group[] = decision.groups.map((group) => ({
    nodes: group.identities.map((at) => nodes[at] as IdentityNode),
    rows: group.rows.map((at) => rows[at] as RowNode),
  }));
  const groupOf = {
    get: ({ place }: IdentityNode) => groups[decision.groupOf[place] as number],
  };
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
  { rules, isEnded, quietAt }: DecisionContext,
): Connected {
  const { nodes } = component;
  const at = ({ place }: IdentityNode) => place;
  const find = (identity: IdentityKey) => component.find(identity)?.place;
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
  for (const [one, node] of nodes.entries()) {
    const { links } = node;
    if (node.isCrowded) crowded.add(one);
    if (node.isBeyond) beyond.add(one);
    if (links.brokenAt !== undefined) breaks.set(one, links.brokenAt);
    for (const { other } of links.bars) {
      const that = find(other);
      if (that !== undefined && one < that) bars.push([one, that]);
    }
    for (const join of links.memory) {
      const { other, version, pendingOn } = join;
      const that = find(other);
      if (that === undefined || one > that || isOver(join, quietAt)) continue;
      if (!pendingOn.every(isEnded)) continue;
      memory.push({ pair: [one, that], version });
    }
  }
  const merges = [...component.merges]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, merge]) => mergePlaces(merge, find));
  return {
    rules,
    identities: nodes,
    rows: claiming,
    merges,
    bars,
    memory,
    breaks,
    crowded,
    beyond,
  };
}

function mergePlaces(
  merge: StoredMerge,
  find: (identity: IdentityKey) => number | undefined,
): Connected['merges'][number][] {
  const [one, other] = merge.keys.map(find);
  if (one === undefined || other === undefined) return [];
  const placesIn = (side: readonly IdentityKey[]) =>
    side.map(find).filter((place) => place !== undefined);
  const sides = [placesIn(merge.sides[0]), placesIn(merge.sides[1])] as const;
  return [{ keys: [one, other], sides }];
}
