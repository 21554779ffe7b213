/** Typed values of the engine as the texts that the same values have in a CSV. */

/**
 * A list is a set as JSON text; an instant is written in UTC with its offset, so that it means the same everywhere.
 * @param type as the engine names it
 */
export function cellTextSql(column: string, type: string): string {
  if (/\]$|^STRUCT|^MAP|^UNION/.test(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;
  }
  return `CAST(${column} AS VARCHAR)`;
}

/** Bytes have no text. */
export function hasText(type: string): boolean {
  return !/BLOB|^BIT$|GEOMETRY/.test(type);
}
