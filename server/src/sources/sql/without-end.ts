/**
 * A statement without the semicolons and blanks at its end, so that it can stand inside another
 * one.
 */
export function withoutEnd(sql: string): string {
  let end = sql.length;
  while (end > 0 && /[;\s]/.test(sql.charAt(end - 1))) end -= 1;
  return sql.slice(0, end);
}
