/** The state of the model as a component of the code, and the decisions of both as texts. */
import type { Component, Decision } from '../../src/domain/contact/component.ts';
import { type IdentityTypeRules, usualTypeRules } from '../../src/domain/contact/identity-rules.ts';
import type { Decision as ModelDecision } from './identity-rules.ts';
import {
  claimedBy,
  datasetRules,
  endsOf,
  type Identity,
  type IdentitySettings,
  type IdentityState,
  pairOf,
  type Row,
  rowName,
  textOf,
  typeOf,
} from './identity-state.ts';

/** A component, and which identity and row each index stands for. */
export interface Translation {
  readonly component: Component;
  readonly identities: readonly Identity[];
  readonly rows: readonly Row[];
}

/** The lowest name has the lowest id, so that ids and names sort alike. */
const typeIds: ReadonlyMap<string, number> = new Map([
  ['email', 3],
  ['number', 4],
  ['phone', 7],
  ['user', 9],
]);

function typeIdOf(identity: Identity): number {
  return typeIds.get(typeOf(identity)) ?? 0;
}

/** Digests of one type sort as the texts do, which have one character. */
function digestOf(identity: Identity): Uint8Array {
  const digest = new Uint8Array(16).fill(200);
  digest[15] = textOf(identity).charCodeAt(0);
  return digest;
}

/**
 * @param among rows that share no identity with the others, if not all rows. What people and
 *   earlier evidence said of identities elsewhere is left out then.
 */
export function componentOf(
  state: IdentityState,
  among: readonly Row[] = [...state.rows.values()],
): Translation {
  // The order of rows and identities has no meaning: here it is not that of the model.
  const rows = [...among].reverse();
  const near = new Set(rows.flatMap((row) => [...claimedBy(row), row.key]));
  const isNear = (pair: string) => endsOf(pair).every((it) => near.has(it));
  const nearOnes = (side: readonly Identity[]) => side.filter((it) => near.has(it));
  const merges = state.merges
    .map(({ keys, pairs }) => ({ keys, sides: sidesOf(keys, pairs).map(nearOnes) }))
    .filter(({ keys, sides }) => {
      return sides.every((side) => side.length > 0) || keys.every((it) => near.has(it));
    });
  const identities = [...new Set([...near, ...merges.flatMap(({ keys }) => keys)])].reverse();
  const at = (identity: Identity) => identities.indexOf(identity);
  const pairAt = (pair: string) => endsOf(pair).map(at) as [number, number];
  const component: Component = {
    rules: rulesOf(state.settings),
    identities: identities.map((it) => ({ typeId: typeIdOf(it), digest: digestOf(it) })),
    rows: rows.map(({ dataset, key, claims }) => ({
      datasetId: datasetIdOf(state.settings, dataset),
      kind: datasetRules(state.settings, dataset).kind,
      key: at(key),
      claims: [...claims.values()].map(({ identity, since, isOfSnapshot }) => ({
        identity: at(identity),
        since: BigInt(since),
        isOfSnapshot,
      })),
    })),
    merges: merges.map(({ keys: [one, other], sides }) => ({
      keys: [at(one), at(other)],
      sides: sides.map((side) => side.map(at)) as [number[], number[]],
    })),
    bars: [...state.bars.keys()].filter(isNear).map(pairAt),
    memory: [...state.joinMemory]
      .filter(([pair]) => isNear(pair))
      .map(([pair, version]) => ({ pair: pairAt(pair), version: BigInt(version) })),
    breaks: new Map(
      [...state.breaks]
        .filter(([identity]) => near.has(identity))
        .map(([identity, version]) => [at(identity), BigInt(version)]),
    ),
    crowded: new Set(),
    beyond: new Set(),
  };
  return { component, identities, rows };
}

function datasetIdOf({ datasets }: IdentitySettings, dataset: string): number {
  return 11 + datasets.findIndex(({ name }) => name === dataset);
}

function rulesOf(settings: IdentitySettings): Component['rules'] {
  const types = settings.types.map(({ name, ...rules }) => ({
    ...rules,
    id: typeIds.get(name) ?? 0,
    sharedLimit: settings.sharedLimit,
  }));
  // A type with the usual rules need not be listed if it comes last.
  const isLeftOut = types.slice(-1).every((type) => isUsual(type) && type.id === 7);
  return {
    types: isLeftOut ? types.slice(0, -1) : types,
    trust: settings.trust.map((dataset) => datasetIdOf(settings, dataset)),
  };
}

function isUsual({ joins, isStable, maxPerContact, sharedLimit }: IdentityTypeRules): boolean {
  return (
    joins === usualTypeRules.joins &&
    isStable === usualTypeRules.isStable &&
    maxPerContact === usualTypeRules.maxPerContact &&
    sharedLimit === usualTypeRules.sharedLimit
  );
}

/** A decision as a text: each contact, each claim without effect, and each join with its claims. */
export function decisionText({ identities, rows }: Translation, decision: Decision): string {
  const identityAt = (at: number) => identities[at] ?? '?';
  const rowAt = (at: number) => rows[at];
  return linesOf({
    groups: decision.groups
      .filter((group) => group.rows.length > 0)
      .map((group) => [group.identities.map(identityAt), group.rows.map(rowAt)]),
    refusals: decision.refusals.map(({ row, identity, code }) => [
      rowAt(row)?.dataset,
      rowAt(row)?.key,
      identityAt(identity),
      code,
    ]),
    evidence: decision.evidence.map(({ pair: [one, other], claims }) => [
      pairOf(identityAt(one), identityAt(other)),
      claims.map(({ row, since }) => `${rowAt(row)?.dataset} ${since}`),
    ]),
  });
}

/** The same text of a decision of the model. */
export function modelText({ groupOf, refusals, evidence }: ModelDecision): string {
  return linesOf({
    groups: [...new Set(groupOf.values())]
      .filter(({ rows }) => rows.length > 0)
      .map(({ identities, rows }) => [[...identities], rows]),
    refusals: refusals.map(({ dataset, key, identity, code }) => [dataset, key, identity, code]),
    evidence: evidence.map(({ pair, claims }) => [
      pair,
      claims.map(({ dataset, since }) => `${dataset} ${since}`),
    ]),
  });
}

interface Lines {
  readonly groups: readonly (readonly [readonly Identity[], readonly (Row | undefined)[]])[];
  readonly refusals: readonly (readonly (string | undefined)[])[];
  readonly evidence: readonly (readonly [pair: string, claims: readonly string[]])[];
}

function linesOf({ groups, refusals, evidence }: Lines): string {
  const nameOf = (row: Row | undefined) =>
    row === undefined ? '?' : rowName(row.dataset, row.key);
  const listed = (texts: readonly string[]) => [...texts].sort().join(', ');
  return [
    ...groups.map(([leading, rows]) => `${listed(leading)}: ${listed(rows.map(nameOf))}`).sort(),
    ...refusals.map((refusal) => refusal.join(' ')).sort(),
    ...evidence.map(([pair, claims]) => `${pair}: ${listed(claims)}`).sort(),
  ].join('\n');
}

/** The rows that share an identity, a merge or a remembered join, step by step: each set once. */
export function connectedRows(state: IdentityState): Row[][] {
  const links = [
    ...[...state.rows.values()].map((row) => [row.key, ...claimedBy(row)]),
    ...state.merges.map(({ keys }) => keys),
    ...[...state.joinMemory.keys()].map(endsOf),
  ];
  let clusters: Set<Identity>[] = [];
  for (const link of links) {
    const met = clusters.filter((cluster) => link.some((it) => cluster.has(it)));
    const others = clusters.filter((cluster) => !met.includes(cluster));
    clusters = [...others, new Set([...met.flatMap((cluster) => [...cluster]), ...link])];
  }
  return clusters
    .map((cluster) => [...state.rows.values()].filter(({ key }) => cluster.has(key)))
    .filter((rows) => rows.length > 0);
}

/** The keys of both contacts of a merge: each pair has one of each. */
function sidesOf(
  [one, other]: readonly [Identity, Identity],
  pairs: ReadonlySet<string>,
): readonly [readonly Identity[], readonly Identity[]] {
  const all = [...new Set([...pairs].flatMap(endsOf))];
  return [
    all.filter((it) => pairs.has(pairOf(it, other))),
    all.filter((it) => pairs.has(pairOf(it, one))),
  ];
}
