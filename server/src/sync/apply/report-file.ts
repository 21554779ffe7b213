/** Writes the files that a run reports: CSV with a line for each row of the source. */
import { codeOf, unwritable, writingFailure } from '../../sources/source-failure.ts';
import { writeDurably } from '../../stores/durable-file.ts';

/** A row in its source; `undefined`: its number is not known. */
export interface ReportedRow {
  /** The name of the row's file; set if the source has several files. */
  readonly file?: string;
  /** The row's number in its file, from 1; the header is not counted. */
  readonly row: number | undefined;
}

interface ReportLines<Row extends ReportedRow> {
  /** The names of the columns after those of the row's place. */
  readonly columns: readonly string[];
  readonly cellsOf: (row: Row) => readonly string[];
  /** How many lines there are in all, with those that are not written. */
  readonly total: number;
}

/**
 * Writes a line for each row, then one with how many more there are. The columns begin with `row`,
 * or with `file,row` if the source has several files.
 * @throws UsherError `storage_full`, `store_unavailable`
 */
export async function writeReport<Row extends ReportedRow>(
  path: string,
  rows: readonly Row[],
  { columns, cellsOf, total }: ReportLines<Row>,
): Promise<void> {
  const hasFiles = rows.some(({ file }) => file !== undefined);
  const lines = rows.map((row) => {
    const cells = [`${row.row ?? ''}`, ...cellsOf(row)];
    return (hasFiles ? [row.file ?? '', ...cells] : cells).map(csvCell).join(',');
  });
  if (total > rows.length) {
    const before = ','.repeat(columns.length + (hasFiles ? 1 : 0));
    lines.push(`${before}${csvCell(`and ${total - rows.length} more`)}`);
  }
  try {
    const head = [...(hasFiles ? ['file'] : []), 'row', ...columns].join(',');
    await writeDurably(path, `${head}\n${lines.join('\n')}\n`);
  } catch (cause) {
    throw writingFailure(cause) ?? unwritable(codeOf(cause) ?? 'unknown error', cause);
  }
}

/**
 * Quotes a cell. A spreadsheet would run a cell that looks like a formula, and column names come
 * from outside.
 */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
