/**
 * Numbers that JSON writes with a point or an exponent and that are whole: `123.0` and `1.23e2` are
 * 123, as a push has it. The text `"123.0"` stays as it is.
 */
import { isWholeSql, wholeTextSql } from '../cell-text.ts';
import { sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

export interface JsonCells {
  /** What stands after FROM: rows of one column `json`. */
  readonly objects: string;
  /** JSON pointers of the columns. */
  readonly pointers: readonly string[];
}

export interface WholeDoubles {
  /** Places of columns that have such a number. */
  readonly places: ReadonlySet<number>;
  /** Those of them that have numbers alone. */
  readonly doubles: ReadonlySet<number>;
}

/** A row that may have such a number: in a text or in a number. */
export const mayBeWhole = /[0-9]\.0+[^0-9]|[0-9][eE][-+]?[0-9]/;

/** A column's text, given the lists `cells` and `kinds` of the row (from 1). */
export function wholeCellSql(number: number): string {
  const value = `TRY_CAST(cells[${number}] AS DOUBLE)`;
  return `CASE WHEN ${isWholeDouble(number)} THEN ${wholeTextSql(value)} ELSE cells[${number}] END`;
}

export const noWholeDoubles: WholeDoubles = { places: new Set(), doubles: new Set() };

/** Reads the rows twice more where one has such a number. @param cells one pointer at least */
export async function findWholeDoubles(
  workbench: Workbench,
  { objects, pointers }: JsonCells,
): Promise<WholeDoubles> {
  const suspects = `${objects} WHERE regexp_matches(CAST(json AS VARCHAR), ${sqlText(mayBeWhole.source)})`;
  const paths = pointers.map(sqlText).join(', ');
  const lists = `SELECT json_extract_string(json, [${paths}]) AS cells, json_type(json, [${paths}]) AS kinds`;
  const wholes = pointers.map((_, place) => `bool_or(${isWholeDouble(place + 1)})`);
  const found = await workbench.rows(
    `SELECT ${wholes.join(', ')} FROM (${lists} FROM ${suspects})`,
  );
  const places = [...pointers.keys()].filter((place) => found[0]?.[place] === true);
  if (places.length === 0) return noWholeDoubles;
  const numbers = places.map(
    (place) =>
      `bool_and(coalesce(kinds[${place + 1}], 'NULL') IN ('DOUBLE', 'BIGINT', 'UBIGINT', 'NULL'))`,
  );
  const [alone] = await workbench.rows(
    `SELECT ${numbers.join(', ')} FROM (${lists} FROM ${objects})`,
  );
  return {
    places: new Set(places),
    doubles: new Set(places.filter((_, n) => alone?.[n] === true)),
  };
}

function isWholeDouble(number: number): string {
  return `(kinds[${number}] = 'DOUBLE' AND ${isWholeSql(`TRY_CAST(cells[${number}] AS DOUBLE)`)})`;
}
