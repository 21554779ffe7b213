/** One import, from the file to the store: stages it, defines the dataset by what it shows, and brings it in (`bring-in.ts`). */
import type { Catalog, RunCounts } from '../catalog/catalog.ts';
import type { Source } from '../sources/source.ts';
import type { Workbench } from '../sources/workbench.ts';
import { applyCompared, type BroughtIn, compareStaged, snapshotPlaceOf } from './bring-in.ts';
import { type RunDependencies, runDataset } from './dataset-run.ts';
import { type DefinedDataset, defineDataset } from './define-dataset.ts';
import { type ImportPlan, readKnownDefinitions } from './import-plan.ts';
import type { ImportRequest } from './import-request.ts';
import { requireUsableRows } from './require-usable-rows.ts';
import type { SnapshotPlace } from './snapshot.ts';
import { openImport, type StagedImport, stageImport } from './stage-import.ts';

export interface ImportProgress {
  readonly phase: 'reading' | 'applying';
  /** Bytes of the source, or rows. */
  readonly done: number;
  readonly total: number;
}

/** What it takes to stage a source, which is all that a try does. */
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
}

export interface ImportReport extends BroughtIn {
  readonly runId: string;
  readonly dataset: string;
}

/** @throws UsherError; the run is then noted as failed and its lease given back */
export async function runImport(
  dependencies: ImportDependencies,
  request: ImportRequest,
): Promise<ImportReport> {
  const opened = await openForImport(dependencies, request);
  // What all of the source may still change is staged before anything is defined; what is settled already, against the last run's snapshot.
  const early = opened.isSettled ? undefined : await opened.stage();
  const dataset = await define(dependencies, early?.plan ?? opened.plan);
  const about = {
    datasetId: dataset.id,
    kind: 'import',
    trigger: 'command',
    definitionVersion: dataset.definitionVersion,
    approvalOf: null,
  } as const;
  return runDataset(dependencies, about, async (run) => {
    const { dataFolder, source, onProgress } = dependencies;
    const staged = early ?? (await opened.stage(await snapshotPlaceOf(run, dataFolder)));
    // Read with care, a source may show what a first look did not.
    const defined = early === undefined ? await define(dependencies, staged.plan) : dataset;
    const options = {
      ...dependencies,
      staged,
      fieldIds: fieldIdsOf(staged, defined),
      changeKind: defined.isWhole ? ('replace' as const) : ('patch' as const),
      isRowPerContact: true,
      mode: request.mode,
      onProgress: (done: number, total: number) => onProgress({ phase: 'applying', done, total }),
    };
    const compared = await compareStaged(run, options);
    const { rowsRead } = staged;
    await requireUsableRows({ ...dependencies, runId: run.id, rowsRead });
    const brought = await applyCompared(run, options, compared);
    const counts = countsOf(brought, source.bytes);
    const result = { ...brought, runId: run.id, dataset: staged.plan.datasetName };
    return { state: 'succeeded', counts, result };
  });
}

function define(dependencies: ImportDependencies, plan: ImportPlan): Promise<DefinedDataset> {
  const { catalog, organizationId, source } = dependencies;
  return defineDataset(catalog, dependencies.author(), {
    organizationId,
    kind: source.kind,
    plan,
  });
}

function fieldIdsOf(staged: StagedImport, dataset: DefinedDataset): number[] {
  const names = new Map(staged.plan.columns.map(({ cell, field }) => [cell, field]));
  return staged.mapping.fields.map(({ cell }) => dataset.fieldIds.get(names.get(cell) ?? '') ?? 0);
}

export function countsOf(brought: BroughtIn, bytes: number): RunCounts {
  const { rowsRead, added, changed, unchanged, stale, cleared, rejected } = brought;
  return { rowsRead, added, changed, unchanged, stale, cleared, rejected, bytes };
}

/** A source that is open and planned, and shows its plan once it is sure of it. */
export interface OpenedImport {
  readonly plan: ImportPlan;
  readonly isSettled: boolean;
  readonly stage: (before?: SnapshotPlace) => Promise<StagedImport>;
}

/** The first half of an import, and of one that is only tried (`dry-run.ts`). */
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

/** Often enough for a bar that moves. */
const progressEveryMs = 250;
