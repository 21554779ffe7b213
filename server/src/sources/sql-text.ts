/** Words from outside as parts of SQL. */

/**
 * A path as an SQL literal that means this file and no other: the engine takes `*`, `?` and `[` in
 * a path for a glob.
 */
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

/**
 * For `read_csv`: what is the same for all files of ours and of others, so that the engine guesses
 * none of it.
 */
export const fixedCsvOptions = `auto_detect = false, strict_mode = true, null_padding = false,
  ignore_errors = false, store_rejects = false, comment = '', thousands = '', decimal_separator = '.',
  encoding = 'utf-8', compression = 'none', union_by_name = false, filename = false,
  hive_partitioning = false, normalize_names = false`;
