/** Quotes texts, names and paths for SQL, and holds other parts of statements. */

/** A path as an SQL literal. The engine would take `*`, `?` and `[` in it for a glob. */
export function sqlPath(path: string): string {
  return sqlText(enginePath(path));
}

/** A glob that matches this path alone. */
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

/** A statement without semicolons and blanks at its end, so that it fits inside another one. */
export function withoutEnd(sql: string): string {
  let end = sql.length;
  while (end > 0 && /[;\s]/.test(sql.charAt(end - 1))) end -= 1;
  return sql.slice(0, end);
}

/** Options of every `read_csv`. They leave nothing for the engine to guess. */
export const fixedCsvOptions = `auto_detect = false, strict_mode = true, null_padding = false,
  ignore_errors = false, store_rejects = false, comment = '', thousands = '', decimal_separator = '.',
  encoding = 'utf-8', compression = 'none', union_by_name = false, filename = false,
  hive_partitioning = false, normalize_names = false`;
