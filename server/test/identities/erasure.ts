/** Erasing contacts in the model, and putting back a backup without those that were erased. */
import type { Group } from './clash.ts';
import { endWrite } from './contact-ids.ts';
import { claimedBy, endsOf, type Identity, pairOf, withoutClaims } from './identity-state.ts';
import { namedInLog, purgeLogged } from './logged-joins.ts';
import { copyState, type ModelState, nextVersion, type Undo } from './model-state.ts';
import { keyIn, namedIn, relatedTo } from './related-identities.ts';

/**
 * Erases a contact: the rows that are keyed in it, its ids, and what is remembered of it. Each of
 * its identities is suppressed, and what its rows alone claim without effect. Rows of others that
 * name one let it go, and are kept rows. Of an identity without a contact it erases what still
 * names it. What belonged to the person earlier is erased in the same way, and what belonged to
 * that.
 * @param isLogged whether something names it that the model does not keep
 * @returns the identities, or why it is refused
 */
export function erase(
  state: ModelState,
  identity: Identity,
  isLogged = false,
): ReadonlySet<Identity> | 'contact_not_found' {
  const contact = state.decision.groupOf.get(identity);
  const isContact = contact !== undefined && contact.rows.length > 0;
  if (!isContact && !isLogged && !isNamed(state, identity)) return 'contact_not_found';
  const erased = new Set<Identity>();
  const eraseAll = (identities: ReadonlySet<Identity>) => {
    eraseNamed(state, identities);
    for (const it of identities) erased.add(it);
  };
  const own = isContact ? namedByNobodyElse(state, contact) : [];
  let sought = new Set(isContact ? [...contact.identities, ...own] : [identity]);
  let lost = isContact ? undefined : identity;
  if (isContact) eraseAll(sought);
  while (sought.size > 0) {
    const found = relatedTo(state, { sought, lost }).filter((it) => !erased.has(it));
    for (const it of found) eraseAll(new Set([it]));
    if (lost !== undefined) eraseAll(new Set([lost]));
    lost = undefined;
    sought = new Set(found);
  }
  forgetInUndo(state, erased);
  purgeLogged(state, erased);
  return erased;
}

/**
 * What the rows of a contact claim without effect, and no row of others names. What a person parted
 * from the contact is somebody else.
 */
function namedByNobodyElse(state: ModelState, { identities, rows }: Group): Identity[] {
  const ofOthers = [...state.rows.values()].filter(({ key }) => !identities.has(key));
  const namedByOthers = new Set(ofOthers.flatMap((row) => [row.key, ...claimedBy(row)]));
  const isParted = (it: Identity) => [...identities].some((own) => state.bars.has(pairOf(it, own)));
  return rows
    .flatMap(claimedBy)
    .filter((it) => !identities.has(it) && !namedByOthers.has(it) && !isParted(it));
}

function eraseNamed(state: ModelState, identities: ReadonlySet<Identity>): void {
  for (const it of identities) state.suppressed.add(it);
  for (const [name, row] of [...state.rows]) {
    if (identities.has(row.key)) {
      state.rows.delete(name);
    } else if (claimedBy(row).some((it) => identities.has(it))) {
      state.keptRows.add(name);
      state.rows.set(name, withoutClaims(row, identities));
    }
  }
  forget(state, identities);
  endWrite(state, nextVersion(state));
}

/** Whether rows, what people did, contact ids or rollback data name the identity. */
function isNamed(state: ModelState, identity: Identity): boolean {
  const isOf = (pair: string) => endsOf(pair).includes(identity);
  return (
    [...state.rows.values()].some((row) => claimedBy(row).includes(identity)) ||
    [...state.bars.keys(), ...state.joinMemory.keys()].some(isOf) ||
    state.breaks.has(identity) ||
    state.merges.some(({ keys }) => keys.includes(identity)) ||
    state.log.some((entry) => namedInLog(entry).includes(identity)) ||
    [...state.tombstones.values()].some(({ founder }) => founder === identity) ||
    state.undo.some(
      ({ attempts, breaks, forgotten }) =>
        attempts
          .flatMap((rows) => [...rows])
          .some(([name, noted]) => namedIn(state, name, noted).includes(identity)) ||
        breaks.has(identity) ||
        [...forgotten.keys()].some(isOf),
    )
  );
}

/**
 * Puts a backup back. Suppressions and kept rows of both stay. A row that names a suppressed
 * identity lets it go if it is a kept row, and is dropped if not.
 */
export function restore(state: ModelState, backup: ModelState): void {
  const suppressed = state.suppressed.union(backup.suppressed);
  const keptRows = state.keptRows.union(backup.keptRows);
  const { version, nextContactId } = state;
  Object.assign(state, copyState(backup), { suppressed, keptRows, version, nextContactId });
  for (const [name, row] of [...state.rows]) {
    if (!claimedBy(row).some((it) => suppressed.has(it))) continue;
    const isKept = keptRows.has(name) && !suppressed.has(row.key);
    if (isKept) state.rows.set(name, withoutClaims(row, suppressed));
    else state.rows.delete(name);
  }
  forget(state, suppressed);
  purgeLogged(state, suppressed);
  endWrite(state, nextVersion(state));
}

/**
 * A rollback still finds rows of others as the run left them, and puts them back without the
 * identities. Of other rows nothing is left.
 */
function forgetInUndo(state: ModelState, identities: ReadonlySet<Identity>): void {
  const isOthers = (pair: string) => !endsOf(pair).some((it) => identities.has(it));
  for (const { rows, attempts, breaks, forgotten } of state.undo) {
    for (const noted of [rows, ...attempts]) forgetInRows(state, noted, identities);
    for (const it of identities) breaks.delete(it);
    for (const pair of [...forgotten.keys()]) if (!isOthers(pair)) forgotten.delete(pair);
  }
}

function forgetInRows(
  state: ModelState,
  rows: Undo['rows'],
  identities: ReadonlySet<Identity>,
): void {
  for (const [name, noted] of [...rows]) {
    const named = namedIn(state, name, noted);
    if (noted.after !== undefined) noted.after = withoutClaims(noted.after, identities);
    if (!named.some((it) => identities.has(it))) continue;
    const mayComeBack = state.rows.has(name) || state.keptRows.has(name);
    if (noted.before === undefined || identities.has(keyIn(name)) || !mayComeBack) {
      rows.delete(name);
    } else noted.before = withoutClaims(noted.before, identities);
  }
}

/** Forgets bars, merges, joins, breaks and contact ids that name one of the identities. */
function forget(state: ModelState, identities: ReadonlySet<Identity>): void {
  const isOthers = (pair: string) => !endsOf(pair).some((it) => identities.has(it));
  state.bars = new Map([...state.bars].filter(([pair]) => isOthers(pair)));
  state.joinMemory = new Map([...state.joinMemory].filter(([pair]) => isOthers(pair)));
  state.newJoins = new Map([...state.newJoins].filter(([pair]) => isOthers(pair)));
  state.breaks = new Map([...state.breaks].filter(([it]) => !identities.has(it)));
  state.merges = state.merges.filter(({ keys }) => !keys.some((it) => identities.has(it)));
  state.founders = new Map([...state.founders].filter(([, it]) => !identities.has(it)));
  state.tombstones = new Map(
    [...state.tombstones].filter(([, { founder }]) => !identities.has(founder)),
  );
}
