/** What a push does in the model: it is a patch of one row. */
import { replaceRow } from './apply-rows.ts';
import { endWrite, noteBreaks } from './contact-ids.ts';
import {
  type Claim,
  claimedBy,
  compareTexts,
  datasetRules,
  endsOf,
  type Identity,
  pairOf,
  type Row,
  rowName,
  typeOf,
} from './identity-state.ts';
import {
  type IncomingRow,
  keyRank,
  type ModelState,
  nextVersion,
  usableIdentities,
} from './model-state.ts';
import { isSuppressed } from './suppressed-rows.ts';

export type PushRefusal = 'contact_suppressed' | 'identity_missing' | 'identity_shared';

/**
 * Pushes a patch. A missing type keeps its claim, a cleared one lets it go, another value replaces
 * it. What the patch names it claims anew.
 * @returns why it is refused, if it is
 */
export function applyPush(
  state: ModelState,
  dataset: string,
  incoming: IncomingRow,
): PushRefusal | undefined {
  const named = usableIdentities(state, dataset, incoming.identities);
  const [key] = named;
  if (key === undefined) return 'identity_missing';
  if (isSuppressed(state, { dataset, named, isPush: true })) return 'contact_suppressed';
  const identities = named.filter((it) => !state.suppressed.has(it));
  const target = findTarget(state, dataset, identities);
  if (target === 'identity_shared') return target;
  const version = nextVersion(state);
  const rank = (identity: Identity) => keyRank(state, dataset, identity);
  const newKey = target === undefined || rank(key) < rank(target.key) ? key : target.key;
  const row: Row = {
    dataset,
    key: newKey,
    claims: patchClaims(state, { target, newKey, identities, version, incoming, dataset }),
    section: incoming.section,
    version: target?.section === incoming.section ? target.version : version,
  };
  if (target === undefined || target.key === newKey) {
    replaceRow(state, newKey, { dataset, version, row });
  } else {
    giveKey(state, target, row);
  }
  endWrite(state, version);
  return undefined;
}

/**
 * The row that a patch is for: the row of its key, else the dataset's row that claims the key, else
 * a row without another value of the key's type at the contact that the first known identity leads
 * to.
 */
function findTarget(
  state: ModelState,
  dataset: string,
  identities: readonly Identity[],
): Row | 'identity_shared' | undefined {
  const [key] = identities;
  if (key === undefined) return undefined;
  const known = state.rows.get(rowName(dataset, key));
  if (known !== undefined || datasetRules(state.settings, dataset).kind === 'identity')
    return known;
  const { groupOf } = state.decision;
  const own = [...state.rows.values()].filter((row) => row.dataset === dataset);
  const valueIn = (row: Row) => row.claims.get(typeOf(key))?.identity;
  const claiming = own.filter((row) => valueIn(row) === key);
  if (claiming.length === 1) return claiming[0];
  const leading = identities.find((it) => (groupOf.get(it)?.rows.length ?? 0) > 0) ?? key;
  const group = groupOf.get(leading);
  const fitting = own.filter(
    (row) => groupOf.get(row.key) === group && (valueIn(row) ?? key) === key,
  );
  if (fitting.length === 0 && claiming.length > 1) return 'identity_shared';
  const rank = (row: Row) => keyRank(state, dataset, row.key);
  return fitting.sort(
    (one, other) => rank(one) - rank(other) || compareTexts(one.key, other.key),
  )[0];
}

function patchClaims(
  state: ModelState,
  patch: {
    readonly dataset: string;
    readonly target: Row | undefined;
    readonly newKey: Identity;
    readonly identities: readonly Identity[];
    readonly version: number;
    readonly incoming: IncomingRow;
  },
): Map<string, Claim> {
  const { dataset, target, newKey, identities, version, incoming } = patch;
  const claims = new Map(target?.claims ?? []);
  const named = new Set(identities.map(typeOf));
  for (const type of incoming.cleared ?? []) {
    if (!named.has(type) && type !== typeOf(newKey)) claims.delete(type);
  }
  const { kind } = datasetRules(state.settings, dataset);
  for (const identity of identities) {
    const place = kind === 'identity' ? identity : typeOf(identity);
    const known = claims.get(place);
    const isKept = known?.identity === identity && !isContested(state, target, identity);
    if (!isKept) claims.set(place, { identity, since: version, isOfSnapshot: false });
  }
  return claims;
}

function isContested(state: ModelState, target: Row | undefined, identity: Identity): boolean {
  const others = [...state.rows.values()].filter((row) => row !== target);
  return state.breaks.has(identity) || others.some((row) => claimedBy(row).includes(identity));
}

/** Gives a row its stronger key. What hangs on the key of before goes with it. */
function giveKey(state: ModelState, before: Row, after: Row): void {
  const { version } = state;
  state.rows.delete(rowName(before.dataset, before.key));
  noteBreaks(state, { before, after }, { version });
  state.rows.set(rowName(after.dataset, after.key), after);
  const isKeyStill = [...state.rows.values()].some(({ key }) => key === before.key);
  if (!isKeyStill) renameKey(state, before.key, after.key);
}

function renameKey(state: ModelState, from: Identity, to: Identity): void {
  const renamed = (key: Identity) => (key === from ? to : key);
  const renamedPair = (pair: string) => {
    const [one, other] = endsOf(pair);
    return pairOf(renamed(one), renamed(other));
  };
  state.merges = state.merges.map((merge) => ({
    ...merge,
    keys: [renamed(merge.keys[0]), renamed(merge.keys[1])],
    pairs: new Set([...merge.pairs].map(renamedPair)),
  }));
  const renamedJoins = (joins: ReadonlyMap<string, number>) => {
    const all = new Map<string, number>();
    for (const [before, version] of joins) {
      const pair = renamedPair(before);
      const [one, other] = endsOf(pair);
      // Of two joins that became one, the older: what the younger came from may be rolled back.
      if (one !== other) all.set(pair, Math.min(version, all.get(pair) ?? version));
    }
    return all;
  };
  const remembered = new Set([...state.joinMemory.keys(), ...state.newJoins.keys()]);
  state.joinMemory = renamedJoins(state.joinMemory);
  state.newJoins = renamedJoins(state.newJoins);
  state.log = state.log.map((entry) => {
    const isRemembered = entry.kind === 'join' && remembered.has(pairOf(...entry.keys));
    const isMerge = entry.kind === 'merge' && state.merges.some((it) => it.entry === entry.version);
    if (!isRemembered && !isMerge) return entry;
    const keys = [renamed(entry.keys[0]), renamed(entry.keys[1])] as const;
    // Rows that have the same key now were joined all the same.
    if (entry.kind === 'join') return keys[0] === keys[1] ? entry : { ...entry, keys };
    return { ...entry, keys, sides: entry.sides.map(renamed) };
  });
  for (const [id, founder] of state.founders) state.founders.set(id, renamed(founder));
}
