/** Makes the named files of a query tables, and checks them before the query runs. */
import type { UsherError } from '../../domain/errors.ts';
import { maxReferenceDatasets, maxSourcePaths } from '../../domain/limits.ts';
import { freeName } from '../name-columns.ts';
import type { FileRows, Source, SourceRejection } from '../source.ts';
import { invalidSource, printableName } from '../source-failure.ts';
import { sqlName, sqlPath, sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

export interface QueryTable {
  readonly name: string;
  /** The SELECT of its view. */
  readonly sql: string;
  /** All its files, with and without rows. */
  readonly files: readonly FileRows[];
}

export interface NamedFiles {
  readonly name: string;
  readonly source: Source;
}

/** @throws UsherError `definition_invalid` */
export function requireTableNames(names: readonly string[]): void {
  const maxTables = maxSourcePaths + maxReferenceDatasets;
  if (names.length > maxTables) {
    throw invalidSource(
      `The query names ${names.length} tables; at most ${maxTables} are allowed.`,
    );
  }
  for (const [index, name] of names.entries()) {
    if (!/^[a-z_][a-z0-9_]{0,63}$/.test(name)) {
      throw invalidSource(
        `${printableName(name)} is not a valid table name. Use at most 64 lower-case letters, digits and _, and begin with a letter or _.`,
      );
    }
    if (names.indexOf(name) !== index)
      throw invalidSource(`Two tables of the query are named ${name}.`);
  }
}

/** Refuses names that SQL reserves. */
export async function refuseReserved(
  workbench: Workbench,
  names: readonly string[],
): Promise<void> {
  const listed = names.map(sqlText).join(', ');
  if (listed === '') return;
  const [found] = await workbench.rows(`SELECT keyword_name FROM duckdb_keywords()
    WHERE keyword_name IN (${listed}) AND keyword_category IN ('reserved', 'type_function') LIMIT 1`);
  if (found === undefined) return;
  throw invalidSource(
    `${String(found[0])} is a reserved word of SQL: choose another name for the table.`,
  );
}

/**
 * Columns of CSV and JSON are texts, so that their types are the same in every run. Parquet keeps
 * its types.
 * @throws UsherError `definition_invalid` naming file and row that cannot be read
 */
export async function tableOf(
  { name, source }: NamedFiles,
  workbench: Workbench,
): Promise<QueryTable> {
  if (source.kind === 'parquet') {
    const options = { workbench, onRejection: () => undefined };
    const files = (await (await source.open(options)).files?.()) ?? [];
    return { name, sql: parquetSql(source.allowedPaths), files };
  }
  let first: SourceRejection | undefined;
  const relation = await source.openCarefully({
    workbench,
    onRejection: (rejection) => {
      first ??= rejection;
    },
  });
  if (first !== undefined) throw await unreadable(first, relation.filesSql ?? '', workbench);
  const taken = new Set<string>();
  const cells = relation.columns.map((column, index) => {
    // The engine does not distinguish `Email` and `email`.
    const isTaken = (name: string) => taken.has(name.toLowerCase());
    const name = isTaken(column) ? freeName(column, isTaken) : column;
    taken.add(name.toLowerCase());
    return `c${index} AS ${sqlName(name)}`;
  });
  const files = (await relation.files?.()) ?? [];
  return { name, sql: `SELECT ${cells.join(', ')} FROM ${relation.sql}`, files };
}

export function parquetSql(paths: readonly string[]): string {
  const listed = paths.map(sqlPath).join(', ');
  return `SELECT * FROM read_parquet([${listed}], hive_partitioning = false)`;
}

async function unreadable(
  first: SourceRejection,
  filesSql: string,
  workbench: Workbench,
): Promise<UsherError> {
  const [file] = await workbench.rows(
    `SELECT name, start FROM (${filesSql}) WHERE start < ${first.row} ORDER BY start DESC LIMIT 1`,
  );
  const row = first.row - Number(file?.[1] ?? 0);
  return invalidSource(
    `Row ${row} of ${String(file?.[0] ?? 'a file')} ${first.reason}. A query does not skip rows, because a sum without a row would be wrong. Fix the row, or remove it from the file.`,
  );
}
