/**
 * Removes semicolons and blanks from the end of a statement, so that it fits inside another one.
 */
export function withoutEnd(sql: string): string {
  let end = sql.length;
  while (end > 0 && /[;\s]/.test(sql.charAt(end - 1))) end -= 1;
  return sql.slice(0, end);
}
