/** Runs a dataset's sync in this process: now, as a trial, or after an approval. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareWorkFolder } from '../administration/work-folder.ts';
import type { Run, RunTrigger } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import { findStore } from '../stores/find-store.ts';
import type { SyncReport, SyncTrial } from '../sync/run-sync.ts';
import { UploadFiles } from '../sync/upload/upload-files.ts';
import { decideRun } from './decide-run.ts';
import { findOneRun } from './find-run.ts';
import {
  pullDependencies,
  type RunCaller,
  type RunParts,
  requireDataset,
  runDependencies,
} from './run-caller.ts';

export interface RunRequest {
  readonly dataset: string;
  readonly trigger: RunTrigger;
  /** Whether every row is sent to the store, not only those that changed since the last run. */
  readonly isFull: boolean;
  /** The approved run that this one carries out: its id, or the first characters of it. */
  readonly approval?: string | undefined;
}

/**
 * Resolves when the run has succeeded, or waits for approval.
 * @throws `resource_not_found`, `scope_missing`, `definition_invalid`, `run_in_progress`,
 *   `storage_full`, `store_unavailable`
 */
export async function startRun(
  caller: RunCaller,
  parts: RunParts,
  request: RunRequest,
): Promise<SyncReport> {
  const { dataset, trigger, isFull, approval } = request;
  await requireDataset(caller, dataset);
  const approved = approval === undefined ? null : await findOneRun(caller, approval);
  const { runSync } = await import('../sync/run-sync.ts');
  const folder = await prepareWorkFolder(parts.dataFolder);
  const report = await runSync(
    { ...pullDependencies(caller, parts, folder), ...runDependencies(caller, parts) },
    { dataset, trigger, isFull, approved },
  );
  // The scheduler would remove it, too, if this process died here.
  if (report.state === 'succeeded') {
    const uploads = new UploadFiles(parts.dataFolder);
    await uploads.removeApplied(caller.organizationId, report.runId);
  }
  return report;
}

/**
 * Approves a waiting run, unless it is approved already, and carries it out. Throws the errors of
 * `startRun`.
 */
export async function carryOutRun(
  caller: RunCaller,
  parts: RunParts,
  reference: string,
): Promise<SyncReport> {
  const run = await findOneRun(caller, reference);
  if (run.approvedBy === null || run.state !== 'waiting') {
    const decision = { runId: run.id, verdict: 'approved' } as const;
    await decideRun(caller, decision);
  }
  const dataset = await datasetName(caller, run);
  return startRun(caller, parts, { dataset, trigger: 'approval', isFull: false, approval: run.id });
}

/** Reports what a sync would do. Writes nothing but work files, which it removes. */
export async function tryRun(
  caller: RunCaller,
  parts: RunParts,
  { dataset, isFull }: Pick<RunRequest, 'dataset' | 'isFull'>,
): Promise<SyncTrial> {
  await requireDataset(caller, dataset);
  const { trySync } = await import('../sync/run-sync.ts');
  // A trial reads the store, so create an empty one if there is none yet.
  if (findStore(parts.dataFolder) !== 'there') await (await parts.openWriter()).close();
  const reader = await parts.openReader();
  const folder = await mkdtemp(join(tmpdir(), 'usher-sync-'));
  try {
    const dependencies = pullDependencies(caller, parts, join(folder, 'work'));
    return await trySync(dependencies, { dataset, isFull }, reader);
  } finally {
    await reader.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function datasetName({ administration }: RunCaller, run: Run): Promise<string> {
  const { catalog } = administration;
  const datasets = await catalog.read((view) => view.listDatasets(run.organizationId));
  const found = datasets.find(({ id }) => id === run.datasetId);
  if (found !== undefined) return found.name;
  throw new UsherError('resource_not_found', 'The dataset of this run no longer exists.');
}
