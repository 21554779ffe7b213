/**
 * What follows for incremental datasets from a change elsewhere that decides which rows are valid.
 * Datasets in other modes need no mark: their runs read all rows anyway, and try rejected ones
 * again.
 */
import type { CatalogChange } from '../../catalog/catalog.ts';
import type { DatasetDefinition } from '../../domain/dataset/dataset-definition.ts';

/** Makes the next run of each incremental dataset that the change concerns read all rows. */
export async function readIncrementalAnew(
  change: CatalogChange,
  organizationId: number,
  isConcerned: (definition: DatasetDefinition, datasetId: number) => boolean,
): Promise<void> {
  for (const { id, definition } of await change.listDatasets(organizationId)) {
    if (definition?.mode !== 'incremental' || !isConcerned(definition, id)) continue;
    await change.defineDataset(organizationId, id, { definition, readsAnew: true });
  }
}
