/** Figures of datasets for the metrics: their age, runs that wait for approval, rejected rows. */
import type { Catalog } from '../catalog/catalog.ts';
import type { CatalogState } from '../domain/catalog-state.ts';
import { maxListedRuns } from '../domain/limits.ts';
import type { DatasetFigures } from '../observe/metrics.ts';
import { findLastReport } from '../runs/find-last-report.ts';
import type { ContactReader } from '../stores/store.ts';
import { maxMeasuredDatasets } from './limits.ts';

export interface FigureSources {
  readonly catalog: Catalog;
  readonly reader: ContactReader;
  readonly state: CatalogState;
}

/** Synced datasets come first, so that imported files do not crowd them out. */
export async function datasetFigures(sources: FigureSources): Promise<readonly DatasetFigures[]> {
  const synced: DatasetFigures[] = [];
  const others: DatasetFigures[] = [];
  for (const [organizationId, { organization, datasets }] of sources.state.organizations) {
    const waiting = await waitingRuns(sources, organizationId);
    for (const { id, name, definition } of datasets.values()) {
      const source = definition?.source ?? null;
      const list = source === null ? others : synced;
      if (source?.kind === 'push' || list.length >= maxMeasuredDatasets) continue;
      const waitingOnes = waiting.filter((datasetId) => datasetId === id).length;
      const asOfMs = (await sources.reader.asOf(organizationId, id)) ?? null;
      list.push({
        organization: organization.name,
        dataset: name,
        sync: source === null ? null : { asOfMs, waitingRuns: waitingOnes },
        rejections: await lastRejections(sources, organizationId, id),
      });
    }
  }
  return [...synced, ...others];
}

async function lastRejections(
  { catalog }: FigureSources,
  organizationId: number,
  datasetId: number,
): Promise<DatasetFigures['rejections']> {
  const run = await catalog.read((view) => findLastReport(view, organizationId, datasetId));
  return run?.rejections ?? {};
}

/** The datasets of runs that wait for approval. */
async function waitingRuns(
  { catalog }: FigureSources,
  organizationId: number,
): Promise<readonly number[]> {
  const runs = await catalog.read((view) =>
    view.listRuns(organizationId, { states: ['waiting'], limit: maxListedRuns }),
  );
  return runs.flatMap(({ approvedBy, datasetId }) => (approvedBy === null ? [datasetId] : []));
}
