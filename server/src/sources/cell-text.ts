/** SQL that turns typed values of the engine into the text that a CSV would hold. */
import { maxNestedTypes } from './limits.ts';

/**
 * Lists become JSON. Instants are written in UTC with their offset.
 * @param type the engine's name of the column's type
 */
export function cellTextSql(column: string, type: string): string {
  if (/\]$|^STRUCT|^MAP|^UNION/.test(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;
  }
  if (isFloatingPoint(type)) return doubleTextSql(column);
  return `CAST(${column} AS VARCHAR)`;
}

export function isFloatingPoint(type: string): boolean {
  return type === 'DOUBLE' || type === 'FLOAT';
}

/** 2^53: above it, two whole doubles that follow each other are more than 1 apart. */
const firstInexactWhole = '9007199254740992';

/**
 * SQL for the text of a DOUBLE or FLOAT. A whole number has no decimal point, so that an id that a
 * program stored as a double stays the same id. NaN becomes NULL: data frames write it for a
 * missing value.
 */
function doubleTextSql(value: string): string {
  return `CASE WHEN isnan(${value}) THEN NULL WHEN ${isWholeSql(value)} THEN ${wholeTextSql(value)} ELSE CAST(${value} AS VARCHAR) END`;
}

/** Whether a double is a whole number that a double can hold exactly. */
export function isWholeSql(value: string): string {
  return `(abs(${value}) < ${firstInexactWhole} AND trunc(${value}) = ${value})`;
}

export function wholeTextSql(value: string): string {
  return `CAST(CAST(${value} AS BIGINT) AS VARCHAR)`;
}

/**
 * Whether values of the type can become text. Bytes cannot. Deeply nested types are refused because
 * each level doubles the engine's time: 7 s for one value at 25 levels.
 */
export function hasText(type: string): boolean {
  return !/BLOB|^BIT$|GEOMETRY/.test(type) && nestingOf(type) <= maxNestedTypes;
}

/** An upper bound of the type's levels of nesting. */
function nestingOf(type: string): number {
  const bare = type.replaceAll(/"(?:[^"]|"")*"/g, '');
  const lists = Math.max(
    0,
    ...(bare.match(/(?:\[\d*\])+/g) ?? []).map((run) => run.split('[').length - 1),
  );
  let [depth, deepest] = [0, 0];
  for (const letter of bare) {
    if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest * (lists + 1) + lists;
}
