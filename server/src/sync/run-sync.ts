/**
 * One sync of a defined dataset: opens its source, stages it by the definition, says what it would do, stops there when that needs approval, and
 * brings it in. Imports by hand are `run-import.ts`; what both do with staged rows is `bring-in.ts`.
 */
import type { Run, RunTrigger } from '../catalog/catalog.ts';
import { isCoveredBy, type RunPlan, reasonsToWait } from '../domain/run-plan.ts';
import type { ContactReader } from '../stores/store.ts';
import { applyCompared, type BroughtIn, compareStaged } from './bring-in.ts';
import { bringLookupIn } from './bring-lookup.ts';
import { type DatasetRun, type RunDependencies, runDataset } from './dataset-run.ts';
import { measureRows, stagePulledRows } from './pulled-rows.ts';
import {
  openPulledSource,
  type PullDependencies,
  type PulledDataset,
  readPulledDataset,
} from './pulled-source.ts';
import { type RejectionSummary, summarizeRejections } from './rejections-file.ts';
import { requireUsableRows } from './require-usable-rows.ts';
import { countsOf } from './run-import.ts';

export interface SyncDependencies extends PullDependencies, RunDependencies {}

export interface SyncRequest {
  readonly dataset: string;
  readonly trigger: RunTrigger;
  /** Compares with nothing: every row is sent. */
  readonly isFull: boolean;
  /** The waiting run whose plan somebody approved. */
  readonly approved: Run | null;
}

export interface SyncReport extends BroughtIn {
  readonly runId: string;
  readonly dataset: string;
  /** Applied; or stopped because of what it would do, with nothing written. */
  readonly state: 'succeeded' | 'waiting';
  /** `null`: nothing of the dataset was there before. */
  readonly plan: RunPlan | null;
}

/** @throws UsherError `resource_not_found`, `definition_invalid`, `run_in_progress`, `storage_full`, `store_unavailable` */
export async function runSync(
  dependencies: SyncDependencies,
  request: SyncRequest,
): Promise<SyncReport> {
  const dataset = await readPulledDataset(dependencies, request.dataset);
  const about = {
    datasetId: dataset.record.id,
    kind: 'sync',
    trigger: request.trigger,
    definitionVersion: dataset.record.definitionVersion,
    approvalOf: request.approved?.id ?? null,
  } as const;
  return runDataset(dependencies, about, async (run) => {
    const begun = request.isFull ? { ...run, snapshotId: undefined } : run;
    const { brought, plan, bytes, rowsRead } = await pull(
      { dependencies, request, dataset },
      begun,
    );
    if (plan !== null) await dependencies.catalog.saveRunPlan(run.id, plan);
    const state = brought === undefined ? 'waiting' : 'succeeded';
    const outcome = brought ?? { ...nothingBroughtIn, rowsRead };
    const result = {
      ...outcome,
      runId: run.id,
      dataset: dataset.record.name,
      state,
      plan,
    } as const;
    return { state, counts: countsOf(outcome, bytes), result };
  });
}

interface SyncTask {
  readonly dependencies: SyncDependencies;
  readonly request: SyncRequest;
  readonly dataset: PulledDataset;
}

interface Pulled {
  /** `undefined`: it waits. */
  readonly brought: BroughtIn | undefined;
  readonly plan: RunPlan | null;
  readonly bytes: number;
  readonly rowsRead: number;
}

async function pull(task: SyncTask, run: DatasetRun): Promise<Pulled> {
  const { dependencies, request, dataset } = task;
  const { reader } = run;
  const opened = await openPulledSource(dependencies, dataset, { ...request, reader });
  const { bytes } = opened.source;
  const mayGoOn = (plan: RunPlan | null) => !mustWait(plan, request.approved);
  try {
    if (dataset.definition.kind === 'lookup') {
      const options = { ...dependencies, ...opened, dataset, mayGoOn };
      return { ...(await bringLookupIn(run, options)), bytes };
    }
    const rows = await stagePulledRows(dependencies, opened, { run, dataset });
    const compared = await compareStaged(run, rows);
    if (dataset.definition.mode !== 'incremental') {
      // Of what changed since the last run, one bad row may be all there is.
      const { rowsRead } = rows.staged;
      const { workbench } = opened;
      await requireUsableRows({ ...dependencies, workbench, runId: run.id, rowsRead });
    }
    const plan = (await isGuarded(run, dataset))
      ? await measureRows(run, rows, { dataset, compared })
      : null;
    const { rowsRead } = rows.staged;
    await Promise.all([compared.listed, compared.vanished]);
    if (!mayGoOn(plan)) return { brought: undefined, plan, bytes, rowsRead };
    const options = { ...rows, watermark: opened.watermark() };
    const brought = await applyCompared(run, options, compared);
    return { brought, plan, bytes, rowsRead };
  } finally {
    await opened.workbench.close();
  }
}

/** First loads change nothing that was there, and reports only add to what was reported. */
async function isGuarded(run: DatasetRun, { definition }: PulledDataset): Promise<boolean> {
  if (definition.kind === 'membership') return false;
  const { organizationId, datasetId } = run.lease;
  return (await run.reader.datasetCounts(organizationId, datasetId)).sections > 0;
}

function mustWait(plan: RunPlan | null, approved: Run | null): boolean {
  if (plan === null || reasonsToWait(plan).length === 0) return false;
  return approved?.plan == null || !isCoveredBy(plan, approved.plan);
}

const nothingBroughtIn: BroughtIn = {
  rowsRead: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  stale: 0,
  cleared: 0,
  unmatched: 0,
  rejected: 0,
  counts: {},
  first: [],
  rejectionsPath: null,
  clearsWithheld: false,
};

export interface SyncTrial extends RejectionSummary {
  readonly dataset: string;
  readonly rowsRead: number;
  /** `null`: a feed or reference rows, which are not measured. */
  readonly plan: RunPlan | null;
}

/** What a sync would do, with nothing written but the workbench's own files, which go with it. */
export async function trySync(
  dependencies: PullDependencies,
  request: Pick<SyncRequest, 'dataset' | 'isFull'>,
  reader: ContactReader,
): Promise<SyncTrial> {
  const { organizationId } = dependencies;
  const dataset = await readPulledDataset(dependencies, request.dataset);
  const opened = await openPulledSource(dependencies, dataset, { ...request, reader });
  try {
    const datasetId = dataset.record.id;
    const applied = await reader.appliedRun(organizationId, datasetId);
    const snapshotId = request.isFull ? undefined : applied?.snapshotId;
    // Nothing is written, so that no time is kept.
    const lease = { organizationId, datasetId };
    const run = { reader, snapshotId, lease, startedAtMs: 0 };
    const rows = await stagePulledRows(dependencies, opened, { run, dataset });
    const compared = await compareStaged(run, rows);
    await Promise.all([compared.listed, compared.vanished]);
    const { kind } = dataset.definition;
    const isMeasured = kind === 'contact' || kind === 'list';
    return {
      ...(await summarizeRejections(opened.workbench)),
      dataset: dataset.record.name,
      rowsRead: rows.staged.rowsRead,
      plan: isMeasured ? await measureRows(run, rows, { dataset, compared }) : null,
    };
  } finally {
    await opened.workbench.close();
  }
}
