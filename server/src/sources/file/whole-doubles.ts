/**
 * Reads whole numbers that JSON writes as doubles, `123.0` and `1.23e2`, as 123, as a push does.
 * The text `"123.0"` stays as it is.
 */
import { isWholeSql, wholeTextSql } from '../cell-text.ts';
import { sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

export interface JsonCells {
  /** SQL to put after FROM: rows of one column `json`. */
  readonly objects: string;
  /** JSON pointers of the columns. */
  readonly pointers: readonly string[];
}

export interface WholeDoubles {
  /** Indexes of the columns that hold such a number. */
  readonly indexes: ReadonlySet<number>;
  /** Those of them that hold nothing but numbers. */
  readonly doubles: ReadonlySet<number>;
}

/** Matches a row that may hold such a number. May match inside a text. */
export const mayBeWhole = /[0-9]\.0+[^0-9]|[0-9][eE][-+]?[0-9]/;

/** SQL for a column's text, from the lists `cells` and `kinds` of the row (counted from 1). */
export function wholeCellSql(number: number): string {
  const value = `TRY_CAST(cells[${number}] AS DOUBLE)`;
  return `CASE WHEN ${isWholeDouble(number)} THEN ${wholeTextSql(value)} ELSE cells[${number}] END`;
}

export const noWholeDoubles: WholeDoubles = { indexes: new Set(), doubles: new Set() };

/**
 * Reads the rows twice more if one may hold such a number.
 * @param cells at least one pointer
 */
export async function findWholeDoubles(
  workbench: Workbench,
  { objects, pointers }: JsonCells,
): Promise<WholeDoubles> {
  const suspects = `${objects} WHERE regexp_matches(CAST(json AS VARCHAR), ${sqlText(mayBeWhole.source)})`;
  const paths = pointers.map(sqlText).join(', ');
  const lists = `SELECT json_extract_string(json, [${paths}]) AS cells, json_type(json, [${paths}]) AS kinds`;
  const wholes = pointers.map((_, index) => `bool_or(${isWholeDouble(index + 1)})`);
  const found = await workbench.rows(
    `SELECT ${wholes.join(', ')} FROM (${lists} FROM ${suspects})`,
  );
  const indexes = [...pointers.keys()].filter((index) => found[0]?.[index] === true);
  if (indexes.length === 0) return noWholeDoubles;
  const numbers = indexes.map(
    (index) =>
      `bool_and(coalesce(kinds[${index + 1}], 'NULL') IN ('DOUBLE', 'BIGINT', 'UBIGINT', 'NULL'))`,
  );
  const [alone] = await workbench.rows(
    `SELECT ${numbers.join(', ')} FROM (${lists} FROM ${objects})`,
  );
  return {
    indexes: new Set(indexes),
    doubles: new Set(indexes.filter((_, n) => alone?.[n] === true)),
  };
}

function isWholeDouble(number: number): string {
  return `(kinds[${number}] = 'DOUBLE' AND ${isWholeSql(`TRY_CAST(cells[${number}] AS DOUBLE)`)})`;
}
