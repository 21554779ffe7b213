/**
 * The run that says which rows of a dataset are rejected now: the newest import or sync that was
 * applied, or waits to be.
 */
import type { CatalogView, Run } from '../catalog/catalog.ts';

/** A rollback stands before the run that it took back, and says nothing of rows. */
const lookedThrough = 8;

export async function findLastReport(
  view: Pick<CatalogView, 'listRuns'>,
  organizationId: number,
  datasetId: number,
): Promise<Run | undefined> {
  const filter = { datasetId, states: ['succeeded', 'waiting'], limit: lookedThrough } as const;
  const runs = await view.listRuns(organizationId, filter);
  return runs.find(({ kind }) => kind === 'import' || kind === 'sync');
}
