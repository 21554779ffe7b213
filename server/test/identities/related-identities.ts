/**
 * What belonged to a person earlier, as an erasure seeks it: identities that lead to nobody now,
 * and that rollback data or the log of joins has together with an identity of the person.
 */
import { claimedBy, endsOf, type Identity, type Row, withoutClaims } from './identity-state.ts';
import { inOrder } from './logged-joins.ts';
import type { ModelState, NotedRow } from './model-state.ts';

export interface Search {
  /** Identities of the person. */
  readonly sought: ReadonlySet<Identity>;
  /** The identity that was named and led to no contact. */
  readonly lost: Identity | undefined;
}

export function relatedTo(state: ModelState, search: Search): Identity[] {
  const { sought } = search;
  const related = relatedInRollback(state, search);
  const joined = new Set<Identity>();
  for (const entry of inOrder(state.log)) {
    if (entry.kind === 'parting') {
      // A person said that it is somebody else.
      for (const pair of entry.pairs.filter((it) => it.some((end) => sought.has(end)))) {
        for (const it of pair.filter((end) => !sought.has(end))) {
          related.delete(it);
          joined.delete(it);
        }
      }
      continue;
    }
    const keys = entry.kind === 'join' ? entry.keys : [...entry.keys, ...entry.sides];
    if (keys.some((it) => sought.has(it))) {
      const all = entry.kind === 'join' ? [...keys, entry.by] : keys;
      for (const it of all) if (!sought.has(it) && isFree(state, it)) joined.add(it);
    } else if (!keys.every((it) => isFree(state, it))) {
      // It was joined with somebody else who is there.
      for (const it of keys) joined.delete(it);
    }
  }
  return [...new Set([...related, ...joined])];
}

function relatedInRollback(state: ModelState, { sought, lost }: Search): Set<Identity> {
  const related = new Set<Identity>();
  const add = (all: readonly Identity[]) => {
    for (const it of all) if (!sought.has(it) && isFree(state, it)) related.add(it);
  };
  for (const { attempts, forgotten } of state.undo) {
    for (const [name, noted] of attempts.flatMap((rows) => [...rows])) {
      const named = namedIn(state, name, noted);
      const mayComeBack = state.rows.has(name) || state.keptRows.has(name);
      const isNaming = lost !== undefined && named.includes(lost) && !mayComeBack;
      if (sought.has(keyIn(name)) || isNaming) add(named);
    }
    for (const pair of forgotten.keys()) {
      if (endsOf(pair).some((it) => sought.has(it))) add(endsOf(pair));
    }
  }
  return related;
}

/** Whether it leads to nobody, and no row names it. */
function isFree({ decision, rows }: ModelState, identity: Identity): boolean {
  const isThere = (decision.groupOf.get(identity)?.rows.length ?? 0) > 0;
  return !isThere && ![...rows.values()].some((row) => claimedBy(row).includes(identity));
}

/** What rollback data names of a row: its key, and its claims of before if the run changed them. */
export function namedIn({ suppressed }: ModelState, name: string, { before, after }: NotedRow) {
  const claimsOf = (row: Row) => JSON.stringify([...withoutClaims(row, suppressed).claims].sort());
  const isSame =
    before !== undefined && after !== undefined && claimsOf(before) === claimsOf(after);
  return isSame ? [keyIn(name)] : [keyIn(name), ...claimedBy(before)];
}

/** The key of a row, by its name. */
export function keyIn(name: string): Identity {
  return endsOf(name)[1];
}
