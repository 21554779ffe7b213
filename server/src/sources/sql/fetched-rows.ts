/**
 * Rows fetched from a database, as a source: a file of comma-separated texts below the run's folder
 * whose form is known, so that nothing is guessed when it is read. `\N` unquoted is no value; an
 * empty text stays an empty text. Who wrote the file is its caller's business.
 */
import { maxSourceColumns } from '../../domain/limits.ts';
import { maxSourceRowBytes } from '../limits.ts';
import { nameColumns } from '../name-columns.ts';
import type { OpenOptions, Source, SourceRelation } from '../source.ts';
import { invalidSource } from '../source-failure.ts';
import { SourceMalformed } from '../source-malformed.ts';
import { fixedCsvOptions, sqlPath } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

/** How a value is written in the file where that is not how rows are to have it. */
export type WrittenForm =
  | 'text'
  /** `t` and `f`. */
  | 'letter'
  /** PostgreSQL's text of an instant in a session in UTC: `2026-11-23 10:00:00.5+00`. */
  | 'utc-offset'
  /** MySQL's text of an instant in a session in UTC: `2026-11-23 10:00:00.500000`. */
  | 'utc-bare';

/** How values of the watermark's column follow each other; the same order as the database's. */
export type WatermarkOrder = 'time' | 'integer' | 'decimal' | 'double' | 'bytes';

/** The watermark's column, where the highest value is found when the rows are opened. */
export interface ComparedColumn {
  /** Its place among the columns. */
  readonly column: number;
  readonly order: WatermarkOrder;
  readonly from: string | null;
}

export interface FetchedRows {
  readonly kind: string;
  readonly path: string;
  readonly bytes: number;
  readonly columns: readonly { readonly name: string; readonly form: WrittenForm }[];
  readonly notes: readonly string[];
  readonly watermark: ComparedColumn | { readonly known: string | null } | null;
}

export function fetchedSource(rows: FetchedRows): Source {
  const asked = rows.watermark;
  let watermark = asked === null ? null : 'known' in asked ? asked.known : asked.from;
  const opened = async (relation: SourceRelation, workbench: Workbench) => {
    if (asked !== null && 'order' in asked) {
      watermark = (await highestValue(asked, relation, workbench)) ?? watermark;
    }
    return relation;
  };
  return {
    kind: rows.kind,
    name: rows.kind,
    bytes: rows.bytes,
    allowedPaths: [rows.path],
    open: ({ workbench }) => opened(relationOf(rows), workbench),
    openCarefully: async (options) =>
      opened(await carefulRelation(rows, options), options.workbench),
    readWatermark: () => watermark,
  };
}

/**
 * Names for a query's columns: distinct and none empty; what was done is said.
 * @param names '' for a column that the query gives no name
 * @throws UsherError `definition_invalid`
 */
export function nameFetched(names: readonly string[]): { columns: string[]; notes: string[] } {
  if (names.length > maxSourceColumns) {
    throw invalidSource(
      `The query gives ${names.length} columns; at most ${maxSourceColumns} can be read.`,
    );
  }
  if (names.length === 0) {
    throw invalidSource('The query gives no column that can be read.');
  }
  return nameColumns(names);
}

/**
 * Where the watermark's column is among the query's.
 * @throws UsherError `definition_invalid` when it is not there once
 */
export function findWatermark(columns: readonly string[], name: string): number {
  const place = columns.indexOf(name);
  if (place !== -1) return place;
  throw invalidSource(`The query gives no column ${name}, by which it is to be read in parts.`);
}

function relationOf(rows: FetchedRows): SourceRelation {
  const isPlain = rows.columns.every(({ form }) => form === 'text');
  const cells = rows.columns.map(({ form }, place) => `${cellSql(form, `c${place}`)} AS c${place}`);
  const read = readSql(rows, maxSourceRowBytes);
  return {
    columns: rows.columns.map(({ name }) => name),
    sql: isPlain ? read : `(SELECT ${cells.join(', ')} FROM ${read})`,
    rowNumbers: 'place',
    notes: rows.notes,
  };
}

/**
 * Times of the longest row that is read at which the file is given up; what is between is rejected
 * row by row.
 */
const longestRowFactor = 16;

/**
 * The rows that are too long are what can be wrong with a file that a database wrote; each is
 * rejected.
 */
async function carefulRelation(rows: FetchedRows, options: OpenOptions): Promise<SourceRelation> {
  const sizes = rows.columns.map((_, place) => `coalesce(strlen(c${place}), 0)`).join(' + ');
  const cells = rows.columns.map(({ form }, place) => `${cellSql(form, `c${place}`)} AS c${place}`);
  const numbered = `(SELECT row_number() OVER () - 1 AS n, ${sizes} AS size, *
    FROM ${readSql(rows, maxSourceRowBytes * longestRowFactor)})`;
  const reading = options.workbench.rows(
    `SELECT n FROM ${numbered} WHERE size > ${maxSourceRowBytes} ORDER BY n`,
  );
  const tooLong = await reading.catch((cause: unknown) => {
    if (!(cause instanceof SourceMalformed)) throw cause;
    throw invalidSource(
      `The query gives a row of more than ${maxSourceRowBytes * longestRowFactor} bytes, or text that is not UTF-8.`,
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
  const columns = rows.columns.map((_, place) => `c${place}: 'VARCHAR'`).join(', ');
  return `read_csv(${sqlPath(rows.path)}, ${fixedCsvOptions}, header = false, skip = 0, new_line = '\\n',
    delim = ',', quote = '"', escape = '"', nullstr = '\\N', allow_quoted_nulls = false,
    max_line_size = ${maxRowBytes}, buffer_size = ${maxRowBytes}, columns = {${columns}})`;
}

function cellSql(form: WrittenForm, cell: string): string {
  switch (form) {
    case 'letter':
      return `CASE ${cell} WHEN 't' THEN 'true' WHEN 'f' THEN 'false' END`;
    case 'utc-offset':
      // Infinity and years before our era have no such end, and stay as the database writes them.
      return `CASE WHEN ends_with(${cell}, '+00') THEN replace(${cell}[:-4], ' ', 'T') || 'Z' ELSE ${cell} END`;
    case 'utc-bare':
      return `replace(${cell}, ' ', 'T') || 'Z'`;
    default:
      return cell;
  }
}

const castOf: Readonly<Record<WatermarkOrder, (cell: string) => string>> = {
  // A row that is changed "at infinity" would shut out all others for ever.
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
