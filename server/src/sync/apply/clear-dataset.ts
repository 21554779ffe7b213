/**
 * Removes what a dataset filled, before the catalog removes it: values and reports in contacts,
 * data for rollbacks, baselines and reference rows. Rows of other datasets stay.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetRecord } from '../../catalog/catalog.ts';
import { dataFiles, datasetFolder } from '../../domain/data-files.ts';
import { keeping } from '../../stores/kept-words.ts';
import {
  commandRun,
  type DatasetRun,
  dropRollback,
  noCounts,
  type RunDependencies,
  runDataset,
} from '../dataset-run.ts';
import { inBatches } from '../table/table-rows.ts';
import { valueless } from './apply-changes.ts';

export interface ClearDependencies extends RunDependencies {
  readonly dataFolder: string;
}

/**
 * Safe to repeat after a kill.
 * @returns how many contacts lost something
 * @throws UsherError `run_in_progress`, `storage_full`, `store_unavailable`
 */
export async function clearDataset(
  dependencies: ClearDependencies,
  dataset: DatasetRecord,
): Promise<number> {
  const { organizationId, dataFolder } = dependencies;
  const kind = dataset.definition?.kind === 'membership' ? 'forget' : 'clear';
  const about = commandRun(dataset, 'sync');
  const cleared = await runDataset(dependencies, about, async (run) => {
    const result = await keeping(removedStays, () => clearRows(dependencies, run, kind));
    await run.writer.flush();
    return { state: 'succeeded', counts: { ...noCounts, cleared: result }, result };
  });
  await dropAllRollback(dependencies, dataset.id);
  for (const parent of [dataFiles.baselines, dataFiles.references]) {
    const folder = join(dataFolder, datasetFolder(parent, organizationId, dataset.id));
    await rm(folder, { recursive: true, force: true });
  }
  return cleared;
}

const removedStays = 'What was removed stays removed, and the same call removes the rest.';

async function clearRows(
  { organizationId, interrupted }: ClearDependencies,
  { reader, writer, lease }: DatasetRun,
  kind: 'clear' | 'forget',
): Promise<number> {
  let cleared = 0;
  const rows = reader.scanRows(organizationId, lease.datasetId);
  for await (const batch of inBatches(rows)) {
    interrupted.throwIfAborted();
    const changes = batch.flatMap(({ keys: [key] }) =>
      key === undefined ? [] : [valueless(kind, key)],
    );
    cleared += (await writer.applyBatch(lease, changes)).cleared;
  }
  return cleared;
}

async function dropAllRollback(
  { openWriter, organizationId }: ClearDependencies,
  datasetId: number,
): Promise<void> {
  const writer = await openWriter();
  try {
    const nothing = { runs: 0, sinceMs: Number.MAX_SAFE_INTEGER };
    await dropRollback(writer, { organizationId, datasetId }, nothing);
  } finally {
    await writer.close();
  }
}
