/**
 * What became of the rows that were not brought in: counted by code, and a file with a line each
 * for people.
 */
import { join } from 'node:path';
import { rejectionsFile } from '../../domain/data-files.ts';
import type { RejectionCode } from '../../domain/errors.ts';
import { UsherError } from '../../domain/errors.ts';
import type { SourceRelation } from '../../sources/source.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { writeDurably } from '../../stores/durable-file.ts';
import { maxRejectionLines } from '../limits.ts';
import { unmatchedCode } from './apply-changes.ts';

export interface RejectedRow {
  /** Where the rows are of several files. */
  readonly file?: string;
  /** In its file, from 1; the header is not counted. */
  readonly row: number;
  readonly column: string | null;
  readonly code: RejectionCode;
  readonly reason: string;
}

export interface RejectionSummary {
  readonly rejected: number;
  readonly counts: Readonly<Partial<Record<RejectionCode, number>>>;
  /** The first of them. */
  readonly first: readonly RejectedRow[];
}

const shownRows = 5;

/**
 * Makes the view `source_files`, by which a row is named by its file and its number there; empty
 * where the source is one file.
 */
export async function nameFiles(
  workbench: Workbench,
  relation: Pick<SourceRelation, 'filesSql'>,
): Promise<void> {
  const none = 'SELECT CAST(NULL AS VARCHAR) AS name, CAST(0 AS BIGINT) AS start WHERE false';
  await workbench.run(`CREATE OR REPLACE VIEW source_files AS ${relation.filesSql ?? none}`);
}

/**
 * Adds what the store refused to the table `rejected`. @returns how many rows it refused, those
 * that were only not for it with them
 */
export async function noteRefused(
  workbench: Workbench,
  numberRows: (condition: string) => Promise<void>,
): Promise<number> {
  const [count] = await workbench.rows('SELECT count(*) FROM refused');
  const refused = Number(count?.[0] ?? 0);
  if (refused === 0) return 0;
  await numberRows('false');
  await workbench.run(`INSERT INTO rejected SELECT rows.n, NULL, refused.code,
    CASE refused.code WHEN 'identity_conflict' THEN 'its identities belong to different contacts'
      WHEN 'identity_repeated' THEN 'means the contact of another row, which counts'
      ELSE 'makes the contact too large, or reports no membership' END
    FROM refused JOIN rows ON rows.key = refused.claim AND coalesce(rows.n = refused.n, true)
    WHERE rows.n NOT IN (SELECT n FROM repeated) AND refused.code <> ${sqlText(unmatchedCode)}`);
  return refused;
}

export async function summarizeRejections(workbench: Workbench): Promise<RejectionSummary> {
  const counts = await workbench.rows(
    'SELECT code, count(*) FROM rejected GROUP BY code ORDER BY code',
  );
  const entries = counts.map(([code, count]) => [String(code), Number(count)] as const);
  return {
    rejected: entries.reduce((sum, [, count]) => sum + count, 0),
    counts: Object.fromEntries(entries),
    first: await listRejections(workbench, shownRows),
  };
}

export interface ReportedRejections extends RejectionSummary {
  /** `null`: there are none. */
  readonly rejectionsPath: string | null;
}

/**
 * Sums them up, and lists them in a file where there are any.
 * @throws UsherError `storage_full`
 */
export async function reportRejections(
  workbench: Workbench,
  { dataFolder, runId }: { readonly dataFolder: string; readonly runId: string },
): Promise<ReportedRejections> {
  const summary = await summarizeRejections(workbench);
  if (summary.rejected === 0) return { ...summary, rejectionsPath: null };
  const path = rejectionsPath(dataFolder, runId);
  await writeRejections(workbench, path, summary.rejected);
  return { ...summary, rejectionsPath: path };
}

export function rejectionsPath(dataFolder: string, runId: string): string {
  return join(dataFolder, rejectionsFile(runId));
}

/**
 * Writes `row,column,code,reason` (of several files `file` in front), ascending by row, at most
 * `maxRejectionLines` of them and then a line that says how many more.
 * @throws UsherError `storage_full`
 */
export async function writeRejections(
  workbench: Workbench,
  path: string,
  total: number,
): Promise<void> {
  const rows = await listRejections(workbench, maxRejectionLines);
  const hasFiles = rows.some(({ file }) => file !== undefined);
  const lines = rows.map(({ file, row, column, code, reason }) => {
    const cells = [String(row), column ?? '', code, reason];
    return (hasFiles ? [file ?? '', ...cells] : cells).map(csvCell).join(',');
  });
  const before = hasFiles ? ',' : '';
  if (total > rows.length) lines.push(`${before},,,${csvCell(`and ${total - rows.length} more`)}`);
  try {
    const head = `${hasFiles ? 'file,' : ''}row,column,code,reason`;
    await writeDurably(path, `${head}\n${lines.join('\n')}\n`);
  } catch (cause) {
    throw new UsherError(
      'storage_full',
      'The rejections file cannot be written: make room in the data folder.',
      { cause },
    );
  }
}

async function listRejections(workbench: Workbench, limit: number): Promise<RejectedRow[]> {
  const rows = await workbench.rows(
    `SELECT name, place_in_source + 1 - coalesce(start, 0), place, code, reason
     FROM (SELECT coalesce(row, rejected.n) AS place_in_source, place, code, reason
         FROM rejected LEFT JOIN numbers ON numbers.n = rejected.n
         ORDER BY 1, code LIMIT ${limit}) ASOF LEFT JOIN source_files ON place_in_source >= start
     ORDER BY place_in_source, code`,
  );
  return rows.map(([file, row, column, code, reason]) => ({
    ...(file !== null && { file: String(file) }),
    row: Number(row),
    column: column === null ? null : String(column),
    code: String(code) as RejectionCode,
    reason: String(reason),
  }));
}

/**
 * A cell that begins like a formula would be run by a spreadsheet: column names are other people's
 * words.
 */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
