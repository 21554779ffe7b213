/** Approves or rejects a run that waits. Carrying out an approved one is `start-run.ts`. */
import { type Administration, authorOf } from '../administration/administration.ts';
import { UsherError } from '../domain/errors.ts';
import { readRun } from './read-runs.ts';
import type { RunView } from './view-run.ts';

/** @throws `resource_not_found`, `scope_missing`, `revision_conflict` if the run is not waiting */
export async function decideRun(
  administration: Administration,
  organizationId: number,
  decision: { readonly runId: string; readonly verdict: 'approved' | 'rejected' },
): Promise<RunView> {
  const { catalog } = administration;
  const asked = { runId: decision.runId, scope: 'admin:write' } as const;
  const before = await readRun(administration, organizationId, asked);
  const isDecided = await catalog.decideRun(authorOf(administration), organizationId, decision);
  if (isDecided) return readRun(administration, organizationId, asked);
  const state = before.approved_by === null ? before.state : 'approved already';
  const detail = `This run does not wait for a decision: it is ${state}.`;
  throw new UsherError('revision_conflict', detail);
}
