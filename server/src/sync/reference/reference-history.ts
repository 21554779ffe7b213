/**
 * Reads and writes the JSON file beside each run's Parquet file. It names the previous Parquet
 * file, for rollbacks.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../stores/durable-file.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { keptRollbackMs, keptRollbackRuns } from '../limits.ts';
import { type ReferencePlace, referenceFile, referenceFolder } from './reference-files.ts';

/** What a run did to reference rows. */
export interface ReferenceStep {
  readonly runId: string;
  readonly atMs: number;
  /** Rows that a rollback restores and removes. */
  readonly restores: number;
  readonly removes: number;
  /** The file that was current before the run; `null`: there was none. */
  readonly before: { readonly baselineId: string; readonly asOfMs: number } | null;
}

/** The content of the JSON file. `snapshotId` is the baseline's id. */
interface StoredStep extends Omit<ReferenceStep, 'before'> {
  readonly before: { readonly snapshotId: string; readonly asOfMs: number } | null;
}

/**
 * Writes durably, before anything refers to the run's file.
 * @throws UsherError `storage_full`
 */
export async function writeStep(
  place: ReferencePlace,
  id: string,
  step: ReferenceStep,
): Promise<void> {
  const { before } = step;
  const stored: StoredStep = {
    ...step,
    before: before && { snapshotId: before.baselineId, asOfMs: before.asOfMs },
  };
  await writeDurably(stepFile(place, id), JSON.stringify(stored));
}

/** The last run that changed rows; `undefined` if it cannot be rolled back. */
export async function findReferenceStep(
  { baselineId, startedAtMs }: Pick<DatasetRun, 'baselineId' | 'startedAtMs'>,
  place: ReferencePlace,
): Promise<ReferenceStep | undefined> {
  const step = baselineId === undefined ? undefined : await readStep(place, baselineId);
  if (step === undefined || step.atMs < startedAtMs - keptRollbackMs) return undefined;
  const { before } = step;
  return before === null || existsSync(referenceFile(place, before.baselineId)) ? step : undefined;
}

/**
 * Makes the rows from before this step current again. A second call then rolls back the run before
 * this one.
 * @throws UsherError `storage_full`, `store_unavailable`
 */
export async function rollBackReference(
  { writer, lease }: Pick<DatasetRun, 'writer' | 'lease'>,
  { before }: ReferenceStep,
): Promise<void> {
  const { baselineId, asOfMs } = before ?? noRows;
  await writer.finishRun(lease, { baselineId, asOfMs });
}

/** Stands for no rows: no file has this id. */
const noRows = { baselineId: 'none', asOfMs: 0 };

/** Removes files that no rollback can reach, except `before`: a query may be reading it. */
export async function dropOldReferences(
  place: ReferencePlace,
  { id, before, nowMs }: { readonly id: string; readonly before?: string; readonly nowMs: number },
): Promise<void> {
  const kept = new Set([referenceFile(place, id), ...(before === undefined ? [] : [before])]);
  let at = id;
  for (let runs = 0; runs < keptRollbackRuns; runs += 1) {
    const step = await readStep(place, at);
    if (step === undefined || step.atMs < nowMs - keptRollbackMs) break;
    kept.add(stepFile(place, at));
    if (step.before === null) break;
    at = step.before.baselineId;
    kept.add(referenceFile(place, at));
  }
  const folder = referenceFolder(place);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!kept.has(path)) await rm(path, { force: true });
  }
}

function stepFile(place: ReferencePlace, id: string): string {
  return join(referenceFolder(place), `${id}.json`);
}

/** `undefined` if the file is missing or damaged; then no rollback is possible. */
async function readStep(place: ReferencePlace, id: string): Promise<ReferenceStep | undefined> {
  try {
    const stored = JSON.parse(await readFile(stepFile(place, id), 'utf8')) as StoredStep;
    const { before } = stored;
    return {
      ...stored,
      before: before && { baselineId: before.snapshotId, asOfMs: before.asOfMs },
    };
  } catch {
    return undefined;
  }
}
