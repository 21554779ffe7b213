/**
 * From staged rows to the store: compare with the snapshot of the last applied run, apply what changed, name the new snapshot, sum up. What
 * it was doing when it dies does not matter: each row is applied whole or not at all, the snapshot is named last, and the next run brings in what this one
 * did not.
 */
import { randomUUID } from 'node:crypto';
import type { SyncMode } from '../domain/dataset-definition.ts';
import type { RowMapping } from '../domain/source-row.ts';
import type { Workbench } from '../sources/workbench.ts';
import type { ContactReader, RunLease } from '../stores/store.ts';
import { type AppliedCounts, applyChanges, applyClears } from './apply-changes.ts';
import { findVanished, vanishedChanges } from './clear-vanished.ts';
import { findChanges, listGoodRows, snapshotRowsSql, takeAllAsChanges } from './compare-rows.ts';
import type { DatasetRun } from './dataset-run.ts';
import type { ChangeLayout } from './parse-changes.ts';
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

/** Rows in the workbench's tables, as `stage-rows.ts` leaves them. */
export interface StagedSource {
  readonly mapping: RowMapping;
  readonly rowsRead: number;
  /** Rows that are no rows: whom they name, nobody can say. */
  readonly unreadableRows: number;
}

export interface BringInOptions {
  readonly workbench: Workbench;
  readonly dataFolder: string;
  readonly definitionVersion: number;
  readonly staged: StagedSource;
  /** One for each field of the mapping, ascending. */
  readonly fieldIds: readonly number[];
  /** `replace` where the source fills every field of the dataset: nothing of the old section needs to be read then. */
  readonly changeKind: ChangeLayout['kind'];
  readonly mode: SyncMode;
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void;
  readonly interrupted: AbortSignal;
  /** How far an incremental dataset is read when this run ends; `undefined`: stays as it is. */
  readonly watermark?: string | null | undefined;
}

export interface BroughtIn extends AppliedCounts, RejectionSummary {
  readonly rowsRead: number;
  readonly rejectionsPath: string | null;
  /** In mode snapshot: rows were unreadable, so that nothing was cleared. */
  readonly clearsWithheld: boolean;
}

/** What comparing takes of a run; a trial has no more. */
export interface ComparingRun {
  readonly reader: ContactReader;
  readonly snapshotId: string | undefined;
  readonly lease: Pick<RunLease, 'organizationId' | 'datasetId'>;
}

/** What comparing found. */
export interface ComparedRows {
  readonly scope: SnapshotScope;
  readonly hasSnapshot: boolean;
  /** Rows that the last run applied as they are. */
  readonly alike: number;
  /** Contacts, by their identities, that the source no longer names. */
  readonly vanished: number;
  /** Done when the table of good rows is. */
  readonly listed: Promise<void>;
}

/** Compares and writes nothing. Afterwards the workbench knows the changes (`changeQueries`) and the vanished (`vanishedChanges`). */
export async function compareStaged(
  run: ComparingRun,
  options: BringInOptions,
): Promise<ComparedRows> {
  const { workbench, mode } = options;
  const scope = await scopeOf(run, options);
  await defineKeyedDigest(workbench, scope);
  const hasSnapshot = await loadSnapshot(workbench, scope, run.snapshotId);
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
  if (mode === 'snapshot') await listed;
  const vanished = await countVanished(run, options, hasSnapshot);
  return { scope, hasSnapshot, alike, vanished, listed };
}

export async function applyCompared(
  run: DatasetRun,
  options: BringInOptions,
  compared: ComparedRows,
): Promise<BroughtIn> {
  const { workbench, staged, dataFolder, mode } = options;
  const { scope, alike } = compared;
  const cleared = compared.vanished === 0 ? 0 : await clearVanished(run, options);
  const applied = await apply(run, options, staged.rowsRead - alike);
  await compared.listed;
  await noteRefused(workbench);
  const id = randomUUID();
  const isCleared = mode === 'snapshot' && staged.unreadableRows === 0;
  await writeSnapshot(workbench, scope, { id, rowsSql: snapshotRowsSql(isCleared) });
  const rejections = await summarizeRejections(workbench);
  const path = rejectionsPath(dataFolder, run.id);
  if (rejections.rejected > 0) await writeRejections(workbench, path, rejections.rejected);
  await run.writer.flush();
  await run.writer.finishRun(run.lease, {
    snapshotId: id,
    asOfMs: run.startedAtMs,
    ...(options.watermark !== undefined && { watermark: options.watermark }),
  });
  await removeOtherSnapshots(scope, id);
  return {
    ...applied,
    cleared: applied.cleared + cleared,
    unchanged: applied.unchanged + alike,
    ...rejections,
    rowsRead: staged.rowsRead,
    rejectionsPath: rejections.rejected > 0 ? path : null,
    clearsWithheld: mode === 'snapshot' && staged.unreadableRows > 0,
  };
}

async function apply(
  run: DatasetRun,
  options: BringInOptions,
  total: number,
): Promise<AppliedCounts> {
  const { workbench, staged, fieldIds, changeKind, onProgress, interrupted } = options;
  return applyChanges(
    {
      workbench,
      writer: run.writer,
      lease: run.lease,
      interrupted,
      onProgress: (done) => onProgress(done, total),
    },
    {
      kind: changeKind,
      typeIds: staged.mapping.identifiers.map(({ identityType }) => identityType.id),
      fieldIds,
    },
  );
}

async function countVanished(
  { reader, lease }: ComparingRun,
  options: BringInOptions,
  hasSnapshot: boolean,
): Promise<number> {
  const { workbench, staged, mode } = options;
  // Whom an unreadable row names, nobody knows: then nobody counts as gone.
  if (mode !== 'snapshot' || staged.unreadableRows > 0) return 0;
  const { mapping } = staged;
  const { organizationId } = lease;
  return findVanished({ workbench, reader, organizationId, mapping, hasSnapshot });
}

async function clearVanished(
  { writer, lease }: DatasetRun,
  { workbench, staged, interrupted }: BringInOptions,
): Promise<number> {
  const counts = await applyClears(
    { workbench, writer, lease, interrupted, onProgress: () => undefined },
    vanishedChanges({ workbench, mapping: staged.mapping }),
  );
  return counts.cleared;
}

async function scopeOf(run: ComparingRun, options: BringInOptions): Promise<SnapshotScope> {
  const { organizationId, datasetId } = run.lease;
  return {
    dataFolder: options.dataFolder,
    organizationId,
    datasetId,
    definitionVersion: options.definitionVersion,
    storeId: await run.reader.storeId(),
  };
}
