/**
 * Syncs a dataset of kind `reference`: if rows changed, writes a new Parquet file, which queries
 * read.
 */
import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Catalog } from '../../catalog/catalog.ts';
import { amount } from '../../domain/dataset/figures.ts';
import { noPeople } from '../../domain/dataset/people-counts.ts';
import type { MeasuredChanges, RunPlan } from '../../domain/dataset/run-plan.ts';
import { UsherError } from '../../domain/errors.ts';
import { maxIdentityBytes } from '../../domain/limits.ts';
import { columnWords } from '../../sources/column-words.ts';
import type { FileRows, SourceRejection, SourceRelation } from '../../sources/source.ts';
import { sqlName } from '../../sources/sql-text.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { makeFolder, putDurably } from '../../stores/durable-file.ts';
import type { BroughtIn, ComparingRun } from '../apply/bring-in.ts';
import {
  nameFiles,
  type RejectionTables,
  reportRejections,
  requireUsableRows,
} from '../apply/rejections-file.ts';
import { measureSource, saveFilesWithRows } from '../compare/measure-source.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { maxReferenceRows } from '../limits.ts';
import type { OpenedDataset } from '../pulled-source.ts';
import { openEitherWay } from '../stage/open-either-way.ts';
import { addRejections } from '../stage/stage-rows.ts';
import { countRows } from '../table/table-rows.ts';
import { makeEmpty, makeTables, type Table, type Tables } from '../table/tables.ts';
import {
  findReferenceFile,
  type ReferencePlace,
  referenceFile,
  referenceFolder,
} from './reference-files.ts';
import { dropOldReferences, type ReferenceStep, writeStep } from './reference-history.ts';

export interface BringOptions extends OpenedDataset {
  readonly catalog: Catalog;
  readonly organizationId: number;
  readonly dataFolder: string;
  readonly mayGoOn: (plan: RunPlan | null) => boolean;
}

export interface BroughtOrWaiting {
  /** `undefined` if the run waits for approval. */
  readonly brought: BroughtIn | undefined;
  readonly plan: RunPlan | null;
  readonly rowsRead: number;
  readonly tables: RejectionTables;
}

/** @throws UsherError `definition_invalid`, `storage_full` */
export async function bringReferenceIn(
  run: DatasetRun,
  options: BringOptions,
): Promise<BroughtOrWaiting> {
  const { workbench, dataFolder } = options;
  const place: ReferencePlace = { ...run.lease, dataFolder };
  const staged = await stageReference(options);
  const { rowsRead, files, tables } = staged;
  await requireUsableRows(workbench, tables, { dataFolder, runId: run.id, rowsRead });
  const { before, compared, measured, isNotable } = await measureReference(run, options, staged);
  const plan = before === undefined && !isNotable ? null : measured;
  if (!options.mayGoOn(plan)) return { brought: undefined, plan, rowsRead, tables };
  await saveFilesWithRows(options.catalog, run.id, files);
  const { added, changed, unchanged, gone, isSame } = compared;
  const restores = { runId: run.id, restores: changed + gone, removes: added };
  const baselineId =
    before !== undefined && isSame
      ? basename(before, '.parquet')
      : await writeReference(workbench, place, {
          rows: tables.referenceRows,
          step: await stepOf(run, before, restores),
        });
  const rejected = await reportRejections(workbench, tables, { dataFolder, runId: run.id });
  await run.writer.finishRun(run.lease, { baselineId, asOfMs: run.startedAtMs });
  await dropOldReferences(place, {
    ...{ id: baselineId, nowMs: run.startedAtMs },
    ...(before !== undefined && { before }),
  });
  const counts = { added, changed, unchanged, cleared: gone, stale: 0, unmatched: 0 };
  const nobody = { people: noPeople, refusedClaimsPath: null };
  const brought = { ...counts, ...rejected, ...nobody, rowsRead, clearsWithheld: false };
  return { brought, plan, rowsRead, tables };
}

/** Measures what a run would do. Writes nothing. */
export async function tryReference(
  run: MeasuringRun,
  options: OpenedReference,
): Promise<Omit<BroughtOrWaiting, 'brought'>> {
  const staged = await stageReference(options);
  const { measured } = await measureReference(run, options, staged);
  return { ...staged, plan: measured };
}

type OpenedReference = Omit<BringOptions, 'mayGoOn'>;
type MeasuringRun = Pick<ComparingRun, 'reader' | 'lease'>;

function stageReference(options: OpenedReference): Promise<StagedReference> {
  return openEitherWay(options, ({ relation, rejections }) =>
    stageRelation(options.workbench, relation, { key: keyOf(options), rejections }),
  );
}

function keyOf({ dataset }: OpenedReference): string {
  return dataset.definition.key ?? '';
}

async function measureReference(
  { reader, lease }: MeasuringRun,
  options: OpenedReference,
  staged: StagedReference,
) {
  const { workbench, dataset, dataFolder } = options;
  const { maxChangeShare } = dataset.definition;
  const key = keyOf(options);
  const before = await findReferenceFile(reader, { ...lease, dataFolder });
  const compared = await compareWith(workbench, staged.tables, { key, before });
  const { facts, isNotable } = await measureSource(options, dataset, staged);
  return {
    before,
    compared,
    measured: { ...changesOf(compared, maxChangeShare), ...facts },
    isNotable,
  };
}

type ReferenceTables = RejectionTables & Tables<'referenceRows'>;

interface StagedReference {
  readonly tables: ReferenceTables;
  readonly rowsRead: number;
  readonly files: readonly FileRows[];
}

async function stageRelation(
  workbench: Workbench,
  relation: SourceRelation,
  { key, rejections }: { readonly key: string; readonly rejections: readonly SourceRejection[] },
): Promise<StagedReference> {
  const cell = relation.columns.indexOf(key);
  if (cell < 0) {
    throw new UsherError(
      'definition_invalid',
      `The key column ${key} is not in the source. The source has ${columnWords(relation.columns, [key])}.`,
    );
  }
  const isNumbered = relation.rowNumbers === 'column';
  const rowId = isNumbered ? 'n' : 'row_number() OVER () - 1';
  const all = isNumbered ? '* EXCLUDE (n)' : '*';
  const { numberedRows } = await makeTables(workbench, {
    numberedRows: `SELECT ${rowId} AS row_id, ${all} FROM ${relation.sql}`,
  });
  const rows = await countRows(workbench, numberedRows);
  if (rows > maxReferenceRows) {
    throw new UsherError(
      'definition_invalid',
      `The source has ${amount(rows)} rows. A reference dataset may have at most ${amount(maxReferenceRows)}. Select fewer rows.`,
    );
  }
  const rejected = await rejectRows(workbench, numberedRows, { cell, key });
  await addRejections(workbench, rejected, rejections);
  const columns = relation.columns.map((column, place) => `c${place} AS ${sqlName(column)}`);
  const reference = await makeTables(workbench, {
    referenceRows: `SELECT ${columns.join(', ')} FROM ${numberedRows}
      WHERE row_id NOT IN (SELECT row_id FROM ${rejected.rejectedRows}) ORDER BY c${cell}`,
  });
  return {
    tables: { ...rejected, ...reference, ...(await nameFiles(workbench, relation)) },
    rowsRead: rows + rejections.length,
    files: (await relation.files?.()) ?? [],
  };
}

async function rejectRows(
  workbench: Workbench,
  numberedRows: Table<'numberedRows'>,
  { cell, key }: { readonly cell: number; readonly key: string },
): Promise<Tables<'rejectedRows' | 'rowNumbers'>> {
  // `rowNumbers` stays empty: `row_id` of these rows gives their numbers.
  const tables = await makeEmpty(workbench, ['rejectedRows', 'rowNumbers']);
  const { rejectedRows } = tables;
  const column = sqlText(key);
  await workbench.run(`INSERT INTO ${rejectedRows}
    SELECT row_id, ${column}, 'identity_missing', 'is empty'
    FROM ${numberedRows} WHERE c${cell} IS NULL OR trim(c${cell}) = ''`);
  await workbench.run(`INSERT INTO ${rejectedRows}
    SELECT row_id, ${column}, 'value_invalid', 'is longer than ${maxIdentityBytes} bytes'
    FROM ${numberedRows} WHERE strlen(c${cell}) > ${maxIdentityBytes}`);
  await workbench.run(`INSERT INTO ${rejectedRows}
    SELECT row_id, ${column}, 'identity_repeated', 'is repeated in a later row, which counts'
    FROM (SELECT row_id, max(row_id) OVER (PARTITION BY c${cell}) AS last_row FROM ${numberedRows}
      WHERE row_id NOT IN (SELECT row_id FROM ${rejectedRows})) WHERE row_id < last_row`);
  return tables;
}

interface ComparedReference {
  readonly before: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly gone: number;
  /** Whether rows and columns are all unchanged. */
  readonly isSame: boolean;
}

/** The step of a run that changes rows, for its rollback. */
async function stepOf(
  { reader, lease, startedAtMs }: DatasetRun,
  before: string | undefined,
  did: Pick<ReferenceStep, 'runId' | 'restores' | 'removes'>,
): Promise<ReferenceStep> {
  const asOfMs = (await reader.asOf(lease.organizationId, lease.datasetId)) ?? 0;
  const last = before === undefined ? null : { baselineId: basename(before, '.parquet'), asOfMs };
  return { ...did, atMs: startedAtMs, before: last };
}

/** @param before the file of the last applied run */
async function compareWith(
  workbench: Workbench,
  { referenceRows }: ReferenceTables,
  { key, before }: { readonly key: string; readonly before: string | undefined },
): Promise<ComparedReference> {
  const keyed = (rows: string) =>
    `(SELECT ${sqlName(key)} AS key, hash(it) AS digest FROM ${rows} AS it)`;
  const nothing = '(SELECT NULL::VARCHAR AS key, NULL::UBIGINT AS digest WHERE false)';
  const isComparable = before !== undefined && (await hasColumn(workbench, before, key));
  const old = isComparable ? keyed(`read_parquet(${sqlText(before)})`) : nothing;
  const [row] = await workbench.rows(`SELECT count(old.key),
      count(*) FILTER (old.key IS NULL),
      count(*) FILTER (old.digest <> new.digest),
      count(*) FILTER (old.digest = new.digest),
      count(*) FILTER (new.key IS NULL)
    FROM ${old} AS old FULL JOIN ${keyed(referenceRows)} AS new USING (key)`);
  const [all = 0, added = 0, changed = 0, unchanged = 0, gone = 0] = (row ?? []).map(Number);
  const isSame =
    isComparable &&
    added + changed + gone === 0 &&
    (await columnsOf(workbench, `read_parquet(${sqlText(before)})`)) ===
      (await columnsOf(workbench, referenceRows));
  return { before: all, added, changed, unchanged, gone, isSame };
}

/** Names and types in order, as text to compare. */
async function columnsOf(workbench: Workbench, rows: string): Promise<string> {
  return JSON.stringify(
    await workbench.rows(`SELECT column_name, column_type FROM (DESCRIBE FROM ${rows})`),
  );
}

async function hasColumn(workbench: Workbench, path: string, column: string): Promise<boolean> {
  const rows = await workbench.rows(
    `SELECT 1 FROM parquet_schema(${sqlText(path)}) WHERE name = ${sqlText(column)}`,
  );
  return rows.length > 0;
}

function changesOf(compared: ComparedReference, maxShare: number): MeasuredChanges {
  const { before, added, changed, gone } = compared;
  return {
    contactsBefore: before,
    wouldAdd: added,
    wouldChange: changed,
    wouldClear: 0,
    wouldVanish: gone,
    share: before === 0 ? 0 : (changed + gone) / before,
    maxShare,
    emptiedFields: [],
  };
}

/**
 * Writes the file durably, before anything refers to it.
 * @returns its id
 */
async function writeReference(
  workbench: Workbench,
  place: ReferencePlace,
  { rows, step }: { readonly rows: Table<'referenceRows'>; readonly step: ReferenceStep },
): Promise<string> {
  const id = randomUUID();
  const folder = referenceFolder(place);
  await makeFolder(folder);
  const temporary = join(workbench.folder, 'reference.parquet');
  await workbench.run(`COPY ${rows} TO ${sqlText(temporary)} (FORMAT parquet)`);
  await writeStep(place, id, step);
  await putDurably(temporary, referenceFile(place, id));
  return id;
}
