/** CSV, TSV and their like. A well-formed UTF-8 file is read by the engine alone; anything else passes `csv-reader.ts` first. */

import { bareFileName } from '../file-format.ts';
import { maxSourceRowBytes, sourceHeadBytes } from '../limits.ts';
import type { OpenOptions, Source, SourceRelation } from '../source.ts';
import { SourceMalformed } from '../source-malformed.ts';
import { sqlPath, sqlText } from '../sql-text.ts';
import { CarefulRows } from './careful-rows.ts';
import { type CsvDialect, detectDialect, isBlank } from './csv-dialect.ts';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import { requireText } from './require-text.ts';
import { readHead, requireWhole, type SourceFile } from './source-file.ts';
import { detectEncoding, encodingNames, encodingOfHead, readText } from './text-encoding.ts';

export function delimitedSource(file: SourceFile): Source {
  return {
    kind: file.shape,
    name: bareFileName(file.name),
    bytes: file.bytes,
    allowedPaths: [file.path],
    open: () => openDirectly(file),
    openCarefully: (options) => rewrite(file, options),
  };
}

async function openDirectly(file: SourceFile): Promise<SourceRelation> {
  const head = await readHead(file, sourceHeadBytes);
  requireText(file.name, head);
  // The engine's own word would come only after reading up to the first odd byte.
  if (encodingOfHead(head) !== undefined) throw new SourceMalformed('not UTF-8');
  await requireWhole(file);
  const isWhole = head.length < sourceHeadBytes;
  const dialect = dialectOf(file, head.toString('utf8'), isWhole);
  if (dialect.odd || dialect.columns.length === 1) throw new SourceMalformed('odd beginning');
  const columns = dialect.columns.map((_, place) => `c${place}: 'VARCHAR'`).join(', ');
  const compression = file.compression === 'none' ? 'none' : file.compression;
  return {
    columns: dialect.columns,
    sql: `read_csv(${sqlPath(file.path)}, auto_detect = false, header = true, strict_mode = true,
      delim = ${sqlText(dialect.separator)}, quote = '"', escape = '"', comment = '',
      hive_partitioning = false, compression = ${sqlText(compression)}, max_line_size = ${maxSourceRowBytes},
      buffer_size = ${maxSourceRowBytes},
      columns = {${columns}})`,
    rowNumbers: 'place',
    notes: dialect.notes,
  };
}

async function rewrite(file: SourceFile, options: OpenOptions): Promise<SourceRelation> {
  const { encoding, damaged } = await detectEncoding(file);
  const notes: string[] = [];
  if (encoding !== 'utf-8') notes.push(`${file.name} is read as ${encodingNames[encoding]}.`);
  if (damaged) notes.push(`${file.name} has broken UTF-8: the rows that hold it are rejected.`);
  let head = '';
  const reading = readText(file, encoding, options.onProgress);
  for await (const piece of readText(file, encoding)) {
    head += piece;
    if (head.length >= sourceHeadBytes) break;
  }
  const dialect = dialectOf(file, head, head.length < sourceHeadBytes);
  const rows = new CarefulRows(options.workbench.folder, file.place);
  const rowCount = await copyRows({ reading, dialect, rows, damaged }, options);
  await rows.end();
  const relation = carefulRelation(rows.path, dialect.columns, [...notes, ...dialect.notes]);
  return { ...relation, rowCount };
}

interface Copying {
  readonly reading: AsyncIterable<string>;
  readonly dialect: CsvDialect;
  readonly rows: CarefulRows;
  readonly damaged: boolean;
}

/** @returns how many rows there were, the rejected ones with them */
async function copyRows(copying: Copying, options: OpenOptions): Promise<number> {
  const { dialect, rows } = copying;
  const reader = new CsvReader({
    separator: dialect.separator,
    maxRowLength: maxSourceRowBytes,
  });
  const width = dialect.columns.length;
  let place = -1;
  let isBeforeHeader = true;
  const take = (row: CsvRow): Promise<void> | undefined => {
    if (isBlank(row) && (width > 1 || isBeforeHeader)) return undefined;
    if (isBeforeHeader) {
      isBeforeHeader = /^sep=/i.test(row.cells[0] ?? '');
      return undefined;
    }
    place += 1;
    const fault = row.fault ?? faultOf(row.cells, width, copying.damaged);
    if (fault === undefined) return rows.add(place, JSON.stringify(row.cells.slice(0, width)));
    options.onRejection({ row: place + 1, column: null, code: 'value_invalid', reason: fault });
    return undefined;
  };
  for await (const piece of copying.reading) {
    for (const row of reader.push(piece)) await take(row);
  }
  for (const row of reader.end()) await take(row);
  return place + 1;
}

function faultOf(cells: readonly string[], width: number, damaged: boolean): string | undefined {
  // Some exports end each row, but not the header, with a separator.
  const isWider = cells.slice(width).some((cell) => cell.trim() !== '');
  if (cells.length < width || isWider) {
    return `has ${cells.length} cells where the header has ${width}`;
  }
  return damaged && cells.some((cell) => cell.includes('\ufffd'))
    ? 'has bytes that are not UTF-8'
    : undefined;
}

function dialectOf(file: SourceFile, head: string, isWhole: boolean): CsvDialect {
  return detectDialect(head, { name: file.name, isWhole, tabs: file.shape === 'tsv' });
}

/** Rows written by `CarefulRows`, each an array of cells. */
function carefulRelation(
  path: string,
  columns: readonly string[],
  notes: readonly string[],
): SourceRelation {
  const paths = ['/0', ...columns.map((_, place) => `/1/${place}`)];
  const cells = columns.map((_, place) => `cells[${place + 2}] AS c${place}`);
  return {
    columns,
    sql: `(SELECT CAST(cells[1] AS BIGINT) AS n, ${cells.join(', ')} FROM (
      SELECT json_extract_string(json, [${paths.map(sqlText).join(', ')}]) AS cells
      FROM read_json_objects(${sqlPath(path)}, hive_partitioning = false, format = 'newline_delimited',
        maximum_object_size = ${maxSourceRowBytes * 8})))`,
    rowNumbers: 'column',
    notes,
  };
}
