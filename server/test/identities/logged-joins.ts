/** The log of joins in the model: who or what joined and parted which row keys. */
import { hash } from 'node:crypto';
import { endsOf, type Identity, pairOf, textOf, typeOf } from './identity-state.ts';
import { typeIdOf } from './store-rules.ts';

export type LoggedJoin =
  | {
      readonly kind: 'join';
      readonly version: number;
      readonly keys: readonly [Identity, Identity];
      /** The identity by which they were joined. */
      readonly by: Identity;
    }
  | {
      readonly kind: 'merge';
      readonly version: number;
      readonly keys: readonly [Identity, Identity];
      /** The row keys of both contacts. */
      readonly sides: readonly Identity[];
      /** The ends of the bars that it lifted, and of the joins that ended with it. */
      readonly ended: readonly (readonly [Identity, Identity])[];
    }
  | {
      readonly kind: 'parting';
      readonly version: number;
      readonly pairs: readonly (readonly [Identity, Identity])[];
    };

type Logged = { log: readonly LoggedJoin[] };

export function logJoin(
  state: Logged,
  version: number,
  { pair, by }: { readonly pair: string; readonly by: Identity },
): void {
  state.log = [...state.log, { kind: 'join', version, keys: endsOf(pair), by }];
}

/** What was joined for a moment was never a join. */
export function unlogJoin(state: Logged, version: number, pair: string): void {
  const isOther = (it: LoggedJoin) =>
    it.kind !== 'join' || it.version !== version || pairOf(...it.keys) !== pair;
  state.log = state.log.filter(isOther);
}

/** A merge that was taken back joins nobody. */
export function unlogMerge(state: Logged, entry: number): void {
  state.log = state.log.filter((it) => it.kind !== 'merge' || it.version !== entry);
}

export function logParting(
  state: Logged,
  version: number,
  pairs: readonly (readonly [Identity, Identity])[],
): void {
  state.log = [...state.log, { kind: 'parting', version, pairs }];
}

/** The oldest first. Joins of one version are in the order of their keys, as a store has them. */
export function inOrder(log: readonly LoggedJoin[]): LoggedJoin[] {
  const placeOf = (it: LoggedJoin) =>
    it.kind === 'join' ? it.keys.map(orderOf).sort().reverse().join('') : '';
  return log.toSorted(
    (one, other) => one.version - other.version || (placeOf(one) < placeOf(other) ? -1 : 1),
  );
}

function orderOf(identity: Identity): string {
  const type = typeIdOf(typeOf(identity)).toString(16).padStart(4, '0');
  return type + hash('sha256', textOf(identity)).slice(0, 32);
}

export function namedInLog(entry: LoggedJoin): readonly Identity[] {
  if (entry.kind === 'join') return [...entry.keys, entry.by];
  if (entry.kind === 'parting') return entry.pairs.flat();
  return [...entry.keys, ...entry.sides, ...entry.ended.flat()];
}

/** Takes identities out, with what is about them. */
export function purgeLogged(state: Logged, identities: ReadonlySet<Identity>): void {
  const areOthers = (named: readonly Identity[]) => !named.some((it) => identities.has(it));
  state.log = state.log.flatMap((entry): LoggedJoin[] => {
    if (areOthers(namedInLog(entry))) return [entry];
    if (entry.kind === 'join') return [];
    if (entry.kind === 'parting') {
      const pairs = entry.pairs.filter(areOthers);
      return pairs.length === 0 ? [] : [{ ...entry, pairs }];
    }
    if (!areOthers(entry.keys)) return [];
    const sides = entry.sides.filter((it) => !identities.has(it));
    return [{ ...entry, sides, ended: entry.ended.filter(areOthers) }];
  });
}
