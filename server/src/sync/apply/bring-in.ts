/**
 * Compares staged rows with the baseline and applies what changed. A run may die anywhere: a row is
 * applied as a whole or not at all, the store gets the new baseline's id last, and the next run
 * applies the rest.
 */
import { randomUUID } from 'node:crypto';
import type { SyncMode } from '../../domain/dataset/dataset-definition.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { ContactReader } from '../../stores/store.ts';
import {
  type Baseline,
  type BaselinePlace,
  formOf,
  loadBaseline,
  removeOtherBaselines,
  writeBaseline,
} from '../compare/baseline.ts';
import {
  type AppliedTables,
  baselineRowsAfter,
  type ContactTables,
  listSentRows,
  listStandIns,
  noStandIns,
} from '../compare/compare-rows.ts';
import { findMatches, type SettledRows, type SettledTables } from '../compare/settle-repeats.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { changeBatches, type StagedChanges } from '../stage/change-batches.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import { readClaims } from '../table/table-rows.ts';
import { makeEmpty, type Tables } from '../table/tables.ts';
import { type AppliedCounts, applyChanges, changesOfClaims } from './apply-changes.ts';
import { findVanishedContacts, findVanishedRows } from './find-vanished.ts';
import { type AgedTables, findAged } from './keep-ages.ts';
import { noteRefused, type ReportedRejections, reportRejections } from './rejections-file.ts';

export interface BringInOptions extends StagedChanges {
  readonly workbench: Workbench;
  readonly dataFolder: string;
  readonly staged: StagedSource;
  readonly mode: SyncMode;
  /** Whether a contact has one row; in a membership feed it may have many. */
  readonly isRowPerContact: boolean;
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void;
  readonly interrupted: AbortSignal;
  /** The watermark to store when this run ends; `undefined`: it stays as it is. */
  readonly watermark?: string | null | undefined;
}

export interface BroughtIn extends AppliedCounts, ReportedRejections {
  readonly rowsRead: number;
  /** Whether in mode `snapshot` nothing was cleared, because some rows were unreadable. */
  readonly clearsWithheld: boolean;
}

/** What a comparison needs from a run; a trial has only this. */
export interface ComparingRun {
  readonly reader: ContactReader;
  readonly baselineId: string | undefined;
  readonly lease: Pick<RunLease, 'organizationId' | 'datasetId'>;
}

export interface ComparedRows {
  readonly baseline: Baseline;
  readonly alike: number;
  readonly tables: SettledRows['tables'] & Baseline['tables'] & Tables<'refusedRows'>;
  readonly contacts: (SettledTables & Baseline['tables']) | undefined;
  /** Contacts that the source no longer names. */
  readonly vanished: Promise<Tables<'vanishedContacts'>>;
  readonly sent: Promise<Tables<'sentRows'>>;
}

export async function baselinePlaceOf(
  { reader, baselineId, lease }: ComparingRun,
  dataFolder: string,
): Promise<BaselinePlace> {
  const { organizationId, datasetId } = lease;
  const storeId = await reader.storeId();
  return { dataFolder, organizationId, datasetId, storeId, baselineId };
}

/** Compares settled rows. Writes nothing. */
export async function compareSettled(
  run: ComparingRun,
  options: BringInOptions,
  settled: SettledRows,
): Promise<ComparedRows> {
  const { workbench, staged, dataFolder, fieldIds } = options;
  const { mapping, before } = staged;
  const { alike } = settled;
  // Rows that were staged before their dataset existed were not compared with a baseline: all are
  // sent.
  const place = await baselinePlaceOf(run, dataFolder);
  const baseline = before ?? (await loadBaseline(workbench, place, formOf(mapping, fieldIds)));
  let contacts = settled.contacts && { ...settled.contacts, ...baseline.tables };
  if (before === undefined && baseline.loaded !== undefined && contacts !== undefined) {
    contacts = { ...contacts, ...(await findMatches(workbench, contacts)) };
  }
  const refused = await makeEmpty(workbench, ['refusedRows']);
  const tables = { ...settled.tables, ...baseline.tables, ...refused };
  const sent = listSentRows(workbench, tables, mapping);
  const vanished = findVanished(run, options, {
    baseline,
    tables: contacts && { ...tables, ...contacts },
  });
  // Prevents unhandled rejections; callers that await them still get the errors.
  sent.catch(() => undefined);
  vanished.catch(() => undefined);
  // With a complete baseline the engine finds vanished contacts while the next steps run.
  if (baseline.loaded?.isComplete !== true) await vanished;
  return { baseline, alike, tables, contacts, vanished, sent };
}

async function findVanished(
  { reader, lease }: ComparingRun,
  options: BringInOptions,
  found: {
    readonly baseline: Baseline;
    readonly tables: (ComparedRows['tables'] & SettledTables) | undefined;
  },
): Promise<Tables<'vanishedContacts'>> {
  const { workbench, staged } = options;
  const { mapping } = staged;
  const { organizationId, datasetId } = lease;
  const { baseline, tables } = found;
  if (mayClear(options) && tables !== undefined) {
    if (baseline.loaded?.isComplete === true) {
      return workbench.beside((statements) => findVanishedRows(statements, tables, mapping));
    }
    const { sections } = await reader.datasetCounts(organizationId, datasetId);
    const known = { reader, organizationId, mapping };
    if (sections > 0) return findVanishedContacts(workbench, tables, known);
  }
  return makeEmpty(workbench, ['vanishedContacts']);
}

/**
 * Whether contacts may be cleared. An unreadable row may belong to any contact, so if there is one,
 * no contact counts as vanished.
 */
function mayClear({ mode, staged }: BringInOptions): boolean {
  return mode === 'snapshot' && staged.unreadableRows === 0;
}

export async function applyCompared(
  run: DatasetRun,
  options: BringInOptions,
  compared: ComparedRows,
): Promise<BroughtIn> {
  const { workbench, staged, dataFolder, interrupted, onProgress, watermark } = options;
  const { alike } = compared;
  const { writer, lease } = run;
  const hadNone = await hasNoSections(run);
  const sending = { workbench, interrupted, writer, lease, tables: compared.tables };
  const vanished = await compared.vanished;
  const gone = readClaims(workbench, vanished.vanishedContacts);
  const { cleared } = await applyChanges(sending, changesOfClaims('clear', gone));
  const contacts = compared.contacts && { ...compared.contacts, ...vanished };
  const tables = { ...compared.tables, ...(await compared.sent) };
  const before = { tables, contacts, hadNone };
  const aged = await findAgedContacts(run, options, before);
  // The store nearly always refuses nothing: then the baseline can be written while rows are
  // applied.
  const expected = nameBaseline(options, compared.baseline, { ...before, aged });
  expected.catch(() => undefined);
  const batches = changeBatches(workbench, tables, options);
  const applied = await applyChanges(sending, batches, (done) =>
    onProgress(done, staged.rowsRead - alike),
  );
  const expectedId = await expected;
  const isAsExpected = (await noteRefused(workbench, tables, staged.numberRows)) === 0;
  const after = isAsExpected ? aged : await findAgedContacts(run, options, before);
  const baselineId = isAsExpected
    ? expectedId
    : await nameBaseline(options, compared.baseline, { ...before, aged: after });
  // Sent after the rows that count: a contact that one of these rows wrote is as fresh as the run.
  const aging = readClaims(workbench, after.agingContacts);
  await applyChanges(sending, changesOfClaims('keep-age', aging));
  const rejections = await reportRejections(workbench, tables, { dataFolder, runId: run.id });
  await writer.flush();
  await writer.finishRun(lease, {
    baselineId,
    asOfMs: run.startedAtMs,
    ...(watermark !== undefined && { watermark }),
  });
  await removeOtherBaselines(compared.baseline.place, baselineId);
  return {
    ...applied,
    cleared: applied.cleared + cleared,
    unchanged: applied.unchanged + alike,
    ...rejections,
    rowsRead: staged.rowsRead,
    clearsWithheld: options.mode === 'snapshot' && staged.unreadableRows > 0,
  };
}

/** What is known when rows are applied. */
interface Applying {
  readonly tables: ComparedRows['tables'] & Tables<'sentRows'>;
  readonly contacts: (ContactTables & Baseline['tables']) | undefined;
  /**
   * Whether the dataset filled nothing before the run: then it fills exactly what the run applies.
   */
  readonly hadNone: boolean;
}

async function hasNoSections({ reader, lease }: DatasetRun): Promise<boolean> {
  const { sections } = await reader.datasetCounts(lease.organizationId, lease.datasetId);
  return sections === 0;
}

function findAgedContacts(
  { reader, lease: { organizationId, datasetId } }: DatasetRun,
  { workbench, staged: { mapping } }: BringInOptions,
  { tables, contacts }: Applying,
): Promise<AgedTables> {
  return findAged(workbench, tables, contacts, { reader, organizationId, datasetId, mapping });
}

/**
 * Keeps the old baseline if nothing changed, else writes a new one.
 * @returns its id
 */
async function nameBaseline(
  options: BringInOptions,
  baseline: Baseline,
  { contacts, hadNone, ...known }: Applying & { readonly aged: AgedTables },
): Promise<string> {
  const { workbench, staged } = options;
  const { loaded } = baseline;
  const { mapping } = staged;
  const isCleared = mayClear(options);
  const tables: AppliedTables = { ...known.tables, ...known.aged };
  const rows = await baselineRowsAfter(workbench, { mapping, tables, contacts, isCleared });
  const wasComplete = hadNone || loaded?.isComplete === true;
  // Contacts with unusable rows keep their values, so the new baseline must hold them. These are
  // the ones that it would lack.
  const standIns =
    isCleared && !wasComplete && contacts !== undefined
      ? await listStandIns(workbench, { ...tables, ...contacts, ...rows.tables }, mapping)
      : noStandIns;
  const isComplete = wasComplete || (isCleared && standIns.isComplete);
  const isSame = rows.isSame && loaded?.isComparable === true;
  if (isSame && loaded.isComplete === isComplete) return loaded.id;
  const id = randomUUID();
  const { keptSql } = rows;
  const freshSql = rows.freshSql + standIns.sql;
  await writeBaseline(workbench, baseline, { id, keptSql, freshSql, isComplete });
  return id;
}
