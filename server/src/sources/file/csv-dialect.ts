/** Detects the separator, the header and the line end of a CSV file from its beginning. */
import { maxSourceRowBytes, sourceHeadBytes } from '../limits.ts';
import { nameColumns } from '../name-columns.ts';
import { invalidSource } from '../source-failure.ts';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import { requireHeader } from './require-header.ts';

export type LineEnd = '\n' | '\r\n' | '\r';

export interface CsvDialect {
  readonly separator: string;
  /** Distinct. */
  readonly columns: readonly string[];
  readonly notes: readonly string[];
  /**
   * Whether something precedes the header, or the header has line ends: then the file is read
   * carefully.
   */
  readonly odd: boolean;
  /** The first line end of the file; `undefined` when it has none. */
  readonly lineEnd: LineEnd | undefined;
}

const separators = [',', ';', '\t', '|'];
const rowsCompared = 50;

/**
 * @param head the beginning of the text, or all of it when `isWhole`
 * @throws UsherError `definition_invalid`
 */
export function detectDialect(
  head: string,
  options: { readonly name: string; readonly isWhole: boolean; readonly tabs: boolean },
): CsvDialect {
  const text = head.replace(/^\ufeff/, '');
  const declared = /^sep=(.)\r?\n/i.exec(text)?.[1];
  const separator = declared ?? (options.tabs ? '\t' : chooseSeparator(text, options.isWhole));
  const rows = firstRows(text, separator, options.isWhole);
  const index = rows.findIndex((row) => !isBlank(row) && !isSeparatorLine(row, separator));
  const header = rows[index];
  if (header === undefined) {
    throw invalidSource(
      `${options.name} has no header row. Write the names of the columns into its first row.`,
    );
  }
  if (header.fault !== undefined) {
    throw invalidSource(`${options.name}: the header ${header.fault}.`);
  }
  if (!options.isWhole && rows.length === 1 && !/[\r\n]/.test(text)) {
    throw invalidSource(
      `${options.name}: the header is longer than ${sourceHeadBytes} bytes, or the file has no line ends.`,
    );
  }
  requireHeader(
    options.name,
    header.cells,
    rows.slice(index + 1).map(({ cells }) => cells),
  );
  const { columns, notes } = nameColumns(header.cells, `${options.name} has`);
  // The engine applies the first line end to the whole file, even one inside a quoted cell.
  const isBroken = header.cells.some((cell) => /[\r\n]/.test(cell));
  return { separator, columns, notes, odd: index !== 0 || isBroken, lineEnd: firstLineEnd(text) };
}

function firstLineEnd(text: string): LineEnd | undefined {
  return /\r\n|\n|\r/.exec(text)?.[0] as LineEnd | undefined;
}

/** The separator that gives the most columns, and the same number in most of the first rows. */
function chooseSeparator(text: string, isWhole: boolean): string {
  let best = { separator: ',', score: 0 };
  for (const separator of separators) {
    const rows = firstRows(text, separator, isWhole).filter((row) => !isBlank(row));
    const width = rows[0]?.cells.length ?? 0;
    const alike = rows.filter((row) => row.cells.length === width && row.fault === undefined);
    const score = width > 1 ? width * (alike.length / rows.length) ** 2 : 0;
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

function firstRows(text: string, separator: string, isWhole: boolean): CsvRow[] {
  const reader = new CsvReader({ separator, maxRowLength: maxSourceRowBytes });
  const rows: CsvRow[] = [];
  for (const row of reader.push(text)) {
    rows.push(row);
    if (rows.length === rowsCompared) return rows;
  }
  if (isWhole || rows.length === 0) rows.push(...reader.end());
  return rows;
}

export function isBlank(row: CsvRow): boolean {
  return row.fault === undefined && row.cells.length === 1 && row.cells[0]?.trim() === '';
}

/** Whether it is `sep=;`, a line in which spreadsheets name the separator. */
function isSeparatorLine(row: CsvRow, separator: string): boolean {
  const first = row.cells[0] ?? '';
  return /^sep=/i.test(first) && (row.cells.length === 2 || first.endsWith(separator));
}
