/**
 * From staged rows to the store: compare with the baseline of the last applied run, apply what
 * changed, name the new baseline, sum up. What it was doing when it dies does not matter: each row
 * is applied whole or not at all, the baseline is named last, and the next run brings in what this
 * one did not.
 */
import { randomUUID } from 'node:crypto';
import type { SyncMode } from '../../domain/dataset/dataset-definition.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { ContactReader } from '../../stores/store.ts';
import {
  type BaselineForm,
  type BaselinePlace,
  formOf,
  type LoadedState,
  loadState,
  removeOtherBaselines,
  writeBaseline,
} from '../compare/baseline.ts';
import {
  baselineRows,
  changedParts,
  listGoodRows,
  listStandIns,
  noStandIns,
} from '../compare/compare-rows.ts';
import { listOtherClaims } from '../compare/list-other-claims.ts';
import { findHits, settleAll, settleRepeats } from '../compare/settle-repeats.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { signatureOf } from '../stage/defined-mapping.ts';
import type { FeedLayout } from '../stage/open-parser.ts';
import type { ChangeLayout } from '../stage/parse-changes.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import {
  type AppliedCounts,
  applyChanges,
  applyWithoutValues,
  makeRefused,
} from './apply-changes.ts';
import { findGoneContacts, findGoneRows, findNoneGone, vanishedChanges } from './clear-vanished.ts';
import { agingChanges, findAged, findNoneAged } from './keep-ages.ts';
import { noteRefused, type ReportedRejections, reportRejections } from './rejections-file.ts';

export interface BringInOptions {
  readonly workbench: Workbench;
  readonly dataFolder: string;
  readonly staged: StagedSource;
  /** One for each field of the mapping, ascending. */
  readonly fieldIds: readonly number[];
  /**
   * `replace` where the source fills every field of the dataset: nothing of the old section needs
   * to be read then.
   */
  readonly changeKind: ChangeLayout['kind'];
  readonly mode: SyncMode;
  /** Whether a contact has one row; rows of a membership feed are many. */
  readonly isRowPerContact: boolean;
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void;
  readonly interrupted: AbortSignal;
  /** Of the kind `membership`. */
  readonly feed?: FeedLayout;
  /** How far an incremental dataset is read when this run ends; `undefined`: stays as it is. */
  readonly watermark?: string | null | undefined;
}

export interface BroughtIn extends AppliedCounts, ReportedRejections {
  readonly rowsRead: number;
  /** In mode snapshot: rows were unreadable, so that nothing was cleared. */
  readonly clearsWithheld: boolean;
}

/** What comparing takes of a run; a trial has no more. */
export interface ComparingRun {
  readonly reader: ContactReader;
  readonly baselineId: string | undefined;
  readonly lease: Pick<RunLease, 'organizationId' | 'datasetId'>;
}

/** What comparing found. */
export interface ComparedRows {
  readonly place: BaselinePlace;
  readonly form: BaselineForm;
  readonly loaded: LoadedState | undefined;
  /** Rows that the last run applied as they are. */
  readonly alike: number;
  /**
   * Contacts, by an identity, that the source no longer names; when it is known, they can be told
   * (`vanishedChanges`).
   */
  readonly vanished: Promise<number>;
  /** Done when the table of good rows is. */
  readonly listed: Promise<void>;
}

/** The baseline that a run of a dataset compares with. */
export async function baselinePlaceOf(
  { reader, baselineId, lease }: ComparingRun,
  dataFolder: string,
): Promise<BaselinePlace> {
  const { organizationId, datasetId } = lease;
  const storeId = await reader.storeId();
  return { dataFolder, organizationId, datasetId, storeId, baselineId };
}

/**
 * Says which staged rows count, and so which are rejected, as far as that is known before anything
 * is written. Needs no lease.
 * @returns how many rows are as the last run applied them, and count
 */
export async function settleStaged(
  reader: ContactReader,
  organizationId: number,
  options: Pick<BringInOptions, 'workbench' | 'staged' | 'isRowPerContact'>,
): Promise<number> {
  const { workbench, staged, isRowPerContact } = options;
  const { mapping } = staged;
  if (isRowPerContact) await listOtherClaims(workbench, { reader, organizationId, mapping });
  const hasBefore = staged.before?.loaded !== undefined;
  return (isRowPerContact ? settleRepeats : settleAll)(workbench, { ...staged, hasBefore });
}

/**
 * Compares settled rows, and writes nothing. Afterwards the workbench knows the changes
 * (`changedParts`).
 */
export async function compareSettled(
  run: ComparingRun,
  options: BringInOptions,
  alike: number,
): Promise<ComparedRows> {
  const { workbench, staged, dataFolder, fieldIds, isRowPerContact } = options;
  const { mapping } = staged;
  const place = await baselinePlaceOf(run, dataFolder);
  const form = formOf(mapping, signatureOf(mapping, fieldIds));
  let loaded = staged.before?.loaded;
  if (staged.before === undefined) {
    // What was staged before its dataset was there met no baseline, and all of it is sent.
    loaded = await loadState(workbench, place, form);
    if (isRowPerContact && loaded !== undefined) await findHits(workbench);
  }
  await makeRefused(workbench);
  await findNoneAged(workbench);
  const listed = listGoodRows(workbench, mapping);
  const vanished = await beginFindingVanished(run, options, loaded);
  // Whoever waits for them meets their failure.
  listed.catch(() => undefined);
  vanished.found.catch(() => undefined);
  return { place, form, loaded, alike, vanished: vanished.found, listed };
}

export async function applyCompared(
  run: DatasetRun,
  options: BringInOptions,
  compared: ComparedRows,
): Promise<BroughtIn> {
  const { workbench, staged, dataFolder } = options;
  const { place, alike } = compared;
  const hadNone = await hasNoSections(run);
  const cleared = (await compared.vanished) === 0 ? 0 : await clearVanished(run, options);
  await compared.listed;
  await findAgedContacts(run, options);
  // Nearly always nothing is refused: then what the sections will reflect is known before they do,
  // and the engine has time to write it.
  const expected = nameBaseline(options, compared, hadNone);
  expected.catch(() => undefined);
  const applied = await apply(run, options, staged.rowsRead - alike);
  const expectedId = await expected;
  const isAsExpected = (await noteRefused(workbench, staged.numberRows)) === 0;
  if (!isAsExpected) await findAgedContacts(run, options);
  const baselineId = isAsExpected ? expectedId : await nameBaseline(options, compared, hadNone);
  await keepAges(run, options);
  const rejections = await reportRejections(workbench, { dataFolder, runId: run.id });
  await run.writer.flush();
  await run.writer.finishRun(run.lease, {
    baselineId,
    asOfMs: run.startedAtMs,
    ...(options.watermark !== undefined && { watermark: options.watermark }),
  });
  await removeOtherBaselines(place, baselineId);
  return {
    ...applied,
    cleared: applied.cleared + cleared,
    unchanged: applied.unchanged + alike,
    ...rejections,
    rowsRead: staged.rowsRead,
    clearsWithheld: options.mode === 'snapshot' && staged.unreadableRows > 0,
  };
}

/**
 * The baseline of what the sections reflect now: the one before, where nothing of it changed, else
 * a new one.
 */
async function nameBaseline(
  options: BringInOptions,
  { place, form, loaded }: ComparedRows,
  hadNone: boolean,
): Promise<string> {
  const { workbench, staged, isRowPerContact } = options;
  const isCleared = mayClear(options);
  const { mapping } = staged;
  const applied = await baselineRows(workbench, { mapping, isRowPerContact, isCleared });
  const wasComplete = hadNone || loaded?.isComplete === true;
  // Contacts whose rows could not be used keep what they had: where no baseline says so already,
  // this one must.
  const standIns = isCleared && !wasComplete ? await listStandIns(workbench, mapping) : noStandIns;
  const isComplete = wasComplete || (isCleared && standIns.isComplete);
  const isSame = applied.isSame && loaded?.isComparable === true;
  if (isSame && loaded.isComplete === isComplete) return loaded.id;
  const id = randomUUID();
  const { keptSql } = applied;
  const freshSql = applied.freshSql + standIns.sql;
  await writeBaseline(workbench, place, { id, keptSql, freshSql, form, isComplete });
  return id;
}

/** Whether the dataset fills nothing yet: then what this run applies is all there is. */
async function hasNoSections({ reader, lease }: DatasetRun): Promise<boolean> {
  const { sections } = await reader.datasetCounts(lease.organizationId, lease.datasetId);
  return sections === 0;
}

/** Whom an unreadable row names, nobody knows: then nobody counts as gone. */
function mayClear({ mode, staged }: BringInOptions): boolean {
  return mode === 'snapshot' && staged.unreadableRows === 0;
}

async function apply(
  run: DatasetRun,
  options: BringInOptions,
  total: number,
): Promise<AppliedCounts> {
  const { workbench, staged, fieldIds, changeKind, onProgress, interrupted, feed } = options;
  return applyChanges(
    {
      workbench,
      writer: run.writer,
      lease: run.lease,
      interrupted,
      onProgress: (done) => onProgress(done, total),
      ...(feed !== undefined && { feed }),
    },
    {
      kind: changeKind,
      typeIds: staged.mapping.identifiers.map(({ identityType }) => identityType.id),
      fieldIds,
    },
    changedParts(workbench, staged.parts, { areNumbered: feed !== undefined }),
  );
}

/** Resolves when others may go on: with a baseline that tells all, while the engine still looks. */
async function beginFindingVanished(
  { reader, lease }: ComparingRun,
  options: BringInOptions,
  loaded: LoadedState | undefined,
): Promise<{ readonly found: Promise<number> }> {
  const { workbench, staged } = options;
  const { mapping } = staged;
  await findNoneGone(workbench);
  if (!mayClear(options)) return { found: Promise.resolve(0) };
  const { organizationId, datasetId } = lease;
  if (loaded?.isComplete === true) {
    return { found: workbench.beside((statements) => findGoneRows(statements, mapping)) };
  }
  const { sections } = await reader.datasetCounts(organizationId, datasetId);
  const known = { reader, organizationId, mapping };
  const gone = sections === 0 ? 0 : await findGoneContacts(workbench, known);
  return { found: Promise.resolve(gone) };
}

/** Of feeds there is no section whose age could be kept. */
async function findAgedContacts(
  { reader, lease }: DatasetRun,
  { workbench, staged, isRowPerContact }: BringInOptions,
): Promise<void> {
  if (!isRowPerContact) return;
  const { organizationId, datasetId } = lease;
  await findAged(workbench, { reader, organizationId, datasetId, mapping: staged.mapping });
}

/** After the rows that count: a contact that one of them wrote is as fresh as the run. */
async function keepAges(
  { writer, lease }: DatasetRun,
  { workbench, interrupted }: BringInOptions,
): Promise<void> {
  await applyWithoutValues(
    { workbench, writer, lease, interrupted, onProgress: () => undefined },
    agingChanges(workbench),
  );
}

async function clearVanished(
  { writer, lease }: DatasetRun,
  { workbench, interrupted }: BringInOptions,
): Promise<number> {
  const counts = await applyWithoutValues(
    { workbench, writer, lease, interrupted, onProgress: () => undefined },
    vanishedChanges(workbench),
  );
  return counts.cleared;
}
