/**
 * Which contact answers for an identity: a function of rows, merges, bars, join memory and breaks,
 * and of nothing else. The order in which rows arrive makes no difference.
 */
import { type Allowed, type ClashCode, clash, type Group } from './clash.ts';
import {
  type Claim,
  compareStrength,
  compareTexts,
  type DatasetRules,
  datasetRules,
  endsOf,
  type Identity,
  type IdentityState,
  pairOf,
  type Row,
  typeOf,
  typeRules,
} from './identity-state.ts';

/** A claim that has no effect, until its reason ends. */
export interface Refusal {
  readonly dataset: string;
  readonly key: Identity;
  readonly identity: Identity;
  readonly code: ClashCode | 'identity_moved' | 'identity_not_joining' | 'identity_taken';
}

/** Two keys that rows joined, with the claims that say so. */
export interface Evidence {
  readonly pair: string;
  /** The identity that the rows share. */
  readonly by: Identity;
  readonly claims: readonly { readonly dataset: string; readonly since: number }[];
}

export interface Decision {
  /** Each identity's group. A group without rows leads nowhere. */
  readonly groupOf: ReadonlyMap<Identity, Group>;
  readonly refusals: readonly Refusal[];
  readonly evidence: readonly Evidence[];
}

interface Claimant {
  readonly row: Row;
  readonly claim: Claim;
}

/** A decision while it is made. */
interface Work {
  readonly state: IdentityState;
  readonly groupOf: Map<Identity, Group>;
  /** The rows that claim an identity and are not keyed by it. */
  readonly claimants: ReadonlyMap<Identity, readonly Claimant[]>;
  readonly refusals: Refusal[];
  readonly evidence: Evidence[];
}

/**
 * Decides which rows and identities are one contact.
 * @param among rows that share no identity with the others, if not all rows
 */
export function whoAnswers(
  state: IdentityState,
  among: Iterable<Row> = state.rows.values(),
): Decision {
  const work = startGroups(state, among);
  joinMerged(work);
  joinIdentityRows(work);
  joinContactRows(work);
  joinRemembered(work);
  const { groupOf, refusals, evidence } = work;
  return { groupOf, refusals, evidence };
}

/** There is one group per row key, and one per identity that no row is keyed by. */
function startGroups(state: IdentityState, among: Iterable<Row>): Work {
  const groupOf = new Map<Identity, Group>();
  const claimants = new Map<Identity, Claimant[]>();
  const groupAt = (identity: Identity): Group => {
    const group = groupOf.get(identity) ?? { identities: new Set([identity]), rows: [] };
    groupOf.set(identity, group);
    return group;
  };
  for (const row of among) {
    groupAt(row.key).rows.push(row);
    for (const claim of row.claims.values()) {
      if (claim.identity === row.key) continue;
      groupAt(claim.identity);
      const others = claimants.get(claim.identity);
      if (others === undefined) claimants.set(claim.identity, [{ row, claim }]);
      else others.push({ row, claim });
    }
  }
  return { state, groupOf, claimants, refusals: [], evidence: [] };
}

/**
 * Step 1: what people merged, the oldest merge first. Neither bars nor rows of one dataset keep the
 * two apart.
 */
function joinMerged(work: Work): void {
  for (const { keys } of work.state.merges) {
    const groups = keys.map((key) => work.groupOf.get(key)).filter((it) => it !== undefined);
    if (groups.length < 2 || groups.some(({ rows }) => rows.length === 0)) continue;
    if (clash(work.state, groups, { peers: true, barred: true }) === undefined) unite(work, groups);
  }
}

/**
 * Step 2: what rows of identity datasets say, the strongest identity first. Rows of one dataset may
 * join here if a row names both keys.
 */
function joinIdentityRows(work: Work): void {
  for (const identity of byStrength(work)) decide(work, identity, 'identity');
}

/** Step 3: what rows of contact datasets say, the strongest identity first. */
function joinContactRows(work: Work): void {
  for (const identity of byStrength(work)) decide(work, identity, 'contact');
}

/**
 * Step 4: what evidence joined once, the newest join first, if no row outside the contact claims
 * either key. Claims that a bar holds off do not count here.
 */
function joinRemembered(work: Work): void {
  const { state, groupOf, claimants } = work;
  const newestFirst = [...state.joinMemory].sort(
    ([pair, version], [that, other]) => other - version || compareTexts(pair, that),
  );
  const isClaimedOutside = (key: Identity) =>
    (claimants.get(key) ?? []).some(
      ({ row }) =>
        groupOf.get(row.key) !== groupOf.get(key) && !state.bars.has(pairOf(row.key, key)),
    );
  for (const [pair] of newestFirst) {
    const keys = endsOf(pair);
    const groups = keys.map((key) => groupOf.get(key)).filter((it) => it !== undefined);
    if (!keys.every((key) => isKeyOfRow(groupOf, key)) || keys.some(isClaimedOutside)) continue;
    if (clash(state, groups, { peers: false, barred: false }) === undefined) unite(work, groups);
  }
}

/** The strongest type first. Identities of one type are in the order of their oldest claims. */
function byStrength({ state, claimants }: Work): Identity[] {
  const oldest = (identity: Identity) =>
    Math.min(...(claimants.get(identity) ?? []).map(({ claim }) => claim.since));
  return [...claimants.keys()].sort((one, other) =>
    typeOf(one) === typeOf(other)
      ? oldest(one) - oldest(other) || compareTexts(one, other)
      : compareStrength(state.settings, one, other),
  );
}

/** Whether a row is keyed by the identity. */
export function isKeyOfRow(groupOf: Decision['groupOf'], identity: Identity): boolean {
  return groupOf.get(identity)?.rows.some(({ key }) => key === identity) ?? false;
}

/** Decides between the rows of this kind that claim an identity: rules 3a to 3e. */
function decide(work: Work, identity: Identity, kind: DatasetRules['kind']): void {
  const { settings } = work.state;
  const allowed = { peers: kind === 'identity', barred: false };
  const all = (work.claimants.get(identity) ?? []).filter(
    ({ row }) => datasetRules(settings, row.dataset).kind === kind,
  );
  const current = withoutMoved(work, identity, all);
  if (kind === 'contact' && isOverShared(current, settings.sharedLimit)) {
    refuse(work, current, { identity, code: 'identity_shared' });
    return;
  }
  const able = withoutClashing(work, current, { identity, allowed });
  if (able.length === 0) return;
  const areOne = (claimants: readonly Claimant[]) =>
    canBeOne(work, claimants, { identity, allowed });
  const winners = areOne(able) ? able : comesFirst(settings.trust, able);
  if (!areOne(winners)) {
    refuse(work, able, { identity, code: 'identity_shared' });
    return;
  }
  const losers = able.filter((it) => !winners.includes(it));
  refuse(work, losers, { identity, code: 'identity_taken' });
  unite(work, [groupAt(work, identity), ...groupsOf(work, winners)]);
  noteEvidence(work, identity, winners);
}

/**
 * Rule 3a: if a row let the identity go, claims from before that do not count beside later ones.
 */
function withoutMoved(
  work: Work,
  identity: Identity,
  claimants: readonly Claimant[],
): readonly Claimant[] {
  const brokenAt = work.state.breaks.get(identity) ?? 0;
  const later = claimants.filter(({ claim }) => claim.since >= brokenAt);
  if (later.length === 0) return claimants;
  const earlier = claimants.filter(({ claim }) => claim.since < brokenAt);
  refuse(work, earlier, { identity, code: 'identity_moved' });
  return later;
}

/** Rule 3b: a value that too many rows of one dataset claim joins nobody. */
function isOverShared(claimants: readonly Claimant[], limit: number): boolean {
  const counts = Map.groupBy(claimants, ({ row }) => row.dataset);
  return [...counts.values()].some((ofDataset) => ofDataset.length > limit);
}

/**
 * Rule 3c: a claim does not count if it clashes with what is joined already, or joins by a type
 * that does not.
 */
function withoutClashing(
  work: Work,
  claimants: readonly Claimant[],
  { identity, allowed }: { readonly identity: Identity; readonly allowed: Allowed },
): Claimant[] {
  const own = groupAt(work, identity);
  const { joins } = typeRules(work.state.settings, identity);
  return claimants.filter((claimant) => {
    const other = groupAt(work, claimant.row.key);
    const isJoin = own !== other && own.rows.length > 0;
    const code =
      isJoin && !joins ? 'identity_not_joining' : clash(work.state, [own, other], allowed);
    if (code !== undefined) refuse(work, [claimant], { identity, code });
    return code === undefined;
  });
}

/** Rule 3d: whether all of them can be one contact. */
function canBeOne(
  work: Work,
  claimants: readonly Claimant[],
  { identity, allowed }: { readonly identity: Identity; readonly allowed: Allowed },
): boolean {
  const own = groupAt(work, identity);
  const others = groupsOf(work, claimants).filter((it) => it !== own);
  if (others.length > 1 && !typeRules(work.state.settings, identity).joins) return false;
  return clash(work.state, [own, ...others], allowed) === undefined;
}

/**
 * Rule 3e: the claims of the most trusted dataset come first, then the newest. Claims of one
 * snapshot dataset are equally new.
 */
function comesFirst(trust: readonly string[], claimants: readonly Claimant[]): Claimant[] {
  const rank = ({ row }: Claimant) =>
    trust.includes(row.dataset) ? trust.indexOf(row.dataset) : trust.length;
  const time = ({ row, claim }: Claimant) => {
    if (!claim.isOfSnapshot) return claim.since;
    const equals = claimants.filter(
      (it) => it.claim.isOfSnapshot && it.row.dataset === row.dataset,
    );
    return Math.max(...equals.map((it) => it.claim.since));
  };
  const best = Math.min(...claimants.map(rank));
  const trusted = claimants.filter((it) => rank(it) === best);
  const newest = Math.max(...trusted.map(time));
  return trusted.filter((it) => time(it) === newest);
}

/** Notes which keys the winners joined: each with the key that stands for the group. */
function noteEvidence(work: Work, identity: Identity, winners: readonly Claimant[]): void {
  const { settings } = work.state;
  const keys = [...new Set(winners.map(({ row }) => row.key))].sort((one, other) =>
    compareStrength(settings, one, other),
  );
  const base = isKeyOfRow(work.groupOf, identity) ? identity : keys[0];
  for (const key of keys) {
    if (base === undefined || key === base) continue;
    const said = winners.filter(({ row }) => row.key === key || row.key === base);
    const claims = said.map(({ row, claim }) => ({ dataset: row.dataset, since: claim.since }));
    work.evidence.push({ pair: pairOf(base, key), by: identity, claims });
  }
}

function refuse(
  work: Work,
  claimants: readonly Claimant[],
  refusal: Pick<Refusal, 'identity' | 'code'>,
): void {
  for (const { row } of claimants) {
    work.refusals.push({ dataset: row.dataset, key: row.key, ...refusal });
  }
}

function unite({ groupOf }: Work, groups: readonly Group[]): void {
  const [into, ...others] = new Set(groups);
  for (const from of others) {
    if (into === undefined) return;
    into.rows.push(...from.rows);
    for (const identity of from.identities) {
      into.identities.add(identity);
      groupOf.set(identity, into);
    }
  }
}

function groupAt({ groupOf }: Work, identity: Identity): Group {
  const group = groupOf.get(identity);
  if (group === undefined) throw new Error(`${identity} has no group.`);
  return group;
}

function groupsOf(work: Work, claimants: readonly Claimant[]): Group[] {
  return [...new Set(claimants.map(({ row }) => groupAt(work, row.key)))];
}
