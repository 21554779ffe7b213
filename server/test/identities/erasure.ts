/** Erasing contacts in the model, and putting back a backup without those that were erased. */
import { endWrite } from './contact-ids.ts';
import { claimedBy, endsOf, type Identity, withoutClaims } from './identity-state.ts';
import { copyState, type ModelState, nextVersion } from './model-state.ts';

/**
 * Erases a contact: the rows that are keyed in it, its ids, and what is remembered of it. Each of
 * its identities is suppressed. Rows of others that name one let it go, and are kept rows.
 * @returns why it is refused, if it is
 */
export function erase(state: ModelState, identity: Identity): 'contact_not_found' | undefined {
  const contact = state.decision.groupOf.get(identity);
  if (contact === undefined || contact.rows.length === 0) return 'contact_not_found';
  const { identities } = contact;
  for (const it of identities) state.suppressed.add(it);
  for (const [name, row] of [...state.rows]) {
    if (identities.has(row.key)) {
      state.rows.delete(name);
    } else if (claimedBy(row).some((it) => identities.has(it))) {
      state.keptRows.add(name);
      state.rows.set(name, withoutClaims(row, identities));
    }
  }
  forgetInUndo(state, identities);
  forget(state, identities);
  endWrite(state, nextVersion(state));
  return undefined;
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
  endWrite(state, nextVersion(state));
}

/** A rollback still finds rows of others as the run left them. */
function forgetInUndo(state: ModelState, identities: ReadonlySet<Identity>): void {
  for (const { rows } of state.undo) {
    for (const noted of rows.values()) {
      if (noted.after !== undefined) noted.after = withoutClaims(noted.after, identities);
    }
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
