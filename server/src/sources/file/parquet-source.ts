/** Parquet: columns have types of their own, which become the texts that the same values have in a CSV. */
import { UsherError } from '../../domain/errors.ts';
import { maxSourceColumns } from '../../domain/limits.ts';
import { bareFileName } from '../file-format.ts';
import { nameColumns } from '../name-columns.ts';
import type { Source, SourceRelation } from '../source.ts';
import { SourceMalformed } from '../source-malformed.ts';
import { sqlPath, type Workbench } from '../workbench.ts';
import type { SourceFile } from './source-file.ts';

export function parquetSource(file: SourceFile): Source {
  return {
    kind: file.shape,
    name: bareFileName(file.name),
    bytes: file.bytes,
    allowedPaths: [file.path],
    open: ({ workbench }) => open(file, workbench),
    // There is nothing to read more carefully: the format checks itself.
    openCarefully: () => Promise.reject(notParquet(file)),
  };
}

async function open(file: SourceFile, workbench: Workbench): Promise<SourceRelation> {
  const relation = `read_parquet(${sqlPath(file.path)}, hive_partitioning = false)`;
  const described = await describe(file, workbench, relation);
  const readable = described.filter(([, type]) => !/BLOB|^BIT$|GEOMETRY/.test(type));
  if (readable.length > maxSourceColumns) {
    throw new UsherError(
      'definition_invalid',
      `${file.name} has ${readable.length} columns; at most ${maxSourceColumns} can be read.`,
    );
  }
  const { columns, notes } = nameColumns(readable.map(([name]) => name));
  const cells = readable.map(
    ([name, type], place) => `${textOf(`"${name.replaceAll('"', '""')}"`, type)} AS c${place}`,
  );
  const left = described.length - readable.length;
  return {
    columns,
    sql: `(SELECT ${cells.join(', ')} FROM ${relation})`,
    rowNumbers: 'place',
    notes: left === 0 ? notes : [...notes, `Columns of bytes are left out: ${left}.`],
  };
}

async function describe(
  file: SourceFile,
  workbench: Workbench,
  relation: string,
): Promise<[name: string, type: string][]> {
  try {
    const rows = await workbench.rows(`DESCRIBE SELECT * FROM ${relation}`);
    return rows.map((row) => [String(row[0]), String(row[1])]);
  } catch (cause) {
    if (cause instanceof SourceMalformed) throw notParquet(file);
    throw cause;
  }
}

/** A list is a set as JSON text; an instant is written in UTC with its offset, so that it means the same everywhere. */
function textOf(column: string, type: string): string {
  if (/\]$|^STRUCT|^MAP|^UNION/.test(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;
  }
  return `CAST(${column} AS VARCHAR)`;
}

function notParquet(file: SourceFile): UsherError {
  return new UsherError(
    'definition_invalid',
    `${file.name} is not a Parquet file, or a broken one.`,
  );
}
