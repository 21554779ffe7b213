/**
 * Syncs a dataset: stages its source, measures what the rows would do, and applies them or waits
 * for approval. `run-import.ts` imports files by hand; both apply rows by `bring-in.ts`.
 */
import type { Run, RunTrigger } from '../catalog/catalog.ts';
import { isRejectedTooMuch } from '../domain/dataset/rejected-share.ts';
import {
  isCoveredBy,
  type MeasuredChanges,
  type RunPlan,
  reasonsToWait,
  unmeasuredChanges,
} from '../domain/dataset/run-plan.ts';
import type { ContactReader } from '../stores/store.ts';
import { noneApplied } from './apply/apply-changes.ts';
import {
  applyCompared,
  type BroughtIn,
  type ComparedRows,
  type ComparingRun,
  compareSettled,
  settleStaged,
} from './apply/bring-in.ts';
import {
  type RejectionSummary,
  reportRejections,
  summarizeRejections,
} from './apply/rejections-file.ts';
import { isEmptied, measureEmptied, saveFilesWithRows } from './compare/measure-emptied.ts';
import { measureRejections } from './compare/measure-rejections.ts';
import { requireUsableRows } from './compare/require-usable-rows.ts';
import { type DatasetRun, type RunDependencies, runDataset } from './dataset-run.ts';
import { measureRows, type PulledRows, stagePulledRows } from './pulled-rows.ts';
import {
  openPulledSource,
  type PullDependencies,
  type PulledDataset,
  readPulledDataset,
} from './pulled-source.ts';
import {
  type BringReferenceOptions,
  type BroughtReference,
  bringReferenceIn,
} from './reference/bring-reference.ts';
import { countsOf } from './run-import.ts';
import type { Tables } from './table/tables.ts';

export interface SyncDependencies extends PullDependencies, RunDependencies {}

export interface SyncRequest {
  readonly dataset: string;
  readonly trigger: RunTrigger;
  /** Whether to ignore the baseline, so that every row is sent. */
  readonly isFull: boolean;
  /** The waiting run that somebody approved. */
  readonly approved: Run | null;
}

export interface SyncReport extends BroughtIn {
  readonly runId: string;
  readonly dataset: string;
  /** `waiting`: the run needs approval, and wrote nothing. */
  readonly state: 'succeeded' | 'waiting';
  /** `null`: there was nothing to measure, such as before the first load. */
  readonly plan: RunPlan | null;
}

/**
 * @throws UsherError `resource_not_found`, `definition_invalid`, `run_in_progress`, `storage_full`,
 *   `store_unavailable`
 */
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
    const begun = request.isFull ? { ...run, baselineId: undefined } : run;
    const { outcome, state, plan, bytes } = await pull({ dependencies, request, dataset }, begun);
    if (plan !== null) await dependencies.catalog.saveRunPlan(run.id, plan);
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
  readonly state: 'succeeded' | 'waiting';
  readonly outcome: BroughtIn;
  readonly plan: RunPlan | null;
  readonly bytes: number;
}

async function pull(task: SyncTask, run: DatasetRun): Promise<Pulled> {
  const { dependencies, request, dataset } = task;
  const { dataFolder } = dependencies;
  const opened = await openPulledSource(dependencies, dataset, { ...request, reader: run.reader });
  const { workbench, source } = opened;
  const mayGoOn = (plan: RunPlan | null) => !mustWait(plan, request.approved);
  const measure = (rejected: Tables<'rejectedRows'>, rowsRead: number) =>
    measureRejections(workbench, rejected, {
      ...dependencies,
      ...{ dataset: dataset.record, rowsRead },
    });
  try {
    const options = { ...dependencies, ...opened, dataset, mayGoOn, measure };
    const { brought, plan, rowsRead, tables } = await (dataset.definition.kind === 'reference'
      ? bringReferenceIn(run, options)
      : bringRowsIn(run, options));
    if (brought !== undefined) {
      return { state: 'succeeded', outcome: brought, plan, bytes: source.bytes };
    }
    const rejections = await reportRejections(workbench, tables, { dataFolder, runId: run.id });
    const outcome = { ...noneApplied, ...rejections, rowsRead, clearsWithheld: false };
    return { state: 'waiting', outcome, plan, bytes: source.bytes };
  } finally {
    await workbench.close();
  }
}

type BringRowsOptions = SyncDependencies & BringReferenceOptions;

async function bringRowsIn(run: DatasetRun, options: BringRowsOptions): Promise<BroughtReference> {
  const { dataset, organizationId, workbench, dataFolder } = options;
  const rows = await stagePulledRows(options, options, { run, dataset });
  const { rowsRead } = rows.staged;
  const settled = await settleStaged(run.reader, organizationId, rows);
  const { tables } = settled;
  // An incremental source may have a single new row, which may be bad.
  if (dataset.definition.mode !== 'incremental') {
    await requireUsableRows({ workbench, tables, dataFolder, runId: run.id, rowsRead });
  }
  const compared = await compareSettled(run, rows, settled);
  const plan = await planRun(run, options, { rows, compared });
  await Promise.all([compared.sent, compared.vanished]);
  if (!options.mayGoOn(plan)) return { brought: undefined, plan, rowsRead, tables };
  await saveFilesWithRows(options.catalog, run.id, rows.files);
  const watermark = options.watermark();
  const brought = await applyCompared(run, { ...rows, watermark }, compared);
  return { brought, plan, rowsRead, tables };
}

/** `null`: the run goes on without a plan. */
async function planRun(
  run: DatasetRun,
  options: BringRowsOptions,
  found: { readonly rows: PulledRows; readonly compared: ComparedRows },
): Promise<RunPlan | null> {
  const { dataset, measure } = options;
  const { rowsRead } = found.rows.staged;
  const rejections = await measure(found.rows.staged.tables, rowsRead);
  const emptied = await measureEmptied(options, { rowsRead, files: found.rows.files });
  const isNotable = isRejectedTooMuch(rejections) || isEmptied(emptied);
  if (!isNotable && !(await isGuarded(run, dataset))) return null;
  const changes = await measureChanges(run, dataset, found);
  return { ...changes, rejections, ...emptied };
}

/** Reports change no values, and `bring-reference.ts` compares reference rows. */
function isMeasured({ definition }: PulledDataset): boolean {
  return definition.kind === 'contact' || definition.kind === 'list';
}

async function measureChanges(
  run: ComparingRun,
  dataset: PulledDataset,
  { rows, compared }: { readonly rows: PulledRows; readonly compared: ComparedRows },
): Promise<MeasuredChanges> {
  if (!isMeasured(dataset)) return unmeasuredChanges;
  return measureRows(run, rows, { dataset, compared });
}

/** A first load changes no values, and reports only add to earlier ones. */
async function isGuarded(run: DatasetRun, { definition }: PulledDataset): Promise<boolean> {
  if (definition.kind === 'membership') return false;
  const { organizationId, datasetId } = run.lease;
  return (await run.reader.datasetCounts(organizationId, datasetId)).sections > 0;
}

function mustWait(plan: RunPlan | null, approved: Run | null): boolean {
  if (plan === null || reasonsToWait(plan).length === 0) return false;
  return approved?.plan == null || !isCoveredBy(plan, approved.plan);
}

export interface SyncTrial extends RejectionSummary {
  readonly dataset: string;
  readonly rowsRead: number;
  /** `null`: feeds and reference rows are not measured, and no rejected row makes the run wait. */
  readonly plan: RunPlan | null;
}

/** Measures what a sync would do. Writes only files of the workbench, which are removed. */
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
    const baselineId = request.isFull ? undefined : applied?.baselineId;
    // No time is needed, since nothing is written.
    const lease = { organizationId, datasetId };
    const run = { reader, baselineId, lease, startedAtMs: 0 };
    const rows = await stagePulledRows(dependencies, opened, { run, dataset });
    const settled = await settleStaged(reader, organizationId, rows);
    const compared = await compareSettled(run, rows, settled);
    await Promise.all([compared.sent, compared.vanished]);
    const { rowsRead } = rows.staged;
    const place = { ...dependencies, dataset: dataset.record, rowsRead };
    const rejections = await measureRejections(opened.workbench, settled.tables, place);
    const emptied = await measureEmptied(
      { ...dependencies, dataset },
      { rowsRead, files: rows.files },
    );
    const isTold = isMeasured(dataset) || isRejectedTooMuch(rejections) || isEmptied(emptied);
    const changes = await measureChanges(run, dataset, { rows, compared });
    return {
      ...(await summarizeRejections(opened.workbench, settled.tables)),
      dataset: dataset.record.name,
      rowsRead,
      plan: isTold ? { ...changes, rejections, ...emptied } : null,
    };
  } finally {
    await opened.workbench.close();
  }
}
