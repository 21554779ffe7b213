/** Taking the newest run of a dataset back in the model. */
import { endWrite, forgetJoinsOf, putBackJoins } from './contact-ids.ts';
import { claimedBy, describeRow, withoutClaims } from './identity-state.ts';
import { type ModelState, nextVersion, type Undo } from './model-state.ts';

/**
 * Puts back the rows, the breaks and the join memory of before the dataset's newest run. Rows that
 * were written since stay.
 * @returns why it is refused, if it is
 */
export function rollBack(
  state: ModelState,
  dataset: string,
): 'run_unfinished' | 'nothing_to_roll_back' | undefined {
  if (state.openVersions.has(dataset)) return 'run_unfinished';
  const undo = state.undo.findLast((it) => it.dataset === dataset);
  if (undo === undefined) return 'nothing_to_roll_back';
  state.undo = state.undo.filter((it) => it !== undo);
  putBackRows(state, undo);
  putBackBreaks(state, undo);
  forgetJoinsOf(state, undo.version);
  state.log = state.log.filter((it) => it.kind !== 'join' || it.version !== undo.version);
  putBackJoins(state, undo.forgotten);
  endWrite(state, nextVersion(state));
  return undefined;
}

/**
 * A row that names a suppressed identity comes back without it if it is there now, or is a kept
 * row. If not, it does not come back.
 */
function putBackRows(state: ModelState, undo: Undo): void {
  const { rows, suppressed, keptRows } = state;
  for (const [name, { before, after }] of undo.rows) {
    if (describeRow(rows.get(name)) !== describeRow(after)) continue;
    const isSuppressed = claimedBy(before).some((it) => suppressed.has(it));
    const isOther = (rows.has(name) || keptRows.has(name)) && !suppressed.has(before?.key ?? '');
    if (before === undefined || (isSuppressed && !isOther)) rows.delete(name);
    else rows.set(name, withoutClaims(before, suppressed));
  }
}

/** A break that a later write set stays. */
function putBackBreaks(state: ModelState, undo: Undo): void {
  for (const [identity, version] of undo.breaks) {
    if ((state.breaks.get(identity) ?? undo.version) !== undo.version) continue;
    if (version === undefined) state.breaks.delete(identity);
    else state.breaks.set(identity, version);
  }
}
