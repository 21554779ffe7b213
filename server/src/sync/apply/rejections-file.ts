/**
 * Reports rejected rows: counts them by code, and lists them in a file with a line for each row.
 */
import { join } from 'node:path';
import { rejectionsFile } from '../../domain/data-files.ts';
import { suppressedCode } from '../../domain/dataset/rejected-share.ts';
import { type RejectionCode, UsherError } from '../../domain/errors.ts';
import type { SourceRelation } from '../../sources/source.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { maxRejectionLines } from '../limits.ts';
import { countRows } from '../table/table-rows.ts';
import { makeViews, noRows, type Tables } from '../table/tables.ts';
import { unmatchedCode } from './apply-changes.ts';
import { writeReport } from './report-file.ts';

export interface RejectedRow {
  /** The name of the row's file; set if the source has several files. */
  readonly file?: string;
  /** The row's number in its file, from 1; the header is not counted. */
  readonly row: number;
  readonly column: string | null;
  readonly code: RejectionCode;
  readonly reason: string;
}

export interface RejectionSummary {
  readonly rejected: number;
  readonly counts: Readonly<Partial<Record<RejectionCode, number>>>;
  readonly first: readonly RejectedRow[];
}

const shownRows = 5;

export function nameFiles(
  workbench: Workbench,
  { filesSql }: Pick<SourceRelation, 'filesSql'>,
): Promise<Tables<'sourceFiles'>> {
  return makeViews(workbench, { sourceFiles: filesSql ?? noRows('sourceFiles') });
}

/**
 * Adds rows that the store refused to `rejectedRows`. Counts them, including rows with an unknown
 * contact.
 */
export async function noteRefused(
  workbench: Workbench,
  tables: Tables<'refusedRows' | 'rejectedRows' | 'stagedRows' | 'unsentRows'>,
  numberRows: (condition: string) => Promise<void>,
): Promise<number> {
  const refused = await countRows(workbench, tables.refusedRows);
  if (refused === 0) return 0;
  await numberRows('false');
  await workbench.run(`INSERT INTO ${tables.rejectedRows} SELECT staged.row_id, NULL, refused.code,
    CASE refused.code WHEN 'identity_repeated' THEN 'has the same key as another row, which counts'
      WHEN 'contact_suppressed' THEN 'names an identity of a contact that was erased'
      ELSE 'makes the contact too large, or reports no membership' END
    FROM ${tables.refusedRows} AS refused JOIN ${tables.stagedRows} AS staged
      ON staged.row_key = refused.row_key AND coalesce(staged.row_id = refused.row_id, true)
    WHERE staged.row_id NOT IN (SELECT row_id FROM ${tables.unsentRows})
      AND refused.code <> ${sqlText(unmatchedCode)}`);
  return refused;
}

/** The tables with the rejected rows and their places in the source. */
export type RejectionTables = Tables<'rejectedRows' | 'rowNumbers' | 'sourceFiles'>;

export async function summarizeRejections(
  workbench: Workbench,
  tables: RejectionTables,
): Promise<RejectionSummary> {
  const counts = await workbench.rows(
    `SELECT code, count(*) FROM ${tables.rejectedRows} GROUP BY code ORDER BY code`,
  );
  const entries = counts.map(([code, count]) => [String(code), Number(count)] as const);
  return {
    rejected: entries.reduce((sum, [, count]) => sum + count, 0),
    counts: Object.fromEntries(entries),
    first: await listRejections(workbench, tables, shownRows),
  };
}

/** Adds rows that the store would refuse because they name an erased person. */
export function withSuppressed<Summary extends Pick<RejectionSummary, 'rejected' | 'counts'>>(
  summary: Summary,
  suppressed: number,
): Summary {
  if (suppressed === 0) return summary;
  const counts = { ...summary.counts, [suppressedCode]: suppressed };
  return { ...summary, rejected: summary.rejected + suppressed, counts };
}

export interface ReportedRejections extends RejectionSummary {
  /** `null` if no row was rejected. */
  readonly rejectionsPath: string | null;
}

interface ReportPlace {
  readonly dataFolder: string;
  /** `undefined` if there is no run yet, so no file of rejections. */
  readonly runId: string | undefined;
}

/**
 * Counts rejected rows and lists any in a file.
 * @throws UsherError `storage_full`
 */
export async function reportRejections(
  workbench: Workbench,
  tables: RejectionTables,
  { dataFolder, runId }: ReportPlace,
): Promise<ReportedRejections> {
  const summary = await summarizeRejections(workbench, tables);
  if (summary.rejected === 0 || runId === undefined) return { ...summary, rejectionsPath: null };
  const path = rejectionsPath(dataFolder, runId);
  await writeRejections(workbench, tables, { path, total: summary.rejected });
  return { ...summary, rejectionsPath: path };
}

/**
 * Refuses a source without a usable row: to apply it would only make old values look fresh.
 * @throws UsherError `definition_invalid`, with the first reason and the file that lists all;
 *   `storage_full`
 */
export async function requireUsableRows(
  workbench: Workbench,
  tables: RejectionTables,
  { rowsRead, ...place }: ReportPlace & { readonly rowsRead: number },
): Promise<void> {
  const distinct = `(SELECT DISTINCT row_id FROM ${tables.rejectedRows})`;
  if (rowsRead === 0 || (await countRows(workbench, distinct)) < rowsRead) return;
  const { counts, first } = await reportRejections(workbench, tables, place);
  const [example] = first;
  const column = example?.column == null ? '' : `, ${example.column}`;
  const why = example === undefined ? '' : ` Row ${example.row}${column}: ${example.reason}.`;
  const { runId } = place;
  const where =
    runId === undefined
      ? ''
      : ` All rejected rows are in ${rejectionsFile(runId)} of the data folder, and in the console under Rejected rows.`;
  throw new UsherError(
    'definition_invalid',
    `No row of ${rowsRead.toLocaleString('en-US')} can be used (${Object.keys(counts).join(', ')}).${why}${where}`,
  );
}

export function rejectionsPath(dataFolder: string, runId: string): string {
  return join(dataFolder, rejectionsFile(runId));
}

/**
 * Writes `row,column,code,reason` (`file` first if there are several), ascending by row: at most
 * `maxRejectionLines`, then a line with how many more.
 * @throws UsherError `storage_full`
 */
async function writeRejections(
  workbench: Workbench,
  tables: RejectionTables,
  { path, total }: { readonly path: string; readonly total: number },
): Promise<void> {
  const rows = await listRejections(workbench, tables, maxRejectionLines);
  const columns = ['column', 'code', 'reason'];
  const cellsOf = ({ column, code, reason }: RejectedRow) => [column ?? '', code, reason];
  await writeReport(path, rows, { columns, cellsOf, total });
}

async function listRejections(
  workbench: Workbench,
  { rejectedRows, rowNumbers, sourceFiles }: RejectionTables,
  limit: number,
): Promise<RejectedRow[]> {
  const rows = await workbench.rows(
    `SELECT name, row_in_source + 1 - coalesce(start, 0), source_column, code, reason
     FROM (SELECT coalesce(row_number, rejected.row_id) AS row_in_source, source_column, code, reason
         FROM ${rejectedRows} AS rejected
           LEFT JOIN ${rowNumbers} AS numbers ON numbers.row_id = rejected.row_id
         ORDER BY 1, code LIMIT ${limit})
       ASOF LEFT JOIN ${sourceFiles} ON row_in_source >= start
     ORDER BY row_in_source, code`,
  );
  return rows.map(([file, row, column, code, reason]) => ({
    ...(file !== null && { file: String(file) }),
    row: Number(row),
    column: column === null ? null : String(column),
    code: String(code) as RejectionCode,
    reason: String(reason),
  }));
}
