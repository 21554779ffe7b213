/**
 * Reads CSV and TSV. The engine reads well-formed UTF-8 itself; everything else is read by
 * `csv-reader.ts`.
 */
import { maxSourceRowBytes, sourceHeadBytes } from '../limits.ts';
import type { OpenOptions, SourceReader, SourceRelation } from '../source.ts';
import { invalidSource, SourceMalformed } from '../source-failure.ts';
import { fixedCsvOptions, sqlPath, sqlText } from '../sql-text.ts';
import { type CsvDialect, detectDialect, isBlank } from './csv-dialect.ts';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import { type CarefulReading, readCarefully } from './read-carefully.ts';
import { requireText } from './require-text.ts';
import { readHead, type SourceFile } from './source-file.ts';
import { encodingName, isForEngine } from './text-encoding.ts';
import { unpackFile } from './unpack-file.ts';

export function delimitedReader(file: SourceFile): SourceReader {
  return {
    open: (options) => openDirectly(file, options),
    openCarefully: (options) => rewrite(file, options),
  };
}

async function openDirectly(
  file: SourceFile,
  { workbench, onProgress }: OpenOptions,
): Promise<SourceRelation> {
  const head = await readHead(file, sourceHeadBytes);
  requireText(file.name, head);
  // Otherwise the engine would read up to the first byte that is not UTF-8, and fail there.
  if (!isForEngine(file, head)) throw new SourceMalformed('not UTF-8');
  const isWhole = head.length < sourceHeadBytes;
  const dialect = dialectOf(file, head.toString('utf8'), isWhole);
  if (dialect.odd || dialect.columns.length === 1) throw new SourceMalformed('odd beginning');
  const plain = await unpackFile(file, workbench.folder, onProgress);
  const rows = readCsvSql(plain.path, dialect);
  const relation = { columns: dialect.columns, rowNumbers: 'position' } as const;
  if (!(await mayHaveFormulas(plain))) return { ...relation, sql: rows, notes: dialect.notes };
  const cells = dialect.columns.map(
    (_, index) => `${spreadsheetTextSql(`c${index}`)} AS c${index}`,
  );
  const [found] = await workbench.rows(
    `SELECT 1 FROM ${rows} WHERE ${dialect.columns.map((_, index) => `starts_with(c${index}, '="')`).join(' OR ')} LIMIT 1`,
  );
  const notes = found === undefined ? dialect.notes : [...dialect.notes, spreadsheetNote(file)];
  return { ...relation, sql: `(SELECT ${cells.join(', ')} FROM ${rows})`, notes };
}

/**
 * The options leave the engine nothing to guess, with one exception: `\r\n` cannot be named as the
 * line end. Without a named line end, the engine uses the first one in the file. It reports rows
 * with another line end as malformed; the file is then read carefully.
 */
function readCsvSql(path: string, { columns, separator, lineEnd }: CsvDialect): string {
  const newLine =
    lineEnd === undefined || lineEnd === '\r\n' ? '' : `new_line = ${lineEnds[lineEnd]},`;
  return `read_csv(${sqlPath(path)}, ${fixedCsvOptions}, header = true, skip = 0, ${newLine}
    delim = ${sqlText(separator)}, quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = true,
    max_line_size = ${maxSourceRowBytes}, buffer_size = ${maxSourceRowBytes},
    columns = {${columns.map((_, index) => `c${index}: 'VARCHAR'`).join(', ')}})`;
}

/** Line ends in the engine's notation. */
const lineEnds = { '\n': "'\\n'", '\r': "'\\r'" } as const;

async function rewrite(packed: SourceFile, options: OpenOptions): Promise<SourceRelation> {
  const reading = await readCarefully(packed, options, sourceHeadBytes);
  await using rows = reading.rows;
  const { file, head, damagedEncoding } = reading;
  const dialect = dialectOf(file, head, head.length < sourceHeadBytes);
  // Fields would keep the names of damaged columns.
  if (damagedEncoding !== undefined && dialect.columns.some((name) => name.includes('\ufffd'))) {
    throw invalidSource(
      `${file.name}: the header has bytes that are not ${encodingName(damagedEncoding)}. Save the file in one encoding, such as UTF-8.`,
    );
  }
  const { rowCount, hasFormulas } = await copyRows(reading, dialect, options);
  await rows.end();
  const notes = [...reading.notes, ...dialect.notes];
  if (hasFormulas) notes.push(spreadsheetNote(file));
  return { ...carefulRelation(rows.path, dialect.columns), notes, rowCount };
}

/** Copies the accepted rows. Row numbers count rejected rows too. */
async function copyRows(
  { text, rows, damagedEncoding }: CarefulReading,
  { separator, columns: { length: width } }: CsvDialect,
  { onRejection }: OpenOptions,
): Promise<{ rowCount: number; hasFormulas: boolean }> {
  const reader = new CsvReader({ separator, maxRowLength: maxSourceRowBytes });
  let index = -1;
  let isBeforeHeader = true;
  let hasFormulas = false;
  const take = (row: CsvRow): Promise<void> | undefined => {
    if (isBlank(row) && (width > 1 || isBeforeHeader)) return undefined;
    if (isBeforeHeader) {
      isBeforeHeader = /^sep=/i.test(row.cells[0] ?? '');
      return undefined;
    }
    index += 1;
    const fault = row.fault ?? faultOf(row.cells, width, damagedEncoding);
    if (fault === undefined) {
      const cells = row.cells.slice(0, width).map(spreadsheetText);
      hasFormulas ||= cells.some((cell, n) => cell !== row.cells[n]);
      return rows.add(`[${index},${JSON.stringify(cells)}]`);
    }
    onRejection({ row: index + 1, column: null, code: 'value_invalid', reason: fault });
    return undefined;
  };
  for await (const piece of text) {
    for (const row of reader.push(piece)) await take(row);
  }
  for (const row of reader.end()) await take(row);
  return { rowCount: index + 1, hasFormulas };
}

function faultOf(
  cells: readonly string[],
  width: number,
  damagedEncoding: string | undefined,
): string | undefined {
  // Some exports end every row except the header with a separator.
  const isWider = cells.slice(width).some((cell) => cell.trim() !== '');
  if (cells.length < width || isWider) {
    return `has ${cells.length} cells where the header has ${width}`;
  }
  return damagedEncoding !== undefined && cells.some((cell) => cell.includes('\ufffd'))
    ? `has bytes that are not ${encodingName(damagedEncoding)}`
    : undefined;
}

function dialectOf(file: SourceFile, head: string, isWhole: boolean): CsvDialect {
  return detectDialect(head, { name: file.name, isWhole, tabs: file.shape === 'tsv' });
}

/** The relation of the accepted rows. */
function carefulRelation(path: string, columns: readonly string[]): Omit<SourceRelation, 'notes'> {
  const paths = ['/0', ...columns.map((_, index) => `/1/${index}`)];
  const cells = columns.map((_, index) => `cells[${index + 2}] AS c${index}`);
  return {
    columns,
    sql: `(SELECT CAST(cells[1] AS BIGINT) AS n, ${cells.join(', ')} FROM (
      SELECT json_extract_string(json, [${paths.map(sqlText).join(', ')}]) AS cells
      FROM read_json_objects(${sqlPath(path)}, hive_partitioning = false, format = 'newline_delimited',
        maximum_object_size = ${maxSourceRowBytes * 8})))`,
    rowNumbers: 'column',
  };
}

/**
 * Reads `="01234"` as 01234: spreadsheets write it to mark a text of digits as text. Other cells
 * stay as they are.
 */
function spreadsheetText(cell: string): string {
  if (!cell.startsWith('="') || !cell.endsWith('"') || cell.length < 3) return cell;
  const text = cell.slice(2, -1);
  return text.includes('"') ? cell : text;
}

/** The same rule in SQL. */
function spreadsheetTextSql(cell: string): string {
  return `CASE WHEN regexp_full_match(${cell}, '="[^"]*"') THEN ${cell}[3:-2] ELSE ${cell} END`;
}

function spreadsheetNote({ name }: SourceFile): string {
  return `${name} has cells like ="01234", as spreadsheets write texts: they are read as 01234.`;
}

/**
 * Whether a cell may be a formula like `="01234"`.
 * @param file without compression
 */
async function mayHaveFormulas({ name, whole }: SourceFile): Promise<boolean> {
  try {
    return (await whole.facts()).mayHaveFormulas;
  } catch (cause) {
    throw invalidSource(`${name} cannot be read to its end.`, cause);
  }
}
