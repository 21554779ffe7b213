/**
 * Compares staged rows with the baseline and applies what changed. A run may die anywhere: a row is
 * applied whole or not at all, the baseline is named last, and the next run brings in the rest.
 */
import { randomUUID } from 'node:crypto';
import type { SyncMode } from '../../domain/dataset/dataset-definition.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { ContactReader } from '../../stores/store.ts';
import {
  type Baseline,
  type BaselineForm,
  type BaselinePlace,
  formOf,
  loadBaseline,
  removeOtherBaselines,
  startWithoutBaseline,
  type UnkeyedTables,
  writeBaseline,
} from '../compare/baseline.ts';
import {
  type AppliedTables,
  baselineRowsAfter,
  type ContactTables,
  changedParts,
  listSentRows,
  listStandIns,
  noStandIns,
} from '../compare/compare-rows.ts';
import { listOtherClaims } from '../compare/list-other-claims.ts';
import {
  findMatches,
  type SettledTables,
  settleAll,
  settleRepeats,
} from '../compare/settle-repeats.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { signatureOf } from '../stage/defined-mapping.ts';
import type { FeedLayout } from '../stage/open-parser.ts';
import type { ChangeLayout } from '../stage/parse-changes.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import type { Tables } from '../table/tables.ts';
import {
  type AppliedCounts,
  type ApplyOptions,
  applyChanges,
  applyToClaims,
  makeRefused,
} from './apply-changes.ts';
import {
  findNoneVanished,
  findVanishedContacts,
  findVanishedRows,
  type Vanished,
  vanishedClaims,
} from './find-vanished.ts';
import { type AgedTables, agingClaims, findAged, findNoneAged } from './keep-ages.ts';
import { noteRefused, type ReportedRejections, reportRejections } from './rejections-file.ts';

export interface BringInOptions {
  readonly workbench: Workbench;
  readonly dataFolder: string;
  readonly staged: StagedSource;
  /** One for each field of the mapping, ascending. */
  readonly fieldIds: readonly number[];
  /** `replace` if the source fills every field: nothing of the old section needs to be read. */
  readonly changeKind: ChangeLayout['kind'];
  readonly mode: SyncMode;
  /** Whether a contact has one row; in a membership feed it may have many. */
  readonly isRowPerContact: boolean;
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void;
  readonly interrupted: AbortSignal;
  /** Of the kind `membership`. */
  readonly feed?: FeedLayout;
  /** The watermark when this run ends; `undefined`: it stays as it is. */
  readonly watermark?: string | null | undefined;
}

export interface BroughtIn extends AppliedCounts, ReportedRejections {
  readonly rowsRead: number;
  /** In mode `snapshot`: some rows were unreadable, so nothing was cleared. */
  readonly clearsWithheld: boolean;
}

/** What comparing needs of a run; a trial has only this. */
export interface ComparingRun {
  readonly reader: ContactReader;
  readonly baselineId: string | undefined;
  readonly lease: Pick<RunLease, 'organizationId' | 'datasetId'>;
}

/** Rows after it was decided which of them count. */
export interface SettledRows {
  readonly tables: StagedSource['tables'] & Tables<'unsentRows' | 'knownBaselineRows'>;
  /** `undefined`: a contact has many rows, and all of them count. */
  readonly contacts: (SettledTables & UnkeyedTables) | undefined;
  /** Rows that count and are as the last run applied them. */
  readonly alike: number;
}

export interface ComparedRows {
  readonly place: BaselinePlace;
  readonly form: BaselineForm;
  readonly baseline: Baseline;
  readonly alike: number;
  readonly tables: SettledRows['tables'] & Omit<AppliedTables, 'sentRows'> & AgedTables;
  readonly contacts: SettledTables | undefined;
  /** Contacts that the source no longer names. */
  readonly vanished: Promise<Vanished>;
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

/** Decides, before anything is written, which rows count. @param reader `undefined`: no store */
export async function settleStaged(
  reader: ContactReader | undefined,
  organizationId: number,
  options: Pick<BringInOptions, 'workbench' | 'staged' | 'isRowPerContact'>,
): Promise<SettledRows> {
  const { workbench, staged, isRowPerContact } = options;
  const { mapping, before } = staged;
  if (!isRowPerContact) {
    const { tables, alike } = await settleAll(workbench, staged);
    return { tables: { ...staged.tables, ...tables }, contacts: undefined, alike };
  }
  const baseline = before?.tables ?? (await startWithoutBaseline(workbench, mapping));
  const known = reader && { reader, organizationId, mapping };
  const others = await listOtherClaims(workbench, staged.tables, known);
  const tables = { ...staged.tables, ...baseline, ...others };
  const settled = await settleRepeats({ workbench, staged, tables });
  return {
    tables: { ...staged.tables, ...settled.tables },
    contacts: { ...baseline, ...settled.tables },
    alike: settled.alike,
  };
}

/** Compares settled rows. Writes nothing. */
export async function compareSettled(
  run: ComparingRun,
  options: BringInOptions,
  settled: SettledRows,
): Promise<ComparedRows> {
  const { workbench, staged, dataFolder, fieldIds } = options;
  const { mapping, before } = staged;
  const place = await baselinePlaceOf(run, dataFolder);
  const form = formOf(mapping, signatureOf(mapping, fieldIds));
  // Rows that were staged before their dataset existed met no baseline: all of them are sent.
  const baseline = before ?? (await loadBaseline(workbench, place, form));
  let contacts = settled.contacts && { ...settled.contacts, ...baseline.tables };
  if (before === undefined && baseline.loaded !== undefined && contacts !== undefined) {
    contacts = { ...contacts, ...(await findMatches(workbench, contacts)) };
  }
  const tables = {
    ...settled.tables,
    ...baseline.tables,
    ...(await makeRefused(workbench)),
    ...(await findNoneAged(workbench)),
  };
  const sent = listSentRows(workbench, tables, mapping);
  const { vanished } = await beginFindingVanished(run, options, {
    baseline,
    tables: contacts && { ...tables, ...contacts },
  });
  // Prevents unhandled rejections; callers that await them still get the errors.
  sent.catch(() => undefined);
  vanished.catch(() => undefined);
  return { place, form, baseline, alike: settled.alike, tables, contacts, vanished, sent };
}

export async function applyCompared(
  run: DatasetRun,
  options: BringInOptions,
  compared: ComparedRows,
): Promise<BroughtIn> {
  const { workbench, staged, dataFolder } = options;
  const { place, alike } = compared;
  const hadNone = await hasNoSections(run);
  const vanished = await compared.vanished;
  const clearing = applyOptions(run, options, compared.tables);
  const gone = vanishedClaims(workbench, vanished.tables);
  const cleared = vanished.count === 0 ? 0 : (await applyToClaims(clearing, 'clear', gone)).cleared;
  const contacts = compared.contacts && { ...compared.contacts, ...vanished.tables };
  const known = { ...compared.tables, ...(await compared.sent) };
  const before = { tables: known, contacts, hadNone };
  const aged = await findAgedContacts(run, options, before);
  // Nearly always nothing is refused: then the baseline can be written while rows are applied.
  const expected = nameBaseline(options, compared, aged);
  expected.catch(() => undefined);
  const applied = await apply(run, options, { ...known, total: staged.rowsRead - alike });
  const expectedId = await expected;
  const isAsExpected = (await noteRefused(workbench, known, staged.numberRows)) === 0;
  const after = isAsExpected ? aged : await findAgedContacts(run, options, before);
  const baselineId = isAsExpected ? expectedId : await nameBaseline(options, compared, after);
  // After the rows that count: a contact that one of them wrote is as fresh as the run.
  const keeping = applyOptions(run, options, known);
  await applyToClaims(keeping, 'keep-age', agingClaims(workbench, after.tables));
  const rejections = await reportRejections(workbench, known, { dataFolder, runId: run.id });
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

/** What is known when a baseline is named. */
interface Applying {
  readonly tables: AppliedTables & AgedTables;
  readonly contacts: ContactTables | undefined;
  /** Whether the dataset filled nothing before the run. */
  readonly hadNone: boolean;
}

/** Keeps the old baseline if nothing changed, else writes a new one. @returns its id */
async function nameBaseline(
  options: BringInOptions,
  { place, form, baseline }: ComparedRows,
  { tables, contacts, hadNone }: Applying,
): Promise<string> {
  const { workbench, staged } = options;
  const { loaded } = baseline;
  const { mapping } = staged;
  const isCleared = mayClear(options);
  const rows = await baselineRowsAfter(workbench, { mapping, tables, contacts, isCleared });
  const wasComplete = hadNone || loaded?.isComplete === true;
  // Contacts with unusable rows keep what they had: this baseline adds those that are missing.
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
  const written = { id, keptSql, freshSql, form, isComplete };
  await writeBaseline(workbench, baseline.tables, place, written);
  return id;
}

/** Whether the dataset fills nothing yet: then what this run applies is everything. */
async function hasNoSections({ reader, lease }: DatasetRun): Promise<boolean> {
  const { sections } = await reader.datasetCounts(lease.organizationId, lease.datasetId);
  return sections === 0;
}

/** Nobody knows whom an unreadable row names, so no contact counts as vanished then. */
function mayClear({ mode, staged }: BringInOptions): boolean {
  return mode === 'snapshot' && staged.unreadableRows === 0;
}

function applyOptions(
  { writer, lease }: DatasetRun,
  { workbench, interrupted }: BringInOptions,
  tables: Tables<'refusedRows'>,
): ApplyOptions {
  return { workbench, tables, writer, lease, interrupted, onProgress: () => undefined };
}

function apply(
  run: DatasetRun,
  options: BringInOptions,
  known: AppliedTables & { readonly total: number },
): Promise<AppliedCounts> {
  const { workbench, staged, fieldIds, changeKind, onProgress, feed } = options;
  const { mapping, parts } = staged;
  return applyChanges(
    {
      ...applyOptions(run, options, known),
      onProgress: (done) => onProgress(done, known.total),
      ...(feed !== undefined && { feed }),
    },
    {
      kind: changeKind,
      typeIds: mapping.identifiers.map(({ identityType }) => identityType.id),
      fieldIds,
    },
    changedParts(workbench, known, { parts, areNumbered: feed !== undefined }),
  );
}

/** Resolves when others may go on; with a complete baseline, the engine is still looking then. */
async function beginFindingVanished(
  { reader, lease }: ComparingRun,
  options: BringInOptions,
  found: {
    readonly baseline: Baseline;
    readonly tables: (SettledRows['tables'] & SettledTables & Baseline['tables']) | undefined;
  },
): Promise<{ readonly vanished: Promise<Vanished> }> {
  const { workbench, staged } = options;
  const { mapping } = staged;
  const { baseline, tables } = found;
  const none = await findNoneVanished(workbench);
  if (!mayClear(options) || tables === undefined) return { vanished: Promise.resolve(none) };
  const { organizationId, datasetId } = lease;
  if (baseline.loaded?.isComplete === true) {
    return {
      vanished: workbench.beside((statements) => findVanishedRows(statements, tables, mapping)),
    };
  }
  const { sections } = await reader.datasetCounts(organizationId, datasetId);
  const known = { reader, organizationId, mapping };
  const vanished = sections === 0 ? none : await findVanishedContacts(workbench, tables, known);
  return { vanished: Promise.resolve(vanished) };
}

/** Feeds have no section whose age could be kept. */
async function findAgedContacts(
  { reader, lease }: DatasetRun,
  { workbench, staged }: BringInOptions,
  known: Applying,
): Promise<Applying> {
  if (known.contacts === undefined) return known;
  const { organizationId, datasetId } = lease;
  const store = { reader, organizationId, datasetId, mapping: staged.mapping };
  const aged = await findAged(workbench, { ...known.tables, ...known.contacts }, store);
  return { ...known, tables: { ...known.tables, ...aged } };
}
