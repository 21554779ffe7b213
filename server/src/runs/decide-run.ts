/** Approves or rejects a run that waits. `start-run.ts` carries out an approved run. */
import { authorOf } from '../administration/administration.ts';
import { UsherError } from '../domain/errors.ts';
import { readRun } from './read-runs.ts';
import type { RunCaller } from './run-caller.ts';
import type { RunView } from './view-run.ts';

/** @throws `resource_not_found`, `scope_missing`, `revision_conflict` if the run is not waiting */
export async function decideRun(
  caller: RunCaller,
  decision: { readonly runId: string; readonly verdict: 'approved' | 'rejected' },
): Promise<RunView> {
  const { administration, organizationId } = caller;
  const before = await readRun(caller, decision.runId, 'admin:write');
  const author = authorOf(administration);
  if (await administration.catalog.decideRun(author, organizationId, decision)) {
    return readRun(caller, decision.runId, 'admin:write');
  }
  const now = await readRun(caller, decision.runId, 'admin:write');
  throw new UsherError('revision_conflict', refusalWords(before, now));
}

function refusalWords(before: RunView, now: RunView): string {
  const state = now.state === 'waiting' ? 'approved' : now.state.replace('_', ' ');
  const wasOpen = before.state === 'waiting' && before.approved_by === null;
  return wasOpen && (state === 'approved' || state === 'rejected')
    ? `Somebody else has just decided: this run is ${state}.`
    : `This run does not wait for a decision: it is ${state}.`;
}
