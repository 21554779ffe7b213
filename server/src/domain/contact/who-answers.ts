/**
 * Which contact answers for an identity: a function of what rows claim, what people joined and
 * parted, and what is remembered. The order in which rows arrive makes no difference.
 */
import { type Allowed, clash } from './clash.ts';
import type { ClashCode, Component, ContactGroup, Decision, RefusalCode } from './component.ts';
import {
  compareTurns,
  type Ends,
  endsOf,
  type Group,
  type IdentityNode,
  nodeAt,
  startGroups,
  unite,
} from './component-graph.ts';
import { decideIdentity, refuse, type Work } from './decide-identity.ts';
import { compareDigests } from './identity-strength.ts';

/** Decides which rows and identities are one contact. */
export function whoAnswers(component: Component): Decision {
  const work: Work = { ...startGroups(component), refusals: [], evidence: [] };
  joinMerged(work);
  joinClaimed(work);
  joinRemembered(work);
  return decisionOf(work);
}

/** Why a person cannot merge two contacts, or `undefined`. Neither bars nor peers prevent it. */
export function clashOfContacts(
  component: Component,
  one: ContactGroup,
  other: ContactGroup,
): ClashCode | undefined {
  const graph = startGroups(component);
  const groups = [one, other].map(
    ({ identities }): Group => ({
      identities: identities.map((at) => nodeAt(graph.identities, at)),
      rows: [],
    }),
  );
  return clash(graph, groups, { peers: true, barred: true });
}

/**
 * Joins what people merged, the oldest merge first. Neither bars nor rows of one dataset keep the
 * two apart.
 */
function joinMerged(work: Work): void {
  for (const { keys } of work.component.merges) {
    const [one, other] = endsOf(work.identities, keys);
    const isBetweenRows = one.group.rows.length > 0 && other.group.rows.length > 0;
    if (isBetweenRows) tryToJoin(work, [one, other], { peers: true, barred: true });
  }
}

/** Joins what rows say: those of identity datasets first, and the strongest identity first. */
function joinClaimed(work: Work): void {
  const { crowded, beyond, rows } = work.component;
  refuseClaims(work, crowded, 'identity_shared');
  refuseClaims(work, beyond, 'identity_limit');
  const claimed = work.identities
    .filter(({ at, claimants }) => claimants.length > 0 && !crowded.has(at) && !beyond.has(at))
    .sort(compareTurns);
  if (rows.some(({ kind }) => kind === 'identity')) {
    for (const identity of claimed) decideIdentity(work, identity, 'identity');
  }
  for (const identity of claimed) decideIdentity(work, identity, 'contact');
}

function refuseClaims(work: Work, identities: ReadonlySet<number>, code: RefusalCode): void {
  for (const at of identities) {
    const identity = nodeAt(work.identities, at);
    refuse(work, identity.claimants, { identity, code });
  }
}

/**
 * Joins keys that evidence joined once, the newest join first, if no row outside the contact claims
 * either key. Claims that a bar holds off do not count here.
 */
function joinRemembered(work: Work): void {
  for (const { ends } of newestFirst(work)) {
    if (!ends.every(({ isKeyOfRow }) => isKeyOfRow)) continue;
    if (ends.some((key) => isClaimedOutside(work, key))) continue;
    tryToJoin(work, ends, { peers: false, barred: false });
  }
}

interface RememberedJoin {
  /** The lower identity first. */
  readonly ends: Ends;
  readonly version: bigint;
}

function newestFirst({ component, identities }: Work): RememberedJoin[] {
  const joins = component.memory.map(({ pair, version }): RememberedJoin => {
    const [one, other] = endsOf(identities, pair);
    return { ends: compareIdentities(one, other) > 0 ? [other, one] : [one, other], version };
  });
  return joins.sort((one, other) => {
    if (one.version !== other.version) return one.version > other.version ? -1 : 1;
    const [lower, upper] = one.ends;
    return compareIdentities(lower, other.ends[0]) || compareIdentities(upper, other.ends[1]);
  });
}

/** An order that the rules of the organization do not change. */
function compareIdentities(one: IdentityNode, other: IdentityNode): number {
  return one.type.id - other.type.id || compareDigests(one.digest, other.digest);
}

function isClaimedOutside({ bars }: Work, key: IdentityNode): boolean {
  return key.claimants.some(
    ({ row }) =>
      row.key.group !== key.group &&
      !bars.some((ends) => ends.includes(row.key) && ends.includes(key)),
  );
}

function tryToJoin(work: Work, [one, other]: Ends, allowed: Allowed): void {
  if (one.group === other.group) return;
  const groups = [one.group, other.group];
  if (clash(work, groups, allowed) === undefined) unite(groups);
}

function decisionOf({ identities, refusals, evidence }: Work): Decision {
  const places = new Map<Group, number>();
  for (const { group } of identities) if (!places.has(group)) places.set(group, places.size);
  return {
    groupOf: identities.map(({ group }) => places.get(group) ?? 0),
    groups: [...places.keys()].map((group) => ({
      identities: group.identities.map(({ at }) => at),
      rows: group.rows.map(({ at }) => at),
    })),
    refusals,
    evidence,
  };
}
