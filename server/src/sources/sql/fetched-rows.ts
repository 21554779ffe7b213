/**
 * Makes a source from the CSV file that a database's rows were written to. The file's format is
 * fixed, so that nothing is guessed. An unquoted `\N` means no value; an empty text stays an empty
 * text.
 */
import { maxFetchedRows, maxSourceRowBytes } from '../limits.ts';
import { nameColumns } from '../name-columns.ts';
import {
  type OpenOptions,
  type OpenSourceOptions,
  type Source,
  type SourceRelation,
  withRelation,
} from '../source.ts';
import { invalidSource, SourceMalformed } from '../source-failure.ts';
import { fixedCsvOptions, sqlPath } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

/** How a value is written in the file. */
export type WrittenForm =
  | 'text'
  /** A boolean: `t` and `f`. */
  | 'letter'
  /** An instant as PostgreSQL writes it in UTC: `2026-11-23 10:00:00.5+00`. */
  | 'utc-offset'
  /** An instant as MySQL writes it in UTC: `2026-11-23 10:00:00.500000`. */
  | 'utc-bare';

/** How values of the watermark's column compare, here and in the database. */
export type WatermarkOrder = 'time' | 'integer' | 'decimal' | 'double' | 'bytes';

/** The column whose highest value in the file becomes the new watermark. */
export interface ComparedColumn {
  /** Index among the columns. */
  readonly column: number;
  readonly order: WatermarkOrder;
  readonly from: string | null;
}

export interface FetchedColumn {
  readonly name: string;
  readonly form: WrittenForm;
}

export interface FetchedRows {
  readonly kind: string;
  readonly path: string;
  readonly bytes: number;
  readonly columns: readonly FetchedColumn[];
  readonly notes: readonly string[];
  readonly watermark: ComparedColumn | { readonly known: string | null } | null;
}

export function fetchedSource(rows: FetchedRows): Source {
  const asked = rows.watermark;
  let watermark = asked === null ? null : 'known' in asked ? asked.known : asked.from;
  const source = {
    kind: rows.kind,
    name: rows.kind,
    bytes: rows.bytes,
    allowedPaths: [rows.path],
    open: async () => relationOf(rows),
    openCarefully: (options: OpenOptions) => carefulRelation(rows, options),
    readWatermark: () => watermark,
  };
  return withRelation(source, async (relation, { workbench }) => {
    if (asked !== null && 'order' in asked) {
      watermark = (await highestValue(asked, relation, workbench)) ?? watermark;
    }
    return relation;
  });
}

/** A row as a line of the file. */
export function csvLine(cells: readonly (string | null)[]): string {
  let line = '';
  for (const [index, cell] of cells.entries()) {
    if (index > 0) line += ',';
    line += cell === null ? '\\N' : quoted(cell);
  }
  return line;
}

function quoted(text: string): string {
  if (text === '' || text === '\\N') return `"${text}"`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Gives each column of a query a distinct name.
 * @param fields with the name '' for a column without one
 * @param leftOut a note for each column that is not read
 * @throws UsherError `definition_invalid`
 */
export function nameFetched(
  fields: readonly FetchedColumn[],
  leftOut: readonly string[],
): Pick<FetchedRows, 'columns' | 'notes'> {
  const names = fields.map(({ name }) => name);
  const { columns, notes } = nameColumns(names, 'The query returns');
  if (fields.length === 0) throw invalidSource('The query has no column that can be read.');
  return {
    columns: fields.map(({ form }, index) => ({ name: columns[index] ?? '', form })),
    notes: [...notes, ...leftOut],
  };
}

/** @throws UsherError `definition_invalid` for too many rows */
export function requireRowCount(count: number): void {
  if (count <= maxFetchedRows) return;
  throw invalidSource(`The query returns more than ${maxFetchedRows} rows.`);
}

/**
 * The watermark of a query, with the way in which its column's values compare.
 * @param orderOf by the column's index; `undefined` when values of its type have no order
 * @param types a list for the message
 * @throws UsherError `definition_invalid`
 */
export function compareWatermark(
  watermark: OpenSourceOptions['watermark'],
  columns: readonly FetchedColumn[],
  { orderOf, types }: { orderOf: (column: number) => WatermarkOrder | undefined; types: string },
): ComparedColumn | null {
  if (watermark === null) return null;
  const names = columns.map(({ name }) => name);
  const column = watermarkIndex(names, watermark.column);
  const order = orderOf(column);
  if (order !== undefined) return { column, order, from: watermark.from };
  throw invalidSource(
    `The column ${watermark.column} cannot tell which rows changed. Its type must be ${types}.`,
  );
}

/**
 * The index of the watermark's column.
 * @throws UsherError `definition_invalid`
 */
export function watermarkIndex(names: readonly string[], column: string): number {
  const index = names.indexOf(column);
  if (index !== -1) return index;
  throw invalidSource(`The query has no column ${column}, which should say when a row changed.`);
}

function relationOf(rows: FetchedRows): SourceRelation {
  const isPlain = rows.columns.every(({ form }) => form === 'text');
  const cells = rows.columns.map(({ form }, index) => `${cellSql(form, `c${index}`)} AS c${index}`);
  const read = readSql(rows, maxSourceRowBytes);
  return {
    columns: rows.columns.map(({ name }) => name),
    sql: isPlain ? read : `(SELECT ${cells.join(', ')} FROM ${read})`,
    rowNumbers: 'position',
    notes: rows.notes,
  };
}

/**
 * A row longer than this many times the bound makes the file fail. Shorter rows above the bound are
 * rejected.
 */
const longestRowFactor = 16;

/** Rejects rows that are too long, the only fault that a file from a database can have. */
async function carefulRelation(rows: FetchedRows, options: OpenOptions): Promise<SourceRelation> {
  const sizes = rows.columns.map((_, index) => `coalesce(strlen(c${index}), 0)`).join(' + ');
  const cells = rows.columns.map(({ form }, index) => `${cellSql(form, `c${index}`)} AS c${index}`);
  const numbered = `(SELECT row_number() OVER () - 1 AS n, ${sizes} AS size, *
    FROM ${readSql(rows, maxSourceRowBytes * longestRowFactor)})`;
  const reading = options.workbench.rows(
    `SELECT n FROM ${numbered} WHERE size > ${maxSourceRowBytes} ORDER BY n`,
  );
  const tooLong = await reading.catch((cause: unknown) => {
    if (!(cause instanceof SourceMalformed)) throw cause;
    throw invalidSource(
      `The query returns a row of more than ${maxSourceRowBytes * longestRowFactor} bytes, or text that is not UTF-8.`,
    );
  });
  for (const [n] of tooLong) {
    const reason = `is longer than ${maxSourceRowBytes} bytes`;
    options.onRejection({ row: Number(n) + 1, column: null, code: 'value_invalid', reason });
  }
  return {
    columns: rows.columns.map(({ name }) => name),
    sql: `(SELECT n, ${cells.join(', ')} FROM ${numbered} WHERE size <= ${maxSourceRowBytes})`,
    rowNumbers: 'column',
    notes: rows.notes,
  };
}

function readSql(rows: FetchedRows, maxRowBytes: number): string {
  const columns = rows.columns.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
  return `read_csv(${sqlPath(rows.path)}, ${fixedCsvOptions}, header = false, skip = 0, new_line = '\\n',
    delim = ',', quote = '"', escape = '"', nullstr = '\\N', allow_quoted_nulls = false,
    max_line_size = ${maxRowBytes}, buffer_size = ${maxRowBytes}, columns = {${columns}})`;
}

function cellSql(form: WrittenForm, cell: string): string {
  switch (form) {
    case 'letter':
      return `CASE ${cell} WHEN 't' THEN 'true' WHEN 'f' THEN 'false' END`;
    case 'utc-offset':
      // Infinity and years BC have no offset, and stay as the database writes them.
      return `CASE WHEN ends_with(${cell}, '+00') THEN replace(${cell}[:-4], ' ', 'T') || 'Z' ELSE ${cell} END`;
    case 'utc-bare':
      return `replace(${cell}, ' ', 'T') || 'Z'`;
    default:
      return cell;
  }
}

const castOf: Readonly<Record<WatermarkOrder, (cell: string) => string>> = {
  // A row changed "at infinity" would hide all later rows.
  time: (cell) => `nullif(TRY_CAST(${cell} AS TIMESTAMP), 'infinity'::TIMESTAMP)`,
  integer: (cell) => `TRY_CAST(${cell} AS HUGEINT)`,
  decimal: (cell) => `TRY_CAST(${cell} AS DECIMAL(38, 9))`,
  double: (cell) => `nullif(nullif(TRY_CAST(${cell} AS DOUBLE), 'inf'::DOUBLE), 'nan'::DOUBLE)`,
  bytes: (cell) => cell,
};

async function highestValue(
  { column, order }: ComparedColumn,
  relation: SourceRelation,
  workbench: Workbench,
): Promise<string | null> {
  const cell = `c${column}`;
  const value = castOf[order](cell);
  const [row] = await workbench.rows(`SELECT arg_max(${cell}, ${value}) FROM ${relation.sql}`);
  const found = row?.[0];
  return typeof found === 'string' ? found : null;
}
