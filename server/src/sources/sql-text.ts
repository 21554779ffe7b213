/** Words from outside as parts of SQL. */

/** A path as an SQL literal that means this file and no other: the engine takes `*`, `?` and `[` in a path for a glob. */
export function sqlPath(path: string): string {
  return sqlText(enginePath(path));
}

/** The pattern that matches this path alone. */
export function enginePath(path: string): string {
  return /[*?[]/.test(path) ? path.replaceAll('\\', '\\\\').replaceAll(/[*?[]/g, '[$&]') : path;
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
