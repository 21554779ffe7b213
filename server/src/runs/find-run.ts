/**
 * Finds a run: by its id, the newest run of a dataset, or the last one that reports rejected rows.
 */
import type { Catalog, CatalogView, Run } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import { maxListedRuns } from '../domain/limits.ts';
import type { RunCaller } from './run-caller.ts';

const minCharacters = 4;

/**
 * Finds a run by its id, or by the first characters of it, as people copy them from a table.
 * @throws UsherError `resource_not_found`; `parameter_invalid` if several ids begin with it
 */
export async function findOneRun(
  { administration, organizationId }: RunCaller,
  reference: string,
): Promise<Run> {
  const runs = await administration.catalog.read(async (view) => {
    const exact = await view.findRun(organizationId, reference);
    if (exact !== undefined) return [exact];
    if (reference.length < minCharacters) return [];
    const newest = await view.listRuns(organizationId, { limit: maxListedRuns });
    return newest.filter(({ id }) => id.startsWith(reference));
  });
  const [only, ...others] = runs;
  if (only === undefined) {
    throw new UsherError(
      'resource_not_found',
      `There is no run ${reference}. Give at least ${minCharacters} characters of its id. ` +
        'To list the runs: usher sync list',
    );
  }
  if (others.length === 0) return only;
  const ids = runs.map(({ id }) => id).join(', ');
  throw new UsherError(
    'parameter_invalid',
    `The ids of several runs begin with ${reference}: ${ids}. Give more characters.`,
  );
}

export async function findNewestRun(
  catalog: Catalog,
  organizationId: number,
  datasetId: number,
): Promise<Run | undefined> {
  const filter = { datasetId, limit: 1 };
  const runs = await catalog.read((view) => view.listRuns(organizationId, filter));
  return runs[0];
}

/**
 * How many of a dataset's newest runs are searched. The newest may be rollbacks, which report no
 * rejected rows.
 */
const lookedThrough = 8;

/** The newest import or sync of the dataset that was applied, or waits for approval. */
export async function findLastReport(
  view: Pick<CatalogView, 'listRuns'>,
  organizationId: number,
  datasetId: number,
): Promise<Run | undefined> {
  const filter = { datasetId, states: ['succeeded', 'waiting'], limit: lookedThrough } as const;
  const runs = await view.listRuns(organizationId, filter);
  return runs.find(({ kind }) => kind === 'import' || kind === 'sync');
}
