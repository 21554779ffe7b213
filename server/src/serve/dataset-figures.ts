/** What the metrics tell of datasets: how fresh they are, and whether somebody is to decide on a run. */
import type { Catalog } from '../catalog/catalog.ts';
import type { CatalogSnapshot } from '../domain/catalog-snapshot.ts';
import { maxListedRuns } from '../domain/limits.ts';
import type { DatasetFigures } from '../observe/metrics.ts';
import type { ContactReader } from '../stores/store.ts';
import { maxMeasuredDatasets } from './limits.ts';

export interface FigureSources {
  readonly catalog: Catalog;
  readonly reader: ContactReader;
  readonly snapshot: CatalogSnapshot;
}

export async function datasetFigures(sources: FigureSources): Promise<readonly DatasetFigures[]> {
  const { reader, snapshot } = sources;
  const figures: DatasetFigures[] = [];
  for (const [organizationId, { organization, datasets }] of snapshot.organizations) {
    const waiting = await waitingRuns(sources, organizationId);
    for (const { id, name, definition } of datasets.values()) {
      const source = definition?.source ?? null;
      if (source === null || source.kind === 'push') continue;
      if (figures.length >= maxMeasuredDatasets) return figures;
      figures.push({
        organization: organization.name,
        dataset: name,
        asOfMs: (await reader.asOf(organizationId, id)) ?? null,
        waitingRuns: waiting.filter((datasetId) => datasetId === id).length,
      });
    }
  }
  return figures;
}

/** The dataset of each. */
async function waitingRuns(
  { catalog }: FigureSources,
  organizationId: number,
): Promise<readonly number[]> {
  const runs = await catalog.read((view) =>
    view.listRuns(organizationId, { states: ['waiting'], limit: maxListedRuns }),
  );
  return runs.flatMap(({ approvedBy, datasetId }) => (approvedBy === null ? [datasetId] : []));
}
