/** Reads runs for an actor: only those of the datasets that the actor may see. */
import { openOrganization } from '../administration/administration.ts';
import {
  findSeenDataset,
  requireWholeSight,
  sightOf,
} from '../administration/token/actor-sight.ts';
import type { RunState } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import type { Scope } from '../domain/token/token.ts';
import { seesDataset } from '../domain/token/token-sight.ts';
import type { RunCaller } from './run-caller.ts';
import { type RunView, viewRun } from './view-run.ts';

export interface RunPage {
  /** `undefined`: the runs of all datasets, for an actor who sees all of them. */
  readonly dataset?: string | undefined;
  readonly state?: RunState | undefined;
  readonly afterId: string | undefined;
  readonly limit: number;
}

/**
 * The runs after `afterId`, newest first.
 * @throws `resource_not_found`, `scope_missing`, `parameter_invalid` if there is no run `afterId`
 */
export async function listRuns(
  { administration, organizationId }: RunCaller,
  { dataset: name, state, afterId, limit }: RunPage,
): Promise<readonly RunView[]> {
  const { catalog, actor } = administration;
  if (name === undefined) requireWholeSight(actor);
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:read');
    const one =
      name === undefined ? undefined : await findSeenDataset(view, actor, organizationId, name);
    const datasets = one === undefined ? await view.listDatasets(organizationId) : [one];
    if (afterId !== undefined && (await view.findRun(organizationId, afterId)) === undefined) {
      throw new UsherError(
        'parameter_invalid',
        'This cursor does not belong to this list. Start again without it.',
        { members: { parameter: 'cursor' } },
      );
    }
    const runs = await view.listRuns(organizationId, {
      limit,
      ...(one !== undefined && { datasetId: one.id }),
      ...(state !== undefined && { states: [state] }),
      ...(afterId !== undefined && { afterId }),
    });
    const names = new Map(datasets.map((dataset) => [dataset.id, dataset.name]));
    return runs.map((run) => viewRun(run, names.get(run.datasetId) ?? ''));
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
