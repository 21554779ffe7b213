/** Decides between the rows that claim one identity. */
import { type Allowed, clash } from './clash.ts';
import type { Evidence, Refusal, RefusalCode, RowKind } from './component.ts';
import {
  type Claimant,
  type ComponentGraph,
  compareNodes,
  type Group,
  type IdentityNode,
  unite,
} from './component-graph.ts';

/** A decision while it is made. */
export interface Work extends ComponentGraph {
  readonly refusals: Refusal[];
  readonly evidence: Evidence[];
}

/** Rows of one dataset may be one contact if a row of an identity dataset names both keys. */
const allowedTo: Readonly<Record<RowKind, Allowed>> = {
  contact: { peers: false, barred: false },
  identity: { peers: true, barred: false },
};

/** Joins the rows of this kind that claim the identity, if they can be one contact. */
export function decideIdentity(work: Work, identity: IdentityNode, kind: RowKind): void {
  const all = identity.claimants.filter(({ row }) => row.row.kind === kind);
  const current = withoutMoved(work, identity, all);
  if (kind === 'contact' && isOverShared(current, identity.type.sharedLimit)) {
    refuse(work, current, { identity, code: 'identity_shared' });
    return;
  }
  const able = withoutClashing(work, identity, { claimants: current, kind });
  if (able.length === 0) return;
  const areOne = (claimants: readonly Claimant[]) => canBeOne(work, identity, { claimants, kind });
  const winners = areOne(able) ? able : comesFirst(work, able);
  if (winners !== able && !areOne(winners)) {
    refuse(work, able, { identity, code: 'identity_shared' });
    return;
  }
  if (winners.length < able.length) {
    const won = new Set(winners);
    const losers = able.filter((it) => !won.has(it));
    refuse(work, losers, { identity, code: 'identity_taken' });
  }
  unite(groupsOf(identity, winners));
  noteEvidence(work, identity, winners);
}

/** If a row let the identity go, claims from before that do not count beside later ones. */
function withoutMoved(
  work: Work,
  identity: IdentityNode,
  claimants: readonly Claimant[],
): readonly Claimant[] {
  const brokenAt = work.component.breaks.get(identity.at);
  if (brokenAt === undefined) return claimants;
  const later = claimants.filter(({ since }) => since >= brokenAt);
  if (later.length === 0) return claimants;
  const earlier = claimants.filter(({ since }) => since < brokenAt);
  refuse(work, earlier, { identity, code: 'identity_moved' });
  return later;
}

/** Whether too many rows of one dataset claim it. */
function isOverShared(claimants: readonly Claimant[], limit: number): boolean {
  if (claimants.length <= limit) return false;
  const counts = new Map<number, number>();
  for (const { row } of claimants) {
    const count = (counts.get(row.row.datasetId) ?? 0) + 1;
    if (count > limit) return true;
    counts.set(row.row.datasetId, count);
  }
  return false;
}

/** Rows of one kind that claim an identity. */
interface Claimants {
  readonly claimants: readonly Claimant[];
  readonly kind: RowKind;
}

/**
 * A claim does not count if it clashes with what is joined already, or joins by a type that does
 * not.
 */
function withoutClashing(
  work: Work,
  identity: IdentityNode,
  { claimants, kind }: Claimants,
): Claimant[] {
  const own = identity.group;
  return claimants.filter((claimant) => {
    const other = claimant.row.key.group;
    if (own === other) return true;
    const isJoin = own.rows.length > 0;
    const code =
      isJoin && !identity.type.joins
        ? 'identity_not_joining'
        : clash(work, [own, other], allowedTo[kind]);
    if (code !== undefined) refuse(work, [claimant], { identity, code });
    return code === undefined;
  });
}

/** Whether all of them, each of which can join by itself, can be one contact. */
function canBeOne(work: Work, identity: IdentityNode, { claimants, kind }: Claimants): boolean {
  if (claimants.length === 1) return true;
  const groups = groupsOf(identity, claimants);
  if (groups.length > 2 && !identity.type.joins) return false;
  return clash(work, groups, allowedTo[kind]) === undefined;
}

/**
 * The claims of the most trusted dataset come first, then the newest. Claims of one snapshot
 * dataset are equally new.
 */
function comesFirst({ component }: Work, claimants: readonly Claimant[]): Claimant[] {
  const { trust } = component.rules;
  const ranks = claimants.map(({ row }) => {
    const place = trust.indexOf(row.row.datasetId);
    return place === -1 ? trust.length : place;
  });
  const best = Math.min(...ranks);
  const trusted = claimants.filter((_, at) => ranks[at] === best);
  const newestOf = new Map<number, bigint>();
  for (const { row, since, isOfSnapshot } of trusted) {
    const newest = newestOf.get(row.row.datasetId) ?? since;
    if (isOfSnapshot) newestOf.set(row.row.datasetId, since > newest ? since : newest);
  }
  const times = trusted.map(({ row, since, isOfSnapshot }) =>
    isOfSnapshot ? (newestOf.get(row.row.datasetId) ?? since) : since,
  );
  const newest = times.reduce((one, other) => (one > other ? one : other));
  return trusted.filter((_, at) => times[at] === newest);
}

/** The identity's group, and those of the rows that claim it: each once. */
function groupsOf(identity: IdentityNode, claimants: readonly Claimant[]): Group[] {
  const groups = [identity.group];
  for (const { row } of claimants) {
    if (!groups.includes(row.key.group)) groups.push(row.key.group);
  }
  return groups;
}

/** Notes which keys the winners joined: each with the key that stands for the group. */
function noteEvidence(work: Work, identity: IdentityNode, winners: readonly Claimant[]): void {
  if (winners.length === 1 && !identity.isKeyOfRow) return;
  const keys = [...new Set(winners.map(({ row }) => row.key))].sort(compareNodes);
  const base = identity.isKeyOfRow ? identity : keys[0];
  for (const key of keys) {
    if (base === undefined || key === base) continue;
    const said = winners.filter(({ row }) => row.key === key || row.key === base);
    const claims = said.map(({ row, since }) => ({ row: row.at, since }));
    work.evidence.push({ pair: [base.at, key.at], identity: identity.at, claims });
  }
}

export function refuse(
  work: Work,
  claimants: readonly Claimant[],
  { identity, code }: { readonly identity: IdentityNode; readonly code: RefusalCode },
): void {
  for (const { row } of claimants) {
    work.refusals.push({ row: row.at, identity: identity.at, code });
  }
}
