/** Imports a file: stages it, defines a dataset for its columns, and applies the rows. */
import type { Catalog } from '../catalog/catalog.ts';
import type { JoinedShare } from '../domain/dataset/joined-share.ts';
import { causesOfRows } from '../domain/dataset/run-plan.ts';
import type { WaitCause } from '../domain/dataset/wait-cause.ts';
import type { Source } from '../sources/source.ts';
import type { Workbench } from '../sources/workbench.ts';
import {
  applyCompared,
  type BroughtIn,
  baselinePlaceOf,
  compareSettled,
} from './apply/bring-in.ts';
import type { RowGroups } from './apply/gather-rows.ts';
import {
  type ReportedRejections,
  reportRejections,
  requireUsableRows,
} from './apply/rejections-file.ts';
import type { BaselinePlace } from './compare/baseline.ts';
import { measureRejections } from './compare/measure-source.ts';
import { type SettledRows, settleStaged } from './compare/settle-repeats.ts';
import {
  commandRun,
  type DatasetRun,
  holdDataset,
  type OpenDependencies,
  type RunDependencies,
  type RunOutcome,
  withOpenStore,
} from './dataset-run.ts';
import { defineImport, type ImportTarget } from './define-import.ts';
import type { ImportRequest } from './import-request.ts';
import { filledColumns, type ImportPlan, readKnownDefinitions } from './infer/import-plan.ts';
import { measureImportJoins } from './measure-import.ts';
import { watched } from './stage/open-either-way.ts';
import { openImport, type StagedImport, stageImport, withMadeTypes } from './stage/stage-import.ts';

export interface ImportProgress {
  readonly phase: 'reading' | 'comparing' | 'applying';
  /** Bytes of the source, or rows. */
  readonly done: number;
  readonly total: number;
}

/** What staging a source needs. A dry run needs no more. */
export interface StageDependencies {
  readonly catalog: Catalog;
  readonly organizationId: number;
  readonly source: Source;
  readonly workbench: Workbench;
  readonly onPlan: (plan: ImportPlan, notes: readonly string[]) => void;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly interrupted: AbortSignal;
}

export interface ImportDependencies extends StageDependencies, RunDependencies {
  readonly dataFolder: string;
  /**
   * Asks whether to go on although many rows are rejected, or many contacts are joined. Throws if
   * the answer is no.
   */
  readonly approve: (question: ImportQuestion) => Promise<void>;
}

/** What a person needs to know to decide. */
export interface ImportQuestion extends ReportedRejections {
  /** At least one. */
  readonly causes: readonly WaitCause[];
  readonly rowsRead: number;
  /** `null` if the rows bring no contacts together. */
  readonly joins: JoinedShare | null;
}

export interface ImportReport extends BroughtIn {
  readonly runId: string;
  readonly dataset: string;
}

/**
 * Counts rejected rows and the contacts that rows would join, and asks for approval if they are
 * many, before it defines or applies anything.
 * @throws UsherError, and the errors of `approve`. A run that has begun is then noted as failed
 */
export async function runImport(
  dependencies: ImportDependencies,
  request: ImportRequest,
): Promise<ImportReport> {
  const opened = await openForImport(dependencies, request);
  // If the rest of the source may change the plan, stage it before there is a run. Otherwise the
  // staging compares it with the last run's baseline.
  const early = opened.isSettled ? undefined : await opened.stage();
  return withOpenStore(dependencies, async (open) => {
    const settled = early && (await settleImport(open, early));
    const known = settled === undefined ? opened.plan.dataset : await define(open, settled.staged);
    const dataset = known ?? (await define(open, opened));
    const holding = { ...open, isSnapshot: request.mode === 'snapshot' };
    return holdDataset(holding, commandRun(dataset, 'import'), async (run) => {
      if (settled !== undefined) return applyImport(open, run, { request, settled });
      const place = await baselinePlaceOf(run, dependencies.dataFolder);
      const staged = await opened.stage(place);
      return applyImport(open, run, { request, settled: await settleImport(open, staged, run) });
    });
  });
}

type OpenImport = ImportDependencies & OpenDependencies;

interface SettledImport {
  readonly staged: StagedImport;
  readonly rows: SettledRows;
  readonly rowGroups: RowGroups;
}

/** @param run `undefined` if the dataset may not exist yet */
async function settleImport(
  dependencies: OpenImport,
  staged: StagedImport,
  run?: DatasetRun,
): Promise<SettledImport> {
  const { workbench, organizationId, reader, dataFolder, onProgress } = dependencies;
  const { rowsRead, plan } = staged;
  onProgress({ phase: 'comparing', done: 0, total: rowsRead });
  const rows = await settleStaged(workbench, staged, { reader, organizationId });
  const { tables } = rows;
  const place = { dataFolder, runId: run?.id };
  await requireUsableRows(workbench, tables, { ...place, rowsRead });
  const rejected = await measureRejections(dependencies, plan.dataset, { tables, rowsRead });
  const { joins, rowGroups } = await measureImportJoins(dependencies, staged, rows);
  const causes = causesOfRows(rejected, joins);
  if (causes.length > 0) {
    const reported = await reportRejections(workbench, tables, place);
    await dependencies.approve({ causes, rowsRead, joins, ...reported });
  }
  return { staged, rows, rowGroups };
}

async function applyImport(
  dependencies: OpenImport,
  run: DatasetRun,
  { request, settled }: { readonly request: ImportRequest; readonly settled: SettledImport },
): Promise<RunOutcome<ImportReport>> {
  const { rows, rowGroups } = settled;
  const { source, workbench, onProgress } = dependencies;
  const dataset = await define(dependencies, settled.staged);
  const staged = await withMadeTypes(workbench, settled.staged, dataset.identityTypes);
  const fields = filledColumns(staged.plan).map(({ field }) => field ?? '');
  const options = {
    ...dependencies,
    staged,
    fieldIds: fields.map((field) => dataset.fieldIds.get(field) ?? 0),
    changeKind: dataset.isWhole ? ('replace' as const) : ('patch' as const),
    mode: request.mode,
    rowGroups,
    onProgress: (done: number, total: number) => onProgress({ phase: 'applying', done, total }),
  };
  const compared = await compareSettled(run, options, rows);
  const brought = await applyCompared(run, options, compared);
  const counts = { ...brought, rejections: brought.counts, bytes: source.bytes };
  const result = { ...brought, runId: run.id, dataset: staged.plan.datasetName };
  return { state: 'succeeded', counts, result };
}

function define(
  { catalog, organizationId, source, author }: ImportDependencies,
  { plan }: { readonly plan: ImportPlan },
): Promise<ImportTarget> {
  return defineImport(catalog, author(), { organizationId, kind: source.kind, plan });
}

/** An opened source with its plan. */
export interface OpenedImport {
  readonly plan: ImportPlan;
  readonly isSettled: boolean;
  readonly stage: (before?: BaselinePlace) => Promise<StagedImport>;
}

/** The first half of an import, and of a dry run. */
export async function openForImport(
  dependencies: StageDependencies,
  request: ImportRequest,
): Promise<OpenedImport> {
  const { catalog, organizationId, source, workbench, onProgress, onPlan } = dependencies;
  const known = await catalog.read((view) => readKnownDefinitions(view, organizationId));
  const onBytes = (done: number) => onProgress({ phase: 'reading', done, total: source.bytes });
  const input = { workbench, source, request, known, onBytes };
  const planned = await watched(input, openImport(input));
  const { plan, isSettled } = planned;
  if (isSettled) onPlan(plan, planned.notes);
  return {
    plan,
    isSettled,
    stage: async (before) => {
      const staged = await watched(input, stageImport(input, planned, before));
      if (!isSettled) onPlan(staged.plan, staged.notes);
      dependencies.interrupted.throwIfAborted();
      return staged;
    },
  };
}
