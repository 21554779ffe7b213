/** Why groups of rows cannot be one contact. */
import { maxIdentitiesPerContact } from '../limits.ts';
import type { ClashCode } from './component.ts';
import type { ComponentGraph, Group, RowNode } from './component-graph.ts';
import type { RankedType } from './identity-strength.ts';

/** What a kind of join may do that others may not. */
export interface Allowed {
  /** To join rows of one dataset whose keys are of the same type. */
  readonly peers: boolean;
  /** To join what a bar parts. */
  readonly barred: boolean;
}

/**
 * Why these groups cannot be one contact, or `undefined` if they can. They stay apart if they have
 * different stable values, too many identities, a bar between them, or rows of one dataset whose
 * keys are of the same type: a table has one row per person.
 * @param groups each of them once
 */
export function clash(
  graph: ComponentGraph,
  groups: readonly Group[],
  allowed: Allowed,
): ClashCode | undefined {
  if (groups.length < 2) return undefined;
  if (haveStableValues(graph, groups)) return 'identity_conflict';
  if (haveTooMany(graph, groups)) return 'identity_limit';
  if (!allowed.barred && areBarred(graph, groups)) return 'identity_parted';
  if (!allowed.peers && havePeers(graph, groups)) return 'identity_shared';
  return undefined;
}

/** Whether they have more than one. */
function haveStableValues({ types }: ComponentGraph, groups: readonly Group[]): boolean {
  for (const type of types) {
    if (type.isStable && countOf(groups, type) > 1) return true;
  }
  return false;
}

function haveTooMany({ types }: ComponentGraph, groups: readonly Group[]): boolean {
  let count = 0;
  for (const { identities } of groups) count += identities.length;
  if (count > maxIdentitiesPerContact) return true;
  for (const type of types) {
    if (count > type.maxPerContact && countOf(groups, type) > type.maxPerContact) return true;
  }
  return false;
}

function countOf(groups: readonly Group[], type: RankedType): number {
  let count = 0;
  for (const { identities } of groups) {
    for (const identity of identities) if (identity.type === type) count += 1;
  }
  return count;
}

function areBarred({ bars }: ComponentGraph, groups: readonly Group[]): boolean {
  for (const [{ group: one }, { group: other }] of bars) {
    if (one !== other && groups.includes(one) && groups.includes(other)) return true;
  }
  return false;
}

function havePeers(graph: ComponentGraph, groups: readonly Group[]): boolean {
  for (const [at, one] of groups.entries()) {
    for (let next = at + 1; next < groups.length; next += 1) {
      for (const row of one.rows) {
        for (const that of groups[next]?.rows ?? []) if (arePeers(graph, row, that)) return true;
      }
    }
  }
  return false;
}

/** Rows of one table are two people, unless a person merged them. */
function arePeers({ component }: ComponentGraph, one: RowNode, other: RowNode): boolean {
  return (
    one.row.datasetId === other.row.datasetId &&
    one.key.type === other.key.type &&
    one.row.kind === 'contact' &&
    !component.merges.some(
      ({ sides: [left, right] }) =>
        (left.includes(one.key.at) && right.includes(other.key.at)) ||
        (left.includes(other.key.at) && right.includes(one.key.at)),
    )
  );
}
