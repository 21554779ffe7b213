/**
 * Where the rows of `lookup` datasets are: Parquet files in the data folder, of which the one
 * counts whose name is the baseline that the store names as applied. So a query sees all rows of
 * one run, or all of the run before. How one followed the other is `lookup-history.ts`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetRecord } from '../../catalog/catalog.ts';
import { dataFiles, datasetFolder } from '../../domain/data-files.ts';
import type { ContactReader } from '../../stores/store.ts';

export interface LookupPlace {
  readonly dataFolder: string;
  readonly organizationId: number;
  readonly datasetId: number;
}

export function lookupFolder({ dataFolder, organizationId, datasetId }: LookupPlace): string {
  return join(dataFolder, datasetFolder(dataFiles.references, organizationId, datasetId));
}

export function lookupFile(place: LookupPlace, baselineId: string): string {
  return join(lookupFolder(place), `${baselineId}.parquet`);
}

/** `undefined`: no run brought any rows in yet. */
export async function findLookupFile(
  reader: ContactReader,
  place: LookupPlace,
): Promise<string | undefined> {
  const applied = await reader.appliedRun(place.organizationId, place.datasetId);
  if (applied === undefined) return undefined;
  const path = lookupFile(place, applied.baselineId);
  return existsSync(path) ? path : undefined;
}

/** By the dataset's name; those that have rows. */
export async function listLookupFiles(
  reader: ContactReader,
  place: Pick<LookupPlace, 'dataFolder' | 'organizationId'>,
  datasets: readonly DatasetRecord[],
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { id, name, definition } of datasets) {
    if (definition?.kind !== 'lookup') continue;
    const path = await findLookupFile(reader, { ...place, datasetId: id });
    if (path !== undefined) files.set(name, path);
  }
  return files;
}
