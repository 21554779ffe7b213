/**
 * Compares staged rows with the baseline and applies what changed. A run may die anywhere: a row is
 * applied as a whole or not at all, the store gets the new baseline's id last, and the next run
 * applies the rest.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { IdentityRules } from '../../domain/contact/identity-rules.ts';
import { typeNamesOf } from '../../domain/contact/identity-type.ts';
import type { SyncMode } from '../../domain/dataset/dataset-definition.ts';
import type { PeopleCounts } from '../../domain/dataset/people-counts.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { keeping } from '../../stores/kept-words.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { ContactReader } from '../../stores/store.ts';
import {
  type Baseline,
  type BaselinePlace,
  formOf,
  loadBaseline,
  prepareBaseline,
  removeOtherBaselines,
} from '../compare/baseline.ts';
import {
  type AppliedTables,
  baselineRowsAfter,
  type KeyedTables,
  listSentRows,
  listStandIns,
} from '../compare/compare-rows.ts';
import { isAllApplied, noSource, noteSource } from '../compare/same-source.ts';
import { findMatches, type SettledRows, type SettledTables } from '../compare/settle-repeats.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { changeBatches, type StagedChanges } from '../stage/change-batches.ts';
import type { ChangeBatch } from '../stage/parse-changes.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import { readKeys } from '../table/table-rows.ts';
import { makeEmpty, type Tables } from '../table/tables.ts';
import { type AppliedCounts, applyChanges, changesOfKeys } from './apply-changes.ts';
import { findVanishedInBaseline, findVanishedInStore } from './find-vanished.ts';
import { gatherRows, type RowGroups } from './gather-rows.ts';
import { findAging, withoutKept } from './keep-ages.ts';
import { reportRefusedClaims } from './refused-claims-file.ts';
import { noteRefused, type ReportedRejections, reportRejections } from './rejections-file.ts';
import { askForPeople } from './report-people.ts';
import { sortJoins } from './sort-joins.ts';

export interface BringInOptions extends StagedChanges {
  readonly workbench: Workbench;
  readonly dataFolder: string;
  readonly staged: StagedSource;
  readonly mode: SyncMode;
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void;
  readonly interrupted: AbortSignal;
  /** The watermark to store when this run ends; `undefined`: it stays as it is. */
  readonly watermark?: string | null | undefined;
  /** Rows to send one after the other. */
  readonly rowGroups: RowGroups;
}

export interface BroughtIn extends AppliedCounts, ReportedRejections {
  readonly rowsRead: number;
  readonly people: PeopleCounts;
  /** `null` if every claim has an effect. */
  readonly refusedClaimsPath: string | null;
  /** Whether in mode `snapshot` nothing was cleared, because some rows were unreadable. */
  readonly clearsWithheld: boolean;
}

/** What a comparison needs from a run; a trial has only this. */
export interface ComparingRun {
  readonly reader: ContactReader;
  readonly baselineId: string | undefined;
  readonly lease: Pick<RunLease, 'organizationId' | 'datasetId'>;
  readonly rules: IdentityRules;
}

export interface ComparedRows {
  readonly baseline: Baseline;
  readonly alike: number;
  readonly tables: SettledRows['tables'] &
    Baseline['tables'] &
    Tables<'refusedRows' | 'refusedClaims'>;
  /** `undefined` if a key has many rows, and all of them count. */
  readonly keyed: (SettledTables & Baseline['tables']) | undefined;
  /** Rows that the source no longer has. */
  readonly vanished: Promise<Tables<'vanishedRows'>>;
  readonly sent: Promise<Tables<'sentRows'>>;
}

export async function baselinePlaceOf(
  { reader, baselineId, lease, rules }: ComparingRun,
  dataFolder: string,
): Promise<BaselinePlace> {
  const { organizationId, datasetId } = lease;
  const storeId = await reader.storeId();
  return { dataFolder, organizationId, datasetId, storeId, rules, baselineId };
}

/** Compares settled rows. Writes nothing. */
export async function compareSettled(
  run: ComparingRun,
  options: Omit<BringInOptions, 'rowGroups'>,
  settled: SettledRows,
): Promise<ComparedRows> {
  const { workbench, staged, dataFolder, fieldIds } = options;
  const { mapping, before } = staged;
  const { alike } = settled;
  // Rows that were staged before their dataset existed were not compared with a baseline: all are
  // sent.
  const place = await baselinePlaceOf(run, dataFolder);
  const baseline = before ?? (await loadBaseline(workbench, place, formOf(mapping, fieldIds)));
  let keyed = settled.keyed && { ...settled.keyed, ...baseline.tables };
  if (before === undefined && baseline.loaded !== undefined && keyed !== undefined) {
    keyed = { ...keyed, ...(await findMatches(workbench, { ...settled.tables, ...keyed })) };
  }
  const refused = await makeEmpty(workbench, ['refusedRows', 'refusedClaims']);
  const tables = { ...settled.tables, ...baseline.tables, ...refused };
  const sent = listSentRows(workbench, tables, staged);
  const vanished = findVanished(run, options, {
    baseline,
    tables: keyed && { ...tables, ...keyed },
  });
  // Prevents unhandled rejections; callers that await them still get the errors.
  sent.catch(() => undefined);
  vanished.catch(() => undefined);
  // With a complete baseline the engine finds vanished rows while the next steps run.
  if (baseline.loaded?.isComplete !== true) await vanished;
  return { baseline, alike, tables, keyed, vanished, sent };
}

async function findVanished(
  run: ComparingRun,
  options: Omit<BringInOptions, 'rowGroups'>,
  found: {
    readonly baseline: Baseline;
    readonly tables: (ComparedRows['tables'] & SettledTables) | undefined;
  },
): Promise<Tables<'vanishedRows'>> {
  const { workbench, staged } = options;
  const { baseline, tables } = found;
  const isComplete = baseline.loaded?.isComplete === true;
  const mayVanish = mayClear(options) && (isComplete || !(await hasNoRows(run, staged)));
  if (!mayVanish || tables === undefined) return makeEmpty(workbench, ['vanishedRows']);
  if (isComplete) {
    return workbench.beside((statements) => findVanishedInBaseline(statements, tables));
  }
  return findVanishedInStore(workbench, tables, { ...run.lease, reader: run.reader, staged });
}

/**
 * Whether rows may be cleared. An unreadable row may be any of them, so if there is one, no row
 * counts as vanished.
 */
function mayClear({ mode, staged }: Pick<BringInOptions, 'mode' | 'staged'>): boolean {
  return mode === 'snapshot' && staged.unreadableRows === 0;
}

function rowsToSend(
  tables: Tables<'unsentRows'>,
  options: BringInOptions,
): AsyncIterable<ChangeBatch> {
  const { workbench, changeKind } = options;
  const batches = changeBatches(workbench, tables, options);
  return changeKind === 'identity'
    ? sortJoins(batches, join(workbench.folder, 'sorted.parts'))
    : batches;
}

/** What is true of a run that fails from its first batch on. */
const appliedStays = 'What the run applied stays, and the next run applies the rest.';

export function applyCompared(
  run: DatasetRun,
  options: BringInOptions,
  compared: ComparedRows,
): Promise<BroughtIn> {
  return keeping(appliedStays, () => applyAndFinish(run, options, compared));
}

async function applyAndFinish(
  run: DatasetRun,
  options: BringInOptions,
  compared: ComparedRows,
): Promise<BroughtIn> {
  const { workbench, staged, dataFolder, interrupted, onProgress, watermark } = options;
  const { alike } = compared;
  const { writer, lease } = run;
  const hadNone = await hasNoRows(run, staged);
  const sending = { workbench, interrupted, writer, lease, tables: compared.tables };
  const vanished = await compared.vanished;
  const keyed = compared.keyed && { ...compared.keyed, ...vanished };
  // The store nearly always refuses nothing: then the baseline can be written while rows are
  // applied. The queries before it may need much memory, and so do batches under way: never both at
  // once.
  const expected = await expectBaseline(options, compared, { keyed, hadNone });
  const writing = expected.baseline.write();
  writing.catch(() => undefined);
  const gone = readKeys(workbench, vanished.vanishedRows);
  const { cleared } = await applyChanges(sending, changesOfKeys('clear', gone));
  const batches = gatherRows(rowsToSend(compared.tables, options), options.rowGroups);
  const applied = await applyChanges(sending, batches, (done) =>
    onProgress(done, staged.rowsRead - alike),
  );
  await writing;
  const { tables } = expected;
  const isAsExpected = (await noteRefused(workbench, tables, staged.numberRows)) === 0;
  const { aging, baseline } = isAsExpected
    ? expected
    : await nextBaseline(options, compared.baseline, { tables, keyed, hadNone });
  if (!isAsExpected) await baseline.write();
  // Sent last: a row that this run wrote is as fresh as the run.
  const rejected = withoutKept(run, readKeys(workbench, aging.agingKeys));
  await applyChanges(sending, changesOfKeys('keep-age', rejected));
  const place = { dataFolder, runId: run.id };
  const reported = {
    ...(await reportRejections(workbench, tables, place)),
    ...(await reportPeople(run, options, tables)),
  };
  await writer.flush();
  await writer.finishRun(lease, {
    baselineId: baseline.id,
    asOfMs: run.startedAtMs,
    ...(watermark !== undefined && { watermark }),
  });
  await removeOtherBaselines(compared.baseline.place, baseline.id);
  return {
    ...applied,
    cleared: applied.cleared + cleared,
    unchanged: applied.unchanged + alike,
    ...reported,
    rowsRead: staged.rowsRead,
    clearsWithheld: options.mode === 'snapshot' && staged.unreadableRows > 0,
  };
}

async function reportPeople(
  run: DatasetRun,
  { workbench, staged, dataFolder }: BringInOptions,
  tables: ComparedRows['tables'],
): Promise<Pick<BroughtIn, 'people' | 'refusedClaimsPath'>> {
  // The run may have made a type for its key.
  const own = typeNamesOf(staged.mapping.identifiers.map(({ identityType }) => identityType));
  const typeNames = new Map([...own, ...run.typeNames]);
  const { movedOften, ...people } = await askForPeople(run, workbench, tables);
  const total = Object.values(people.refusedClaims).reduce((sum, count) => sum + count, 0);
  const place = { dataFolder, runId: run.id };
  const refusedClaimsPath = await reportRefusedClaims(workbench, tables, {
    ...{ staged, typeNames, total },
    ...place,
  });
  const often = movedOften.map(([id, count]) => [typeNames.get(id) ?? `${id}`, count]);
  return {
    people: {
      ...people,
      movedOften: Object.fromEntries(often) as Record<string, number>,
    },
    refusedClaimsPath,
  };
}

/** What is known when rows are applied. */
interface Applying {
  readonly tables: ComparedRows['tables'] & Tables<'sentRows'>;
  readonly keyed: (KeyedTables & Baseline['tables']) | undefined;
  /** Whether the dataset had no row before the run: then it has exactly those of the run. */
  readonly hadNone: boolean;
}

async function hasNoRows(
  { reader, lease }: ComparingRun,
  { repeats }: StagedSource,
): Promise<boolean> {
  const { sections } = await reader.datasetCounts(lease.organizationId, lease.datasetId);
  if (sections > 0) return false;
  // Rows that add up have no section, so they are not counted.
  if (repeats !== 'added') return true;
  for await (const _ of reader.scanRows(lease.organizationId, lease.datasetId)) return false;
  return true;
}

/** The baseline if the store refuses no row. */
async function expectBaseline(
  options: BringInOptions,
  { tables: compared, sent, baseline }: ComparedRows,
  known: Pick<Applying, 'keyed' | 'hadNone'>,
) {
  const tables = { ...compared, ...(await sent) };
  return { tables, ...(await nextBaseline(options, baseline, { ...known, tables })) };
}

interface NextBaseline {
  readonly id: string;
  readonly write: () => Promise<void>;
}

/** Keeps the old baseline if nothing changed, else prepares a new one. */
async function nextBaseline(
  options: BringInOptions,
  baseline: Baseline,
  { keyed, hadNone, tables: known }: Applying,
): Promise<{ readonly aging: Tables<'agingKeys'>; readonly baseline: NextBaseline }> {
  const { workbench } = options;
  const { loaded } = baseline;
  const aging = await findAging(workbench, known, keyed);
  const isCleared = mayClear(options);
  const tables: AppliedTables = { ...known, ...aging };
  const rows = await baselineRowsAfter(workbench, { tables, keyed, isCleared });
  const wasComplete = hadNone || loaded?.isComplete === true;
  // Rows that the source has only unusable keep their values, so the new baseline must hold them.
  // These are the ones that it would lack.
  const standIns =
    isCleared && !wasComplete && keyed !== undefined
      ? await listStandIns(workbench, { ...tables, ...keyed, ...rows.tables })
      : '';
  const isComplete = wasComplete || isCleared;
  const isSame = rows.isSame && loaded?.isComparable === true;
  if (isSame && loaded.isComplete === isComplete) {
    return { aging, baseline: { id: loaded.id, write: async () => undefined } };
  }
  const id = randomUUID();
  const { keptSql } = rows;
  const freshSql = rows.freshSql + standIns;
  const source = await sourceOf(options, baseline, keyed && known);
  const content = { id, keptSql, freshSql, isComplete, source };
  return { aging, baseline: { id, write: await prepareBaseline(workbench, baseline, content) } };
}

/** @param keyed `undefined` if a key has many rows: then the baseline has equal rows once */
async function sourceOf(
  { workbench, staged: { source, rowsRead } }: BringInOptions,
  { place }: Baseline,
  keyed: Applying['tables'] | undefined,
): Promise<string> {
  if (source === undefined || keyed === undefined) return noSource;
  return (await isAllApplied(workbench, keyed)) ? noteSource(place, source, rowsRead) : noSource;
}
