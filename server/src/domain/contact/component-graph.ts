/** A component as objects that lead to each other, and the groups that its identities are in. */
import type { ClaimingRow, Component, IdentityPair } from './component.ts';
import { compareDigests, type RankedType, rankedType } from './identity-strength.ts';

export interface IdentityNode {
  /** Index in `Component.identities` */
  readonly at: number;
  readonly type: RankedType;
  readonly digest: Uint8Array;
  /** The rows that claim the identity and are not keyed by it. */
  readonly claimants: Claimant[];
  /** The version of the oldest of these claims. `undefined`: there is none. */
  claimedSince: bigint | undefined;
  isKeyOfRow: boolean;
  group: Group;
}

export interface RowNode {
  /** Index in `Component.rows` */
  readonly at: number;
  readonly row: ClaimingRow;
  readonly key: IdentityNode;
}

export interface Claimant {
  readonly row: RowNode;
  readonly since: bigint;
  readonly isOfSnapshot: boolean;
}

/** A contact in the making: rows, and the identities that lead to it. */
export interface Group {
  readonly identities: IdentityNode[];
  readonly rows: RowNode[];
}

/** The two identities of a pair. */
export type Ends = readonly [IdentityNode, IdentityNode];

export interface ComponentGraph {
  readonly component: Component;
  readonly identities: readonly IdentityNode[];
  /** The types of these identities. */
  readonly types: readonly RankedType[];
  readonly bars: readonly Ends[];
}

/** There is one group per row key, and one per identity that no row is keyed by. */
export function startGroups(component: Component): ComponentGraph {
  const types: RankedType[] = [];
  const identities: IdentityNode[] = [];
  for (const { typeId, digest } of component.identities) {
    const type = typeIn(types, component, typeId);
    identities.push(newNode(identities.length, type, digest));
  }
  for (const [at, row] of component.rows.entries()) addRow(identities, { at, row });
  const bars = component.bars.map((pair) => endsOf(identities, pair));
  return { component, identities, types, bars };
}

function typeIn(types: RankedType[], { rules }: Component, id: number): RankedType {
  for (const known of types) if (known.id === id) return known;
  const type = rankedType(rules, id);
  types.push(type);
  return type;
}

function newNode(at: number, type: RankedType, digest: Uint8Array): IdentityNode {
  const group: Group = { identities: [], rows: [] };
  const node: IdentityNode = {
    ...{ at, type, digest, group },
    claimants: [],
    claimedSince: undefined,
    isKeyOfRow: false,
  };
  group.identities.push(node);
  return node;
}

function addRow(
  identities: readonly IdentityNode[],
  { at, row }: { readonly at: number; readonly row: ClaimingRow },
): void {
  const key = nodeAt(identities, row.key);
  const node = { at, row, key };
  key.isKeyOfRow = true;
  key.group.rows.push(node);
  for (const { identity, since, isOfSnapshot } of row.claims) {
    if (identity === row.key) continue;
    const claimed = nodeAt(identities, identity);
    claimed.claimants.push({ row: node, since, isOfSnapshot });
    const { claimedSince } = claimed;
    if (claimedSince === undefined || since < claimedSince) claimed.claimedSince = since;
  }
}

export function nodeAt(identities: readonly IdentityNode[], at: number): IdentityNode {
  const node = identities[at];
  if (node === undefined) throw new Error(`No identity of the component has the index ${at}.`);
  return node;
}

export function endsOf(identities: readonly IdentityNode[], [one, other]: IdentityPair): Ends {
  return [nodeAt(identities, one), nodeAt(identities, other)];
}

/** Makes one group of these. */
export function unite(groups: readonly Group[]): void {
  const [into, ...others] = groups;
  if (into === undefined) return;
  for (const from of others) {
    if (from === into) continue;
    into.rows.push(...from.rows);
    for (const identity of from.identities) {
      identity.group = into;
      into.identities.push(identity);
    }
  }
}

/** Sorts the strongest identity first, as `compareStrength` does. */
export function compareNodes(one: IdentityNode, other: IdentityNode): number {
  return one.type.rank - other.type.rank || compareDigests(one.digest, other.digest);
}

/**
 * Sorts identities in the order in which they are decided: the strongest type first, and of one
 * type the one that was claimed first. So an identity that a contact has stays before a new one.
 */
export function compareTurns(one: IdentityNode, other: IdentityNode): number {
  return (
    one.type.rank - other.type.rank ||
    compareVersions(one.claimedSince ?? 0n, other.claimedSince ?? 0n) ||
    compareDigests(one.digest, other.digest)
  );
}

function compareVersions(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
