/** Imports a file: stages it, defines the dataset that it shows, and applies the rows. */
import type { Catalog, RunCounts } from '../catalog/catalog.ts';
import { rejectionReason } from '../domain/dataset/rejected-share.ts';
import type { Source } from '../sources/source.ts';
import type { Workbench } from '../sources/workbench.ts';
import {
  applyCompared,
  type BroughtIn,
  baselinePlaceOf,
  compareSettled,
  type SettledRows,
  settleStaged,
} from './apply/bring-in.ts';
import {
  type ReportedRejections,
  reportRejections,
  summarizeRejections,
} from './apply/rejections-file.ts';
import type { BaselinePlace } from './compare/baseline.ts';
import { measureRejections } from './compare/measure-rejections.ts';
import { requireUsableRows } from './compare/require-usable-rows.ts';
import {
  type DatasetRun,
  holdDataset,
  type OpenDependencies,
  type RunDependencies,
  type RunOutcome,
  withOpenStore,
} from './dataset-run.ts';
import { defineDataset, type ImportTarget } from './define-dataset.ts';
import type { ImportRequest } from './import-request.ts';
import { type ImportPlan, readKnownDefinitions } from './infer/import-plan.ts';
import { openImport, type StagedImport, stageImport } from './stage/stage-import.ts';

export interface ImportProgress {
  readonly phase: 'reading' | 'comparing' | 'applying';
  /** Bytes of the source, or rows. */
  readonly done: number;
  readonly total: number;
}

/** What staging a source takes. A dry run needs no more. */
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
  /** Asks whether to go on although many rows are rejected. Throws if the answer is no. */
  readonly approve: (question: RejectionQuestion) => Promise<void>;
}

/** What a person needs to know to decide. */
export interface RejectionQuestion extends ReportedRejections {
  /** A sentence. */
  readonly reason: string;
  readonly rowsRead: number;
}

export interface ImportReport extends BroughtIn {
  readonly runId: string;
  readonly dataset: string;
}

/**
 * Defines and applies nothing before rejected rows are counted and, if many, approved.
 * @throws UsherError, and errors of `approve`; a run that has started is then noted as failed
 */
export async function runImport(
  dependencies: ImportDependencies,
  request: ImportRequest,
): Promise<ImportReport> {
  const opened = await openForImport(dependencies, request);
  // If the whole source may change the plan, stage it before there is a run. Else compare it with
  // the last run's baseline.
  const early = opened.isSettled ? undefined : await opened.stage();
  return withOpenStore(dependencies, async (open) => {
    const settled = early && (await settleImport(open, early));
    const known = settled === undefined ? opened.plan.dataset : await define(open, settled.staged);
    const dataset = known ?? (await define(open, opened));
    const about = {
      datasetId: dataset.id,
      kind: 'import',
      trigger: 'command',
      definitionVersion: dataset.definitionVersion,
      approvalOf: null,
    } as const;
    return holdDataset(open, about, async (run) => {
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
  const rows = await settleStaged(reader, organizationId, {
    ...{ workbench, staged, isRowPerContact: true },
  });
  const { tables } = rows;
  await requireUsableRows({ workbench, tables, dataFolder, runId: run?.id, rowsRead });
  const place = { ...dependencies, dataset: plan.dataset, rowsRead };
  const reason = rejectionReason(await measureRejections(workbench, tables, place));
  if (reason !== undefined) {
    const reported =
      run === undefined
        ? { ...(await summarizeRejections(workbench, tables)), rejectionsPath: null }
        : await reportRejections(workbench, tables, { dataFolder, runId: run.id });
    await dependencies.approve({ reason, rowsRead, ...reported });
  }
  return { staged, rows };
}

async function applyImport(
  dependencies: OpenImport,
  run: DatasetRun,
  { request, settled }: { readonly request: ImportRequest; readonly settled: SettledImport },
): Promise<RunOutcome<ImportReport>> {
  const { staged, rows } = settled;
  const { source, onProgress } = dependencies;
  const dataset = await define(dependencies, staged);
  const options = {
    ...dependencies,
    staged,
    fieldIds: fieldIdsOf(staged, dataset),
    changeKind: dataset.isWhole ? ('replace' as const) : ('patch' as const),
    isRowPerContact: true,
    mode: request.mode,
    onProgress: (done: number, total: number) => onProgress({ phase: 'applying', done, total }),
  };
  const compared = await compareSettled(run, options, rows);
  const brought = await applyCompared(run, options, compared);
  const counts = countsOf(brought, source.bytes);
  const result = { ...brought, runId: run.id, dataset: staged.plan.datasetName };
  return { state: 'succeeded', counts, result };
}

function define(
  { catalog, organizationId, source, author }: ImportDependencies,
  { plan }: { readonly plan: ImportPlan },
): Promise<ImportTarget> {
  return defineDataset(catalog, author(), { organizationId, kind: source.kind, plan });
}

function fieldIdsOf(staged: StagedImport, dataset: ImportTarget): number[] {
  const names = new Map(staged.plan.columns.map(({ cell, field }) => [cell, field]));
  return staged.mapping.fields.map(({ cell }) => dataset.fieldIds.get(names.get(cell) ?? '') ?? 0);
}

export function countsOf(brought: BroughtIn, bytes: number): RunCounts {
  const { rowsRead, added, changed, unchanged, stale, cleared, rejected, counts } = brought;
  const applied = { rowsRead, added, changed, unchanged, stale, cleared };
  return { ...applied, rejected, rejections: counts, bytes };
}

/** An opened source with its plan. It shows the plan as soon as that is final. */
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
  const watched = async <Result>(work: Promise<Result>): Promise<Result> => {
    const watch = setInterval(() => {
      const share = workbench.progress();
      if (share > 0) onBytes(Math.round(share * source.bytes));
    }, progressEveryMs);
    return work.finally(() => clearInterval(watch));
  };
  const input = { workbench, source, request, known, onBytes };
  const planned = await watched(openImport(input));
  const { plan, isSettled } = planned;
  if (isSettled) onPlan(plan, planned.notes);
  return {
    plan,
    isSettled,
    stage: async (before) => {
      const staged = await watched(stageImport(input, planned, before));
      if (!isSettled) onPlan(staged.plan, staged.notes);
      dependencies.interrupted.throwIfAborted();
      return staged;
    },
  };
}

/** Often enough for a progress bar. */
const progressEveryMs = 250;
