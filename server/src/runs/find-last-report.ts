/** Finds the run that says which rows of a dataset are rejected now. */
import type { CatalogView, Run } from '../catalog/catalog.ts';

/** Rollbacks stand before the run that they rolled back, and reject no rows: look past them. */
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
