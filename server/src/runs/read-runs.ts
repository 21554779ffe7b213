/**
 * Runs of datasets as their owner sees them, and decisions on those that wait. Carrying a decision
 * out is `sync/`'s business.
 */

import {
  type Actor,
  type Administration,
  authorOf,
  openOrganization,
  rfc3339,
} from '../administration/administration.ts';
import { findSeenDataset, sightOf } from '../administration/token/actor-sight.ts';
import type { CatalogView, Run } from '../catalog/catalog.ts';
import { type RejectedShare, shareOf } from '../domain/dataset/rejected-share.ts';
import { type RunPlan, reasonsToWait } from '../domain/dataset/run-plan.ts';
import { UsherError } from '../domain/errors.ts';
import { seesDataset } from '../domain/token/token-sight.ts';

export type RunView = ReturnType<typeof viewRun>;

/**
 * The newest first, behind the run named.
 * @throws UsherError `resource_not_found`, `scope_missing`, `parameter_invalid` for a place that is
 *   no run
 */
export async function listDatasetRuns(
  administration: Administration,
  organizationId: number,
  page: { readonly name: string; readonly afterId: string | undefined; readonly limit: number },
): Promise<readonly RunView[]> {
  const { catalog, actor } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:read');
    const { name, afterId, limit } = page;
    const dataset = await findSeenDataset(view, actor, organizationId, name);
    if (afterId !== undefined && (await view.findRun(organizationId, afterId)) === undefined) {
      throw new UsherError(
        'parameter_invalid',
        'The cursor is none of this list. Begin again without it.',
        { members: { parameter: 'cursor' } },
      );
    }
    const filter = { datasetId: dataset.id, limit, ...(afterId !== undefined && { afterId }) };
    const runs = await view.listRuns(organizationId, filter);
    return runs.map((run) => viewRun(run, name));
  });
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function readRun(
  administration: Administration,
  organizationId: number,
  runId: string,
): Promise<RunView> {
  const { catalog, actor } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:read');
    return findRunView(view, actor, organizationId, runId);
  });
}

/**
 * @throws UsherError `resource_not_found`, `scope_missing`, `revision_conflict` for a run that
 *   waits for no decision
 */
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
    throw new UsherError('revision_conflict', `The run waits for no decision: it is ${state}.`);
  }
  return catalog.read((view) => findRunView(view, actor, organizationId, runId));
}

async function findRunView(
  view: CatalogView,
  actor: Actor,
  organizationId: number,
  runId: string,
): Promise<RunView> {
  const run = await view.findRun(organizationId, runId);
  if (run === undefined) return noRun();
  const datasets = await view.listDatasets(organizationId);
  const name = datasets.find(({ id }) => id === run.datasetId)?.name ?? '';
  const fields = await view.listFields(organizationId);
  const own = fields.filter(({ datasetId }) => datasetId === run.datasetId);
  // A plan names the fields that it empties.
  const isSeen = seesDataset(
    sightOf(actor),
    name,
    own.map((field) => field.name),
  );
  return isSeen ? viewRun(run, name) : noRun();
}

function noRun(): never {
  throw new UsherError('resource_not_found', 'There is no such run.');
}

export function viewRun(run: Run, dataset: string) {
  const { added, changed, unchanged, stale, cleared, rejected, bytes, plan } = run;
  return {
    run_id: run.id,
    dataset,
    kind: run.kind,
    trigger: run.trigger,
    state: run.state,
    definition_version: run.definitionVersion,
    started_at: rfc3339(run.startedAtMs),
    ended_at: run.endedAtMs === null ? null : rfc3339(run.endedAtMs),
    rows_read: run.rowsRead,
    ...{ added, changed, unchanged, stale, cleared, rejected, rejections: run.rejections, bytes },
    error: run.errorCode === null ? null : { code: run.errorCode, detail: run.errorDetail },
    plan: plan === null ? null : viewPlan(plan),
    approved_by: run.approvedBy,
    approval_of: run.approvalOf,
  };
}

export function viewPlan(plan: RunPlan) {
  return {
    contacts_before: plan.contactsBefore,
    would_add: plan.wouldAdd,
    would_change: plan.wouldChange,
    would_clear: plan.wouldClear,
    would_vanish: plan.wouldVanish,
    share: plan.share,
    max_share: plan.maxShare,
    emptied_fields: plan.emptiedFields,
    rejections: plan.rejections === null ? null : viewRejections(plan.rejections),
    reasons: reasonsToWait(plan),
  };
}

function viewRejections(rejected: RejectedShare) {
  return {
    rows_read: rejected.rowsRead,
    rejected: rejected.rejected,
    counts: rejected.counts,
    share: shareOf(rejected),
    last_share: rejected.lastShare,
    max_share: rejected.maxShare,
  };
}
