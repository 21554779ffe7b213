/** Checks the text of a query, and finds the columns of its result, before the query runs. */
import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  StatementType,
} from '@duckdb/node-api';
import { UsherError } from '../../domain/errors.ts';
import { nearestWord } from '../../domain/nearest-word.ts';
import { hasText } from '../cell-text.ts';
import { requireColumnCount } from '../name-columns.ts';
import { invalidSource, printableName } from '../source-failure.ts';
import { sqlText } from '../sql-text.ts';
import { queryProblem, unknownColumnOf } from './query-problem.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Prepares the query without running it.
 * @throws UsherError `definition_invalid` unless it is one SELECT whose columns can be read
 */
export async function columnsOfQuery(
  connection: DuckDBConnection,
  sql: string,
): Promise<ResultColumn[]> {
  const statement = await prepareOne(connection, sql);
  try {
    if (statement.statementType !== StatementType.SELECT) {
      throw invalidSource('The query must be a SELECT.');
    }
    if (statement.parameterCount > 0) {
      throw invalidSource(
        'The query has parameters ($1, ?). They are not supported: write the values into the query.',
      );
    }
    const columns = Array.from({ length: statement.columnCount }, (_, index) => ({
      name: statement.columnName(index),
      type: statement.columnType(index).toString(),
    }));
    requireColumns(columns);
    return columns;
  } finally {
    statement.destroySync();
  }
}

async function prepareOne(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  if (sql.replaceAll(/--[^\n]*|[\s;]/g, '') === '') throw invalidSource('The query is empty.');
  try {
    const extracted = await connection.extractStatements(sql);
    if (extracted.count !== 1) {
      throw invalidSource(
        'The query must be one SELECT. (A PIVOT without IN counts as two: list the values, ON x IN (...).)',
      );
    }
    return await extracted.prepare(0);
  } catch (cause) {
    if (cause instanceof UsherError) throw cause;
    throw queryProblem(cause, sql, await nearestColumns(connection, unknownColumnOf(cause)));
  }
}

/** The three most similar column names of all tables, if they are similar at all. */
async function nearestColumns(
  connection: DuckDBConnection,
  name: string | undefined,
): Promise<readonly string[]> {
  if (name === undefined) return [];
  const reader = await connection.runAndReadAll(`SELECT column_name FROM duckdb_columns()
    WHERE NOT internal GROUP BY column_name
    ORDER BY levenshtein(lower(column_name), lower(${sqlText(name.slice(0, 100))})), column_name LIMIT 3`);
  const nearest = reader.getRowsJS().map(([column]) => String(column));
  return nearest.filter((column) => nearestWord(name, [column]) !== undefined);
}

function requireColumns(columns: readonly ResultColumn[]): void {
  requireColumnCount(columns.length, 'The query returns');
  const names = new Set<string>();
  for (const { name, type } of columns) {
    const shown = printableName(name);
    if (names.has(name.toLowerCase())) {
      throw invalidSource(
        `Two columns of the query's result are named ${shown}: rename one with AS.`,
      );
    }
    names.add(name.toLowerCase());
    if (hasText(type)) continue;
    throw invalidSource(
      `The column ${shown} of the query's result holds bytes or deeply nested lists. Convert it to text, for example with hex(x).`,
    );
  }
}
