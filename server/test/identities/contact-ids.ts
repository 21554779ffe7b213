/**
 * What every write of the model ends with: who answers is decided again, contact ids pass on, and
 * joins are remembered or forgotten.
 */
import { type Decision, type Evidence, isKeyOfRow, whoAnswers } from './identity-rules.ts';
import {
  claimedBy,
  compareStrength,
  endsOf,
  type Identity,
  type IdentitySettings,
  type Row,
} from './identity-state.ts';
import { logJoin, unlogJoin } from './logged-joins.ts';
import { dropLapsedJoins, type ModelState, type Undo } from './model-state.ts';

const tombstoneDays = 30;

/** Decides again who answers, notes new joins of this version, and gives each contact its ids. */
export function settle(state: ModelState, version: number): void {
  const before = state.decision;
  state.decision = whoAnswers(state);
  noteJoins(state, version);
  passOnIds(state, before);
  endTombstones(state);
  giveNewIds(state);
}

/**
 * A join is of the version that made it. It is remembered when its write has ended. What others
 * made stays noted until then, even if it is not evident in this passing state.
 */
function noteJoins(state: ModelState, version: number): void {
  const { decision, joinMemory, newJoins } = state;
  const pairs = new Set(decision.evidence.map(({ pair }) => pair));
  for (const [pair, joinedBy] of [...newJoins]) {
    const isVoid = joinedBy === version && !pairs.has(pair);
    if (isVoid) unlogJoin(state, version, pair);
    if (isVoid || joinMemory.has(pair)) newJoins.delete(pair);
  }
  for (const pair of pairs) {
    if (joinMemory.has(pair) || newJoins.has(pair)) continue;
    newJoins.set(pair, version);
    logJoin(state, version, { pair, by: evidenceOf(state, pair) });
  }
}

/** The identity that joins the two: the one whose claims come from the fewest unfinished runs. */
function evidenceOf({ decision, openVersions }: ModelState, pair: string): Identity {
  const openOf = ({ claims }: Evidence) =>
    new Set(claims.filter((it) => openVersions.get(it.dataset) === it.since).map((it) => it.since))
      .size;
  const all = decision.evidence.filter((it) => it.pair === pair);
  return all.reduce((best, it) => (openOf(it) < openOf(best) ? it : best)).by;
}

/**
 * The ids of a founder that is gone pass to the strongest key that is left in its contact. If
 * nobody is left, a tombstone remembers the id.
 */
function passOnIds(state: ModelState, before: Decision): void {
  const { groupOf } = state.decision;
  for (const [id, founder] of [...state.founders]) {
    if (isKeyOfRow(groupOf, founder)) continue;
    const keys = keysOf(state.settings, before.groupOf.get(founder)?.rows ?? []);
    const heir = keys.find((key) => isKeyOfRow(groupOf, key));
    if (heir !== undefined) {
      state.founders.set(id, heir);
    } else {
      state.founders.delete(id);
      state.tombstones.set(id, { founder, since: state.day });
    }
  }
}

/** An id returns with its founder within 30 days. After that it is gone. */
function endTombstones(state: ModelState): void {
  for (const [id, { founder, since }] of [...state.tombstones]) {
    const isOver = state.day - since > tombstoneDays;
    const isBack = !isOver && isKeyOfRow(state.decision.groupOf, founder);
    if (isBack) state.founders.set(id, founder);
    if (isOver || isBack) state.tombstones.delete(id);
  }
  state.founders = new Map([...state.founders].sort(([one], [other]) => one - other));
}

/** A contact without an id gets one, the strongest first. Its founder is the strongest key. */
function giveNewIds(state: ModelState): void {
  const { settings, decision } = state;
  const founders = new Set(state.founders.values());
  const contacts = new Set([...state.rows.values()].map(({ key }) => decision.groupOf.get(key)));
  const unnamed = [...contacts].flatMap((contact) => {
    const keys = keysOf(settings, contact?.rows ?? []);
    return keys.some((key) => founders.has(key)) ? [] : keys.slice(0, 1);
  });
  unnamed.sort((one, other) => compareStrength(settings, one, other));
  for (const founder of unnamed) {
    state.founders.set(state.nextContactId, founder);
    state.nextContactId += 1;
  }
}

/** The keys of these rows, the strongest first. */
export function keysOf(settings: IdentitySettings, rows: readonly Row[]): Identity[] {
  const keys = new Set(rows.map(({ key }) => key));
  return [...keys].sort((one, other) => compareStrength(settings, one, other));
}

/** Where a write notes what ended with it. */
type Ended = Pick<Undo, 'forgotten' | 'breaks'>;

/**
 * Ends a write. What it joined is remembered. What it parted is forgotten, but not while a run of
 * any dataset is unfinished.
 */
export function endWrite(state: ModelState, version: number, undo?: Ended): void {
  settle(state, version);
  dropLapsedJoins(state);
  rememberJoins(state);
  if (state.openVersions.size > 0) return;
  forgetParted(state, version, undo);
  dropBreaks(state, undo);
}

/** Joins by an unfinished run, or by claims of one, are not remembered yet. */
function rememberJoins({ decision, joinMemory, newJoins, openVersions }: ModelState): void {
  const open = new Set(openVersions.values());
  for (const [pair, version] of [...newJoins]) {
    const said = decision.evidence.filter((evidence) => evidence.pair === pair);
    const isUnfinished = said.every(({ claims }) =>
      claims.some(({ dataset, since }) => openVersions.get(dataset) === since),
    );
    if (isUnfinished || open.has(version)) continue;
    newJoins.delete(pair);
    joinMemory.set(pair, version);
  }
}

/** Forgets what a version joined, which is taken back. */
export function forgetJoinsOf({ joinMemory, newJoins, undo }: ModelState, version: number): void {
  for (const joins of [joinMemory, newJoins, ...undo.map(({ forgotten }) => forgotten)]) {
    for (const [pair, joinedBy] of [...joins]) if (joinedBy === version) joins.delete(pair);
  }
}

/** Remembers again what a write forgot that is taken back. */
export function putBackJoins(
  { joinMemory, newJoins }: ModelState,
  forgotten: ReadonlyMap<string, number>,
): void {
  for (const [pair, version] of forgotten) {
    if (joinMemory.has(pair)) continue;
    joinMemory.set(pair, version);
    newJoins.delete(pair);
  }
}

function forgetParted(state: ModelState, version: number, undo?: Ended): void {
  const { groupOf } = state.decision;
  for (const [pair, joinedBy] of [...state.joinMemory]) {
    const groups = endsOf(pair).map((key) => groupOf.get(key));
    const [one, other] = groups;
    // A key that is gone may return. But if it leads to another contact now, others contradict.
    if (one === other || groups.some((group) => (group?.rows.length ?? 0) === 0)) continue;
    state.joinMemory.delete(pair);
    if (joinedBy !== version) undo?.forgotten.set(pair, joinedBy);
  }
}

/** A break ends when no claim is older than it. */
function dropBreaks(state: ModelState, undo?: Ended): void {
  const oldest = new Map<Identity, number>();
  for (const row of state.rows.values()) {
    for (const { identity, since } of row.claims.values()) {
      if (identity === row.key) continue;
      oldest.set(identity, Math.min(oldest.get(identity) ?? since, since));
    }
  }
  for (const [identity, version] of [...state.breaks]) {
    if ((oldest.get(identity) ?? version) < version) continue;
    state.breaks.delete(identity);
    if (undo !== undefined && !undo.breaks.has(identity)) undo.breaks.set(identity, version);
  }
}

/**
 * Notes that a row, as it is replaced, lets go what it claimed before.
 * @param undo remembers the breaks of before
 */
export function noteBreaks(
  state: ModelState,
  { before, after }: { readonly before: Row | undefined; readonly after: Row | undefined },
  { version, undo }: { readonly version: number; readonly undo?: Undo | undefined },
): void {
  const kept = new Set([...claimedBy(after), (after ?? before)?.key]);
  for (const identity of claimedBy(before)) {
    if (kept.has(identity)) continue;
    const known = state.breaks.get(identity);
    if (undo !== undefined && !undo.breaks.has(identity)) undo.breaks.set(identity, known);
    state.breaks.set(identity, Math.max(version, known ?? 0));
  }
}
