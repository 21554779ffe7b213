/** One import, from the file to the store: stages it, defines the dataset by what it shows, and brings it in (`bring-in.ts`). */
import type { Catalog, RunCounts } from '../catalog/catalog.ts';
import type { Source } from '../sources/source.ts';
import type { Workbench } from '../sources/workbench.ts';
import { makeRefused } from './apply-changes.ts';
import { applyCompared, type BroughtIn, compareStaged } from './bring-in.ts';
import { rejectRepeated } from './compare-rows.ts';
import { type RunDependencies, runDataset } from './dataset-run.ts';
import { type DefinedDataset, defineDataset } from './define-dataset.ts';
import { type ImportPlan, readKnownDefinitions } from './import-plan.ts';
import type { ImportRequest } from './import-request.ts';
import { type StagedImport, stageImport } from './stage-import.ts';

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
  const staged = await stageForImport(dependencies, request);
  const { catalog, organizationId, source, onProgress } = dependencies;
  const dataset = await defineDataset(catalog, dependencies.author(), {
    organizationId,
    kind: source.kind,
    plan: staged.plan,
  });
  const about = {
    datasetId: dataset.id,
    kind: 'import',
    trigger: 'command',
    definitionVersion: dataset.definitionVersion,
    approvalOf: null,
  } as const;
  return runDataset(dependencies, about, async (run) => {
    const options = {
      ...dependencies,
      definitionVersion: dataset.definitionVersion,
      staged,
      fieldIds: fieldIdsOf(staged, dataset),
      changeKind: dataset.isWhole ? ('replace' as const) : ('patch' as const),
      mode: request.mode,
      onProgress: (done: number, total: number) => onProgress({ phase: 'applying', done, total }),
    };
    const brought = await applyCompared(run, options, await compareStaged(run, options));
    const counts = countsOf(brought, source.bytes);
    const result = { ...brought, runId: run.id, dataset: staged.plan.datasetName };
    return { state: 'succeeded', counts, result };
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

/** Stages the source and shows the plan; the first half of an import, and of one that is only tried (`dry-run.ts`). */
export async function stageForImport(
  dependencies: StageDependencies,
  request: ImportRequest,
): Promise<StagedImport> {
  const { catalog, organizationId, source, workbench, onProgress } = dependencies;
  const known = await catalog.read((view) => readKnownDefinitions(view, organizationId));
  const onBytes = (done: number) => onProgress({ phase: 'reading', done, total: source.bytes });
  const watch = setInterval(() => {
    const share = workbench.progress();
    if (share > 0) onBytes(Math.round(share * source.bytes));
  }, progressEveryMs);
  const staged = await stageImport({
    workbench,
    source,
    request,
    known,
    onBytes,
  }).finally(() => clearInterval(watch));
  dependencies.onPlan(staged.plan, staged.notes);
  await makeRefused(workbench);
  await rejectRepeated(workbench, staged.mapping);
  dependencies.interrupted.throwIfAborted();
  return staged;
}

/** Often enough for a bar that moves. */
const progressEveryMs = 250;
