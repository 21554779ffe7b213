/**
 * One import, from the file to the store: stage, define, lease, compare, apply, snapshot, report. What it was doing when it dies does not matter:
 * each row is applied whole or not at all, the snapshot is named last, and the next import brings in what this one did not.
 */
import { randomUUID } from 'node:crypto';
import type { Catalog, ChangeAuthor, RunCounts, RunState } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import type { Source } from '../sources/source.ts';
import type { Workbench } from '../sources/workbench.ts';
import type { ContactReader, ContactWriter, RunLease } from '../stores/store.ts';
import { type AppliedCounts, applyChanges, applyClears, makeRefused } from './apply-changes.ts';
import { findVanished, vanishedChanges } from './clear-vanished.ts';
import {
  findChanges,
  listGoodRows,
  rejectRepeated,
  snapshotRowsSql,
  takeAllAsChanges,
} from './compare-rows.ts';
import { type DefinedDataset, defineDataset } from './define-dataset.ts';
import { type ImportPlan, readKnownDefinitions } from './import-plan.ts';
import type { ImportRequest } from './import-request.ts';
import {
  noteRefused,
  type RejectionSummary,
  rejectionsPath,
  summarizeRejections,
  writeRejections,
} from './rejections-file.ts';
import {
  defineKeyedDigest,
  loadSnapshot,
  removeOtherSnapshots,
  type SnapshotScope,
  writeSnapshot,
} from './snapshot.ts';
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

export interface ImportDependencies extends StageDependencies {
  readonly dataFolder: string;
  /** Called once, when there is something to write; the reader after the writer. */
  readonly openWriter: () => Promise<ContactWriter>;
  readonly openReader: () => Promise<ContactReader>;
  readonly author: () => ChangeAuthor;
}

export interface ImportReport extends AppliedCounts, RejectionSummary {
  readonly runId: string;
  readonly dataset: string;
  readonly rowsRead: number;
  readonly rejectionsPath: string | null;
  /** In mode snapshot: rows were unreadable, so that nothing was cleared. */
  readonly clearsWithheld: boolean;
}

/** @throws UsherError; the run is then noted as failed and its lease given back */
export async function runImport(
  dependencies: ImportDependencies,
  request: ImportRequest,
): Promise<ImportReport> {
  const staged = await stageForImport(dependencies, request);
  const { catalog, organizationId, source } = dependencies;
  const dataset = await defineDataset(catalog, dependencies.author(), {
    organizationId,
    kind: source.kind,
    plan: staged.plan,
  });
  const writer = await dependencies.openWriter();
  const reader = await dependencies.openReader();
  const run = new ImportRun({ ...dependencies, writer, reader, staged, dataset, request });
  try {
    return await run.execute();
  } finally {
    await reader.close();
    await writer.close();
  }
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

interface RunParts extends ImportDependencies {
  readonly writer: ContactWriter;
  readonly reader: ContactReader;
  readonly staged: StagedImport;
  readonly dataset: DefinedDataset;
  readonly request: ImportRequest;
}

/** Often enough for a bar that moves. */
const progressEveryMs = 250;

/** While the engine compares, nothing is written: the lease, which ends after 30 s of silence, is renewed. */
const renewEveryMs = 10_000;

class ImportRun {
  readonly #parts: RunParts;
  readonly #runId = randomUUID();

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  async execute(): Promise<ImportReport> {
    const { writer, reader, catalog, organizationId, dataset } = this.#parts;
    // A run that goes on leaves no snapshot named, so that what is named now is what the lease finds.
    const snapshotId = await reader.appliedSnapshot(organizationId, dataset.id);
    const lease = await writer.beginRun({
      runId: this.#runId,
      organizationId,
      datasetId: dataset.id,
    });
    await this.#endForgottenRuns();
    await catalog.startRun({
      id: this.#runId,
      organizationId,
      datasetId: dataset.id,
      kind: 'import',
      startedAtMs: this.#parts.author().atMs,
    });
    const renewal = setInterval(() => {
      // What keeps a lease from being renewed shows at the next batch.
      writer.renewRun(lease).catch(() => undefined);
    }, renewEveryMs);
    try {
      const report = await this.#bringIn(lease, snapshotId);
      await this.#end('succeeded', null, report);
      return report;
    } catch (cause) {
      await this.#giveUp(lease, cause);
      throw cause;
    } finally {
      clearInterval(renewal);
    }
  }

  async #bringIn(lease: RunLease, snapshotId: string | undefined): Promise<ImportReport> {
    const { workbench, writer, staged, request, dataFolder } = this.#parts;
    const scope = await this.#scope();
    await defineKeyedDigest(workbench, scope);
    const hasSnapshot = await loadSnapshot(workbench, scope, snapshotId);
    const listed = listGoodRows(workbench);
    // Whoever waits for it meets its failure.
    listed.catch(() => undefined);
    let alike = 0;
    if (hasSnapshot) {
      await listed;
      alike = await findChanges(workbench);
    } else {
      await takeAllAsChanges(workbench);
    }
    if (request.mode === 'snapshot') await listed;
    const cleared = await this.#clearVanished(lease, hasSnapshot);
    const applied = await this.#apply(lease, alike);
    await listed;
    await noteRefused(workbench);
    const id = randomUUID();
    const isCleared = request.mode === 'snapshot' && staged.unreadableRows === 0;
    await writeSnapshot(workbench, scope, { id, rowsSql: snapshotRowsSql(isCleared) });
    const rejections = await summarizeRejections(workbench);
    const path = rejectionsPath(dataFolder, this.#runId);
    if (rejections.rejected > 0) await writeRejections(workbench, path, rejections.rejected);
    await writer.flush();
    await writer.finishRun(lease, id);
    await removeOtherSnapshots(scope, id);
    return {
      ...applied,
      cleared: applied.cleared + cleared,
      unchanged: applied.unchanged + alike,
      ...rejections,
      runId: this.#runId,
      dataset: staged.plan.datasetName,
      rowsRead: staged.rowsRead,
      rejectionsPath: rejections.rejected > 0 ? path : null,
      clearsWithheld: request.mode === 'snapshot' && staged.unreadableRows > 0,
    };
  }

  async #apply(lease: RunLease, alike: number): Promise<AppliedCounts> {
    const { workbench, staged, dataset, onProgress, writer, interrupted } = this.#parts;
    const names = new Map(staged.plan.columns.map(({ cell, field }) => [cell, field]));
    const fieldIds = staged.mapping.fields.map(
      ({ cell }) => dataset.fieldIds.get(names.get(cell) ?? '') ?? 0,
    );
    const total = staged.rowsRead - alike;
    return applyChanges(
      {
        workbench,
        writer,
        lease,
        interrupted,
        onProgress: (done) => onProgress({ phase: 'applying', done, total }),
      },
      {
        // A source that fills all of the dataset says all of its section: nothing of the old one needs to be read.
        kind: dataset.isWhole ? 'replace' : 'patch',
        typeIds: staged.mapping.identifiers.map(({ identityType }) => identityType.id),
        fieldIds,
      },
    );
  }

  async #clearVanished(lease: RunLease, hasSnapshot: boolean): Promise<number> {
    const { workbench, reader, organizationId, staged, writer, interrupted, request } = this.#parts;
    // Whom an unreadable row names, nobody knows: then nobody counts as gone.
    if (request.mode !== 'snapshot' || staged.unreadableRows > 0) return 0;
    const { mapping } = staged;
    const vanished = await findVanished({
      workbench,
      reader,
      organizationId,
      mapping,
      hasSnapshot,
    });
    if (vanished === 0) return 0;
    const counts = await applyClears(
      { workbench, writer, lease, interrupted, onProgress: () => undefined },
      vanishedChanges({ workbench, mapping }),
    );
    return counts.cleared;
  }

  async #scope(): Promise<SnapshotScope> {
    const { dataFolder, organizationId, dataset, reader } = this.#parts;
    const storeId = await reader.storeId();
    return {
      dataFolder,
      organizationId,
      datasetId: dataset.id,
      definitionVersion: dataset.definitionVersion,
      storeId,
    };
  }

  /** Runs of this dataset that are still noted as running died: this one holds the lease. */
  async #endForgottenRuns(): Promise<void> {
    const { catalog, organizationId, dataset } = this.#parts;
    const runs = await catalog.read((view) =>
      view.listRuns(organizationId, { datasetId: dataset.id, limit: 20 }),
    );
    for (const run of runs) {
      if (run.state !== 'running') continue;
      const { rowsRead, added, changed, unchanged, stale, cleared, rejected, bytes } = run;
      await catalog.endRun(run.id, {
        state: 'interrupted',
        endedAtMs: this.#parts.author().atMs,
        errorCode: null,
        counts: { rowsRead, added, changed, unchanged, stale, cleared, rejected, bytes },
      });
    }
  }

  /** What fails here fails for the same reason as the run: the first cause is the one to tell. */
  async #giveUp(lease: RunLease, cause: unknown): Promise<void> {
    const state = this.#parts.interrupted.aborted ? 'interrupted' : 'failed';
    const code = cause instanceof UsherError ? cause.code : state === 'failed' ? 'internal' : null;
    await this.#parts.writer.abandonRun(lease).catch(() => undefined);
    await this.#end(state, code, undefined).catch(() => undefined);
  }

  async #end(
    state: Exclude<RunState, 'running'>,
    errorCode: string | null,
    report: ImportReport | undefined,
  ): Promise<void> {
    const { staged, source, catalog } = this.#parts;
    const counts: RunCounts = {
      rowsRead: staged.rowsRead,
      added: report?.added ?? 0,
      changed: report?.changed ?? 0,
      unchanged: report?.unchanged ?? 0,
      stale: report?.stale ?? 0,
      cleared: report?.cleared ?? 0,
      rejected: report?.rejected ?? 0,
      bytes: source.bytes,
    };
    const endedAtMs = this.#parts.author().atMs;
    await catalog.endRun(this.#runId, { state, endedAtMs, errorCode, counts });
  }
}
