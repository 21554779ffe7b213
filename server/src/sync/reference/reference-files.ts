/**
 * Finds the rows of `reference` datasets: one Parquet file per run. The current one has the id of
 * the baseline that the store names as applied, so that a query sees all rows of one run.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetRecord } from '../../catalog/catalog.ts';
import { dataFiles, datasetFolder } from '../../domain/data-files.ts';
import type { ContactReader } from '../../stores/store.ts';

export interface ReferencePlace {
  readonly dataFolder: string;
  readonly organizationId: number;
  readonly datasetId: number;
}

export function referenceFolder({ dataFolder, organizationId, datasetId }: ReferencePlace): string {
  return join(dataFolder, datasetFolder(dataFiles.references, organizationId, datasetId));
}

export function referenceFile(place: ReferencePlace, baselineId: string): string {
  return join(referenceFolder(place), `${baselineId}.parquet`);
}

/** `undefined` if no run has been applied yet. */
export async function findReferenceFile(
  reader: ContactReader,
  place: ReferencePlace,
): Promise<string | undefined> {
  const applied = await reader.appliedRun(place.organizationId, place.datasetId);
  if (applied === undefined) return undefined;
  const path = referenceFile(place, applied.baselineId);
  return existsSync(path) ? path : undefined;
}

/** The current files by dataset name. Datasets without rows are left out. */
export async function listReferenceFiles(
  reader: ContactReader,
  place: Pick<ReferencePlace, 'dataFolder' | 'organizationId'>,
  datasets: readonly DatasetRecord[],
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { id, name, definition } of datasets) {
    if (definition?.kind !== 'reference') continue;
    const path = await findReferenceFile(reader, { ...place, datasetId: id });
    if (path !== undefined) files.set(name, path);
  }
  return files;
}
