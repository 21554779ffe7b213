/** Typed values of the engine as the texts that the same values have in a CSV. */
import { maxNestedTypes } from './limits.ts';

/**
 * A list is a set as JSON text; an instant is written in UTC with its offset, so that it means the
 * same everywhere.
 * @param type as the engine names it
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

/** From here on, neighbours of a whole double are more than 1 apart. */
const firstInexactWhole = '9007199254740992';

/**
 * A whole number has no point, as in JavaScript and in the databases: an id that a program kept as
 * a double is the same id. Not a number is what data frames write for no value.
 * @param value SQL of type DOUBLE or FLOAT
 */
function doubleTextSql(value: string): string {
  return `CASE WHEN isnan(${value}) THEN NULL WHEN ${isWholeSql(value)} THEN ${wholeTextSql(value)} ELSE CAST(${value} AS VARCHAR) END`;
}

/** Whether a double is a whole number and surely the one that was meant. */
export function isWholeSql(value: string): string {
  return `(abs(${value}) < ${firstInexactWhole} AND trunc(${value}) = ${value})`;
}

export function wholeTextSql(value: string): string {
  return `CAST(CAST(${value} AS BIGINT) AS VARCHAR)`;
}

/**
 * Whether values of the type can be written as text. Bytes cannot, and what is nested deeply must
 * not: with each level of lists the engine takes twice as long, 7 s at 25 for one value.
 */
export function hasText(type: string): boolean {
  return !/BLOB|^BIT$|GEOMETRY/.test(type) && nestingOf(type) <= maxNestedTypes;
}

/** At least as many levels as the type has. */
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
