/** Reads Parquet: its typed values become the texts that a CSV would hold. */
import type { UsherError } from '../../domain/errors.ts';
import { cellTextSql, hasText, isFloatingPoint } from '../cell-text.ts';
import { nameColumns } from '../name-columns.ts';
import type { SourceReader, SourceRelation } from '../source.ts';
import { invalidSource, SourceMalformed } from '../source-failure.ts';
import { sqlName, sqlPath } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';
import type { SourceFile } from './source-file.ts';

export function parquetReader(file: SourceFile): SourceReader {
  return {
    open: ({ workbench }) => open(file, workbench),
    // Parquet has checksums: a second reading would find nothing more.
    openCarefully: () => Promise.reject(notParquet(file)),
  };
}

async function open(file: SourceFile, workbench: Workbench): Promise<SourceRelation> {
  const described = await describe(file, workbench);
  const readable = described.filter(([, type]) => hasText(type));
  const names = readable.map(([name]) => name);
  const { columns, notes } = nameColumns(names, `${file.name} has`);
  const cells = readable.map(
    ([name, type], index) => `${cellTextSql(sqlName(name), type)} AS c${index}`,
  );
  const doubles = readable.flatMap(([, type], index) => (isFloatingPoint(type) ? [index] : []));
  const left = described.length - readable.length;
  if (left > 0) notes.push(`${left} columns of bytes or of deeply nested lists are left out.`);
  const isNameTaken = described.some(([name]) => name.toLowerCase() === 'file_row_number');
  const rows = isNameTaken
    ? `(SELECT ${cells.join(', ')} FROM ${readSql(file)})`
    : `(SELECT file_row_number AS n, ${cells.join(', ')} FROM ${readSql(file, numbered)})`;
  return {
    columns,
    sql: rows,
    rowNumbers: isNameTaken ? 'position' : 'column',
    doubles: new Set(doubles),
    notes,
  };
}

const numbered = ', file_row_number = true';

function readSql(file: SourceFile, more = ''): string {
  return `read_parquet(${sqlPath(file.path)}, hive_partitioning = false${more})`;
}

async function describe(
  file: SourceFile,
  workbench: Workbench,
): Promise<[name: string, type: string][]> {
  try {
    const rows = await workbench.rows(`DESCRIBE SELECT * FROM ${readSql(file)}`);
    return rows.map((row) => [String(row[0]), String(row[1])]);
  } catch (cause) {
    if (cause instanceof SourceMalformed) throw notParquet(file);
    throw cause;
  }
}

function notParquet(file: SourceFile): UsherError {
  return invalidSource(`${file.name} is not a Parquet file, or it is damaged.`);
}
