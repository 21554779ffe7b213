/** Reads runs for an actor: only those of the datasets that the actor may see. */
import { openOrganization } from '../administration/administration.ts';
import { findSeenDataset, sightOf } from '../administration/token/actor-sight.ts';
import { UsherError } from '../domain/errors.ts';
import type { Scope } from '../domain/token/token.ts';
import { seesDataset } from '../domain/token/token-sight.ts';
import type { RunCaller } from './run-caller.ts';
import { type RunView, viewRun } from './view-run.ts';

/**
 * The dataset's runs after `afterId`, newest first.
 * @throws `resource_not_found`, `scope_missing`, `parameter_invalid` if there is no run `afterId`
 */
export async function listDatasetRuns(
  { administration, organizationId }: RunCaller,
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
        'This cursor does not belong to this list. Start again without it.',
        { members: { parameter: 'cursor' } },
      );
    }
    const filter = { datasetId: dataset.id, limit, ...(afterId !== undefined && { afterId }) };
    const runs = await view.listRuns(organizationId, filter);
    return runs.map((run) => viewRun(run, name));
  });
}

/**
 * @throws UsherError `scope_missing`; `resource_not_found`, also for a run that the actor may not
 *   see
 */
export async function readRun(
  { administration, organizationId }: RunCaller,
  runId: string,
  scope: Scope,
): Promise<RunView> {
  const { catalog, actor } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, scope);
    const run = await view.findRun(organizationId, runId);
    if (run === undefined) return noRun();
    const datasets = await view.listDatasets(organizationId);
    const name = datasets.find(({ id }) => id === run.datasetId)?.name ?? '';
    const fields = await view.listFields(organizationId);
    const own = fields.flatMap((it) => (it.datasetId === run.datasetId ? [it.name] : []));
    // A plan names the fields that it empties, so the actor must see those too.
    return seesDataset(sightOf(actor), name, own) ? viewRun(run, name) : noRun();
  });
}

function noRun(): never {
  throw new UsherError('resource_not_found', 'This run does not exist.');
}
