/** Figures of the catalog, the store and the datasets for the metrics. */
import type { Catalog } from '../catalog/catalog.ts';
import type { CatalogState } from '../domain/catalog-state.ts';
import { maxListedRuns } from '../domain/limits.ts';
import { isLive, type Token } from '../domain/token/token.ts';
import type { CatalogFigures, DatasetFigures } from '../observe/metrics.ts';
import { findLastReport } from '../runs/find-run.ts';
import type { ContactReader } from '../stores/store.ts';
import { maxMeasuredDatasets } from './limits.ts';

const dayMs = 86_400_000;

export function catalogFigures(state: CatalogState, nowMs: number): CatalogFigures {
  const live = [...state.tokens.values()].filter((token) => isLive(token, nowMs));
  const isOverdue = (token: Token) => {
    const organization = state.organizations.get(token.organizationId)?.organization;
    const maxAgeDays = organization?.tokenMaxAgeDays ?? Number.POSITIVE_INFINITY;
    return nowMs - token.createdAtMs > maxAgeDays * dayMs;
  };
  return {
    revision: state.revision,
    organizations: state.organizations.size,
    liveTokens: live.length,
    overdueTokens: live.filter(isOverdue).length,
  };
}

/** The contacts of all organizations. */
export async function countContacts(reader: ContactReader, state: CatalogState): Promise<number> {
  let contacts = 0;
  for (const id of state.organizations.keys()) contacts += (await reader.counts(id)).contacts;
  return contacts;
}

export interface FigureSources {
  readonly catalog: Catalog;
  readonly reader: ContactReader;
  readonly state: CatalogState;
}

/** Synced datasets come first, so that imported files do not crowd them out. */
export async function datasetFigures(sources: FigureSources): Promise<readonly DatasetFigures[]> {
  const { catalog, reader, state } = sources;
  const synced: DatasetFigures[] = [];
  const others: DatasetFigures[] = [];
  for (const [organizationId, { organization, datasets }] of state.organizations) {
    const waiting = await waitingRuns(catalog, organizationId);
    for (const { id, name, definition } of datasets.values()) {
      const source = definition?.source ?? null;
      const list = source === null ? others : synced;
      if (source?.kind === 'push' || list.length >= maxMeasuredDatasets) continue;
      const waitingOnes = waiting.filter((datasetId) => datasetId === id).length;
      const asOfMs = (await reader.asOf(organizationId, id)) ?? null;
      const last = await catalog.read((view) => findLastReport(view, organizationId, id));
      list.push({
        organization: organization.name,
        dataset: name,
        sync: source === null ? null : { asOfMs, waitingRuns: waitingOnes },
        rejections: last?.rejections ?? {},
      });
    }
  }
  return [...synced, ...others];
}

/** The datasets of runs that wait for approval. */
async function waitingRuns(catalog: Catalog, organizationId: number): Promise<readonly number[]> {
  const filter = { states: ['waiting'], limit: maxListedRuns } as const;
  const runs = await catalog.read((view) => view.listRuns(organizationId, filter));
  return runs.flatMap(({ approvedBy, datasetId }) => (approvedBy === null ? [datasetId] : []));
}
