/**
 * Syncs a dataset: stages its source, measures what the rows would do, and applies them or waits
 * for approval. `run-import.ts` imports files by hand; both apply rows with `bring-in.ts`.
 */
import type { Run, RunTrigger } from '../catalog/catalog.ts';
import { identityRulesOf } from '../catalog/identity-rules-of.ts';
import { noPeople } from '../domain/dataset/people-counts.ts';
import {
  isCoveredBy,
  type RunPlan,
  reasonsToWait,
  withoutExamples,
} from '../domain/dataset/run-plan.ts';
import { UsherError } from '../domain/errors.ts';
import type { ContactReader } from '../stores/store.ts';
import { noneApplied } from './apply/apply-changes.ts';
import { applyCompared, type BroughtIn, compareSettled } from './apply/bring-in.ts';
import {
  type RejectionSummary,
  reportRejections,
  requireUsableRows,
  summarizeRejections,
  withSuppressed,
} from './apply/rejections-file.ts';
import { type RowCounts, RowMeasure } from './compare/measure-rows.ts';
import { type MeasuredSource, measureSource, saveFilesWithRows } from './compare/measure-source.ts';
import { settleStaged } from './compare/settle-repeats.ts';
import { commandRun, type DatasetRun, type RunDependencies, runDataset } from './dataset-run.ts';
import { notingProgress } from './note-progress.ts';
import { isMeasured, type MeasuredRun, measureRows, stagePulledRows } from './pulled-rows.ts';
import {
  openPulledSource,
  type PullDependencies,
  type PulledDataset,
  readPulledDataset,
} from './pulled-source.ts';
import {
  type BringOptions,
  type BroughtOrWaiting,
  bringReferenceIn,
  tryReference,
} from './reference/bring-reference.ts';

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
  /** `null` if there was nothing to measure, such as before the first load. */
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
    ...commandRun(dataset.record, 'sync'),
    trigger: request.trigger,
    approvalOf: request.approved?.id ?? null,
  };
  const isSnapshot = dataset.definition.mode === 'snapshot';
  const refusal = () => overtaken(dependencies, request);
  return runDataset({ ...dependencies, isSnapshot, refusal }, about, async (run) => {
    const { reader } = run;
    const onProgress = notingProgress(dependencies, run.id, () => performance.now());
    const noting = { ...dependencies, onProgress };
    const opened = await openPulledSource(noting, dataset, {
      ...{ ...request, reader },
      runId: run.id,
    });
    const { workbench, source } = opened;
    const { approved } = request;
    const mayGoOn = (plan: RunPlan | null) => !mustWait(plan, approved);
    const begun = request.isFull ? { ...run, baselineId: undefined } : run;
    try {
      const bring = dataset.definition.kind === 'reference' ? bringReferenceIn : bringRowsIn;
      const found = await bring(begun, { ...noting, ...opened, dataset, approved, mayGoOn });
      const { brought, plan, rowsRead, tables } = found;
      const state = brought === undefined ? 'waiting' : 'succeeded';
      if (plan !== null) {
        const kept = state === 'waiting' ? plan : withoutExamples(plan);
        await dependencies.catalog.saveRunPlan(run.id, kept);
      }
      const place = { dataFolder: dependencies.dataFolder, runId: run.id };
      const outcome = brought ?? {
        ...{ ...noneApplied, rowsRead, clearsWithheld: false },
        ...{ people: noPeople, refusedClaimsPath: null },
        ...(await reportRejections(workbench, tables, place)),
      };
      const { name } = dataset.record;
      const result = { ...outcome, runId: run.id, dataset: name, state, plan } as const;
      const counts = { ...outcome, rejections: outcome.counts, bytes: source.bytes };
      return { state, counts, result };
    } finally {
      await workbench.close();
    }
  });
}

/** Why the approved run is not to be carried out, or not again. */
async function overtaken(
  { catalog, organizationId }: SyncDependencies,
  { approved }: SyncRequest,
): Promise<UsherError | undefined> {
  if (approved === null) return undefined;
  const { id, datasetId } = approved;
  const [now, newest] = await catalog.read((view) =>
    Promise.all([
      view.findRun(organizationId, id),
      view.listRuns(organizationId, { datasetId, limit: carriedOutAmong }),
    ]),
  );
  // A server and a command may both take up an approval.
  const applied = newest.find((it) => it.approvalOf === id && it.state === 'succeeded');
  if (applied !== undefined) {
    return new UsherError(
      'revision_conflict',
      `The run ${id} was carried out already, by the run ${applied.id}. Look at that run.`,
    );
  }
  if (now?.state === 'waiting') return undefined;
  return new UsherError(
    'revision_conflict',
    `The run ${id} does not wait any more, because a later run took its place. Look at that run, and decide about it.`,
  );
}

/** Runs to search. While a run waits, hardly any other run of its dataset starts. */
const carriedOutAmong = 20;

type BringRowsOptions = SyncDependencies & BringOptions & Pick<SyncRequest, 'approved'>;

async function bringRowsIn(run: DatasetRun, options: BringRowsOptions): Promise<BroughtOrWaiting> {
  const { dataset, organizationId, workbench, dataFolder } = options;
  const rows = await stagePulledRows(run, options);
  const { rowsRead, files } = rows;
  const { reader } = run;
  const settled = await settleStaged(workbench, rows.staged, { reader, organizationId });
  const { tables } = settled;
  // An incremental source may have a single new row, so one bad row must not fail the run.
  if (dataset.definition.mode !== 'incremental') {
    await requireUsableRows(workbench, tables, { dataFolder, runId: run.id, rowsRead });
  }
  const compared = await compareSettled(run, rows, settled);
  const { facts, isNotable } = await measureSource(options, dataset, { tables, rowsRead, files });
  const areChangesWanted = isNotable || (await isGuarded(run, dataset));
  const approvedJoins = options.approved?.plan?.joins ?? null;
  const asked = { dataset, compared, areChangesWanted, approvedJoins };
  const measured = await measureRows(run, rows, asked);
  const plan = areChangesWanted || measured.joins !== null ? planOf(measured, facts) : null;
  await Promise.all([compared.sent, compared.vanished]);
  if (!options.mayGoOn(plan)) return { brought: undefined, plan, rowsRead, tables };
  await saveFilesWithRows(options.catalog, run.id, files);
  const watermark = options.watermark();
  const brought = await applyCompared(
    run,
    { ...rows, watermark, rowGroups: measured.rowGroups },
    compared,
  );
  return { brought, plan, rowsRead, tables };
}

function planOf(
  { changes, joins, suppressed }: MeasuredRun,
  facts: MeasuredSource['facts'],
): RunPlan {
  const { rejections } = facts;
  const isCounted = rejections !== null && suppressed !== undefined;
  return {
    ...{ ...changes, ...facts, joins },
    ...(isCounted && { rejections: { ...rejections, suppressed } }),
  };
}

/**
 * Whether guards of values apply. A first load changes no values, and reports only add to earlier
 * ones.
 */
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
  /** `null` for feeds: rejected rows never make such a run wait. */
  readonly plan: RunPlan | null;
  /** `null` if the plan has no changes of rows. */
  readonly rows: RowCounts | null;
}

/** Measures what a sync would do. Writes only files of the workbench, which are removed. */
export async function trySync(
  dependencies: PullDependencies,
  request: Pick<SyncRequest, 'dataset' | 'isFull'>,
  reader: ContactReader,
): Promise<SyncTrial> {
  const { organizationId } = dependencies;
  const dataset = await readPulledDataset(dependencies, request.dataset);
  const { id: datasetId, name } = dataset.record;
  const opened = await openPulledSource(dependencies, dataset, { ...request, reader });
  const { workbench } = opened;
  try {
    const applied = await reader.appliedRun(organizationId, datasetId);
    const baselineId = request.isFull ? undefined : applied?.baselineId;
    const rules = await dependencies.catalog.read((view) => identityRulesOf(view, organizationId));
    // No time is needed, since nothing is written.
    const lease = { organizationId, datasetId };
    const run = { reader, baselineId, lease, rules, startedAtMs: 0 };
    const options = { ...dependencies, ...opened, dataset };
    if (dataset.definition.kind === 'reference') {
      const { plan, rowsRead, tables } = await tryReference(run, options);
      const rejections = await summarizeRejections(workbench, tables);
      return { ...rejections, dataset: name, rowsRead, plan, rows: null };
    }
    const rows = await stagePulledRows(run, options);
    const { rowsRead, files } = rows;
    const settled = await settleStaged(workbench, rows.staged, { reader, organizationId });
    const { tables } = settled;
    const compared = await compareSettled(run, rows, settled);
    const { facts, isNotable } = await measureSource(options, dataset, { tables, rowsRead, files });
    const rowMeasure = new RowMeasure({ reader, organizationId, datasetId });
    const asked = { dataset, compared, areChangesWanted: true, approvedJoins: null, rowMeasure };
    const measured = await measureRows(run, rows, asked);
    await Promise.all([compared.sent, compared.vanished]);
    const isShown = isMeasured(dataset) || isNotable || measured.joins !== null;
    const plan = isShown ? planOf(measured, facts) : null;
    const rejections = await summarizeRejections(workbench, tables);
    const rejected = withSuppressed(rejections, measured.suppressed ?? 0);
    const counts = isMeasured(dataset) ? rowMeasure.counts : null;
    return { ...rejected, dataset: name, rowsRead, plan, rows: counts };
  } finally {
    await workbench.close();
  }
}
