/** Why groups of rows cannot be one contact. */
import {
  datasetRules,
  type Identity,
  type IdentityState,
  pairOf,
  type Row,
  typeOf,
  typeRules,
} from './identity-state.ts';

/** A contact in the making: rows, and the identities that lead to it. */
export interface Group {
  readonly identities: Set<Identity>;
  readonly rows: Row[];
}

/** What a kind of join may do that others may not. */
export interface Allowed {
  /** To join rows of one dataset whose keys are of the same type. */
  readonly peers: boolean;
  /** To join what a bar parts. */
  readonly barred: boolean;
}

export type ClashCode =
  | 'identity_conflict'
  | 'identity_limit'
  | 'identity_parted'
  | 'identity_shared';

/**
 * Why these groups cannot be one contact, or `undefined` if they can. They stay apart if they have
 * different stable values, too many identities, a bar between them, or rows of one dataset whose
 * keys are of the same type: a table has one row per person.
 */
export function clash(
  state: IdentityState,
  groups: readonly Group[],
  allowed: Allowed,
): ClashCode | undefined {
  const apart = [...new Set(groups)];
  if (apart.length < 2) return undefined;
  const identities = apart.flatMap((group) => [...group.identities]);
  const stable = identities.filter((it) => typeRules(state.settings, it).isStable);
  if (stable.length > 1) return 'identity_conflict';
  if (isTooMany(state, identities)) return 'identity_limit';
  for (const [at, one] of apart.entries()) {
    for (const other of apart.slice(at + 1)) {
      if (!allowed.barred && isBarred(state, one, other)) return 'identity_parted';
      if (!allowed.peers && hasPeers(state, one, other)) return 'identity_shared';
    }
  }
  return undefined;
}

function isTooMany({ settings }: IdentityState, identities: readonly Identity[]): boolean {
  if (identities.length > settings.maxIdentities) return true;
  return settings.types.some(
    ({ name, maxPerContact }) =>
      identities.filter((it) => typeOf(it) === name).length > maxPerContact,
  );
}

function isBarred({ bars }: IdentityState, one: Group, other: Group): boolean {
  if (bars.size === 0) return false;
  return [...one.identities].some((it) =>
    [...other.identities].some((that) => bars.has(pairOf(it, that))),
  );
}

function hasPeers(state: IdentityState, one: Group, other: Group): boolean {
  return one.rows.some((row) => other.rows.some((that) => arePeers(state, row, that)));
}

/** Rows of one table are two people, unless a person merged them. */
function arePeers({ settings, merges }: IdentityState, row: Row, that: Row): boolean {
  return (
    row.dataset === that.dataset &&
    typeOf(row.key) === typeOf(that.key) &&
    datasetRules(settings, row.dataset).kind === 'contact' &&
    !merges.some(({ pairs }) => pairs.has(pairOf(row.key, that.key)))
  );
}
