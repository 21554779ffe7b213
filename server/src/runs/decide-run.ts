/** Approves or rejects a run that waits. Carrying out an approved one is `start-run.ts`. */
import {
  type Administration,
  authorOf,
  openOrganization,
} from '../administration/administration.ts';
import { UsherError } from '../domain/errors.ts';
import { findRunView } from './read-runs.ts';
import type { RunView } from './view-run.ts';

/** @throws `resource_not_found`, `scope_missing`, `revision_conflict` if the run is not waiting */
export async function decideRun(
  administration: Administration,
  organizationId: number,
  decision: { readonly runId: string; readonly verdict: 'approved' | 'rejected' },
): Promise<RunView> {
  const { catalog, actor } = administration;
  const { runId } = decision;
  const before = await catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:write');
    return findRunView(view, actor, organizationId, runId);
  });
  const isDecided = await catalog.decideRun(authorOf(administration), organizationId, decision);
  if (!isDecided) {
    const state = before.approved_by === null ? before.state : 'approved already';
    throw new UsherError(
      'revision_conflict',
      `This run does not wait for a decision: it is ${state}.`,
    );
  }
  return catalog.read((view) => findRunView(view, actor, organizationId, runId));
}
