/** What people join and part in the model: merge, unmerge, split, and parting a storm of joins. */
import { type ClashCode, clash } from './clash.ts';
import { endWrite, forgetJoinsOf, keysOf, putBackJoins } from './contact-ids.ts';
import { endsOf, type Identity, pairOf } from './identity-state.ts';
import { logParting, unlogMerge } from './logged-joins.ts';
import { copyState, type ModelState, nextVersion } from './model-state.ts';

export type MergeRefusal = ClashCode | 'contact_not_found' | 'same_contact';

/** The entry of the log that a merge makes, or why it is refused. */
export type MergeOutcome = { readonly entry: number } | { readonly refused: MergeRefusal };

/** Joins two contacts without evidence, and lifts the bars between them. */
export function merge(state: ModelState, one: Identity, other: Identity): MergeOutcome {
  const { groupOf } = state.decision;
  const [left, right] = [groupOf.get(one), groupOf.get(other)];
  if (left === undefined || right === undefined) return { refused: 'contact_not_found' };
  if (left.rows.length === 0 || right.rows.length === 0) return { refused: 'contact_not_found' };
  if (left === right) return { refused: 'same_contact' };
  const code = clash(state, [left, right], { peers: true, barred: true });
  if (code !== undefined) return { refused: code };
  const before = copyState(state);
  const entry = nextVersion(state);
  const isBetween = (pair: string) =>
    [left, right].every(({ identities }) => endsOf(pair).some((it) => identities.has(it)));
  const lifted = new Map([...state.bars].filter(([pair]) => isBetween(pair)));
  for (const pair of lifted.keys()) state.bars.delete(pair);
  const [leftKeys, rightKeys] = [left, right].map(({ rows }) => keysOf(state.settings, rows));
  const pairs = new Set(
    leftKeys?.flatMap((it) => rightKeys?.map((that) => pairOf(it, that)) ?? []),
  );
  const keys = [keyFor(one, leftKeys), keyFor(other, rightKeys)] as const;
  const ended = { forgotten: new Map<string, number>(), breaks: new Map() };
  state.merges.push({ entry, keys, pairs, lifted, forgotten: ended.forgotten });
  endWrite(state, entry, ended);
  const sides = [...(leftKeys ?? []), ...(rightKeys ?? [])];
  const over = [...lifted.keys(), ...ended.forgotten.keys()].map(endsOf);
  state.log = [...state.log, { kind: 'merge', version: entry, keys, sides, ended: over }];
  const joined = [...left.identities, ...right.identities];
  const contacts = new Set(joined.map((it) => state.decision.groupOf.get(it)));
  if (contacts.size === 1) return { entry };
  Object.assign(state, before);
  return { refused: 'identity_limit' };
}

/** The key that a person meant by an identity: itself, or else the contact's strongest one. */
function keyFor(identity: Identity, keys: readonly Identity[] = []): Identity {
  return keys.includes(identity) ? identity : (keys[0] ?? identity);
}

export type UnmergeRefusal = 'not_found' | 'still_joined';

/**
 * Takes a merge back, and puts back the bars that it lifted and the join memory that it ended. It
 * changes nothing if other evidence still joins the two.
 * @returns why it is refused, if it is
 */
export function unmerge(state: ModelState, entry: number): UnmergeRefusal | undefined {
  const found = state.merges.find((it) => it.entry === entry);
  if (found === undefined) return 'not_found';
  const before = copyState(state);
  state.merges = state.merges.filter((it) => it !== found);
  for (const [pair, version] of found.lifted) state.bars.set(pair, version);
  forgetJoinsOf(state, entry);
  putBackJoins(state, found.forgotten);
  endWrite(state, nextVersion(state));
  const [one, other] = found.keys.map((key) => state.decision.groupOf.get(key));
  if (one !== other || one === undefined) {
    unlogMerge(state, entry);
    logParting(state, nextVersion(state), [found.keys]);
    return undefined;
  }
  Object.assign(state, before);
  return 'still_joined';
}

/**
 * Parts an identity, with the rows that are keyed by it, from every other key of its contact.
 * @returns why it is refused, if it is
 */
export function split(state: ModelState, identity: Identity): 'nothing_to_part' | undefined {
  const rows = state.decision.groupOf.get(identity)?.rows ?? [];
  const others = keysOf(state.settings, rows).filter((key) => key !== identity);
  if (others.length === 0) return 'nothing_to_part';
  const version = nextVersion(state);
  for (const { entry, keys } of state.merges) if (keys.includes(identity)) unlogMerge(state, entry);
  state.merges = state.merges.filter(({ keys }) => !keys.includes(identity));
  for (const key of others) part(state, pairOf(identity, key), version);
  endWrite(state, version);
  logParting(
    state,
    version,
    others.map((key) => [identity, key] as const),
  );
  return undefined;
}

/**
 * Parts every join that runs made since a version, and what the same rows join then. `by` limits
 * them to the runs of one dataset. What a merge joins although it is parted stays.
 */
export function partStorm(
  state: ModelState,
  storm: { readonly since: number; readonly by?: string | undefined },
): void {
  let joined = joinsOfRuns(state, storm);
  do {
    const before = new Set(state.joinMemory.keys());
    const version = nextVersion(state);
    for (const pair of joined) part(state, pair, version);
    endWrite(state, version);
    if (joined.length > 0) logParting(state, version, joined.map(endsOf));
    joined = joinsOfRows(state, storm).filter((pair) => !before.has(pair) && !state.bars.has(pair));
  } while (joined.length > 0);
}

/** The pairs that rows join by claims which they make since a version. */
function joinsOfRows(
  { decision }: ModelState,
  { since, by }: { readonly since: number; readonly by?: string | undefined },
): string[] {
  return decision.evidence
    .filter(({ claims }) =>
      claims.some((it) => it.since >= since && (by === undefined || it.dataset === by)),
    )
    .map(({ pair }) => pair);
}

/** The pairs of keys that runs joined since a version. */
export function joinsOfRuns(
  { joinMemory, undo }: ModelState,
  { since, by }: { readonly since: number; readonly by?: string | undefined },
): string[] {
  const isOfRun = (version: number) =>
    undo.some((it) => it.version === version && (by === undefined || it.dataset === by));
  return [...joinMemory]
    .filter(([, version]) => version >= since && isOfRun(version))
    .map(([pair]) => pair);
}

function part(state: ModelState, pair: string, version: number): void {
  state.bars.set(pair, version);
  state.joinMemory.delete(pair);
  state.newJoins.delete(pair);
}
