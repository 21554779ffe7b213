/**
 * The process that reads an SQLite file. SQLite blocks its thread during a query, and only ending
 * the process stops it. Messages (`sqlite-messages.ts`) carry the request, progress and result.
 */
import SqliteDatabase, { SqliteError } from 'better-sqlite3';
import { endWithParent } from '../end-with-parent.ts';
import { maxFetchedRows } from '../limits.ts';
import { CsvRows } from './csv-rows.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-messages.ts';

endWithParent(process.argv[2]);

process.once('message', (request: SqliteRequest) => {
  void read(request)
    .catch((error: unknown) => failureOf(error))
    .then((answer) => process.send?.(answer, () => process.disconnect?.()));
});

async function read(request: SqliteRequest): Promise<SqliteAnswer> {
  const database = new SqliteDatabase(request.path, { readonly: true, fileMustExist: true });
  database.pragma('query_only = true');
  database.pragma('trusted_schema = false');
  database.pragma('busy_timeout = 10000');
  const first = database.prepare(request.sql);
  if (!first.reader || !first.readonly) return failed('not-a-select');
  const columns = first.columns();
  const isBytes = columns.map(({ type }) => /^\s*BLOB\s*$/i.test(type ?? ''));
  const names = columns.map(({ name }) => name);
  const index = request.watermark === null ? -1 : names.indexOf(request.watermark.column);
  if (request.watermark !== null && index === -1) return failed('no-watermark');
  const mark = names[index];
  if (mark !== undefined && isMixed(database, request.sql, mark)) {
    return { kind: 'failed', reason: 'mixed-watermark', column: mark, row: null };
  }
  const from = request.watermark?.from ?? null;
  const statement =
    from === null ? first : database.prepare(partOf(request.sql, names[index] ?? ''));
  statement.raw(true).safeIntegers(true);
  const highest = new Highest();
  const rows = await CsvRows.create(request.file, (bytes) => {
    process.send?.({ kind: 'progress', bytes } satisfies SqliteAnswer);
  });
  const parameters = from === null ? [] : [{ from }];
  for (const row of statement.iterate(...parameters) as IterableIterator<unknown[]>) {
    const cells: (string | null)[] = [];
    for (const [column, value] of row.entries()) {
      if (isBytes[column] === true) continue;
      if (value instanceof Uint8Array) {
        return { kind: 'failed', reason: 'bytes', column: names[column] ?? '', row: rows.rows + 1 };
      }
      cells.push(value === null ? null : String(value));
    }
    if (index !== -1) highest.add(row[index]);
    await rows.add(cells);
    if (rows.rows > maxFetchedRows) return failed('too-many-rows');
  }
  await rows.end();
  return { kind: 'done', names, isBytes, highest: highest.text };
}

/**
 * Whether the column mixes numbers and texts. SQLite sorts all numbers below all texts, so that no
 * watermark fits both: rows would be skipped.
 */
function isMixed(database: SqliteDatabase.Database, sql: string, column: string): boolean {
  const isThere = (types: string) =>
    `EXISTS (SELECT 1 FROM (${sql}\n) WHERE typeof(${quotedName(column)}) IN (${types}))`;
  const asked = `SELECT ${isThere("'text'")} AND ${isThere("'integer', 'real'")}`;
  return database.prepare(asked).pluck().get() === 1;
}

function quotedName(column: string): string {
  return `"${column.replaceAll('"', '""')}"`;
}

/**
 * SQL for rows at or after `@from`. Each value has a type of its own: numbers sort before texts.
 */
function partOf(sql: string, column: string): string {
  const name = quotedName(column);
  return `SELECT * FROM (${sql}\n) WHERE ${name} IS NULL
    OR (typeof(${name}) IN ('integer', 'real') AND ${name} >= CAST(@from AS NUMERIC))
    OR (typeof(${name}) = 'text' AND ${name} >= @from COLLATE BINARY)`;
}

/** The highest value in SQLite's order. */
class Highest {
  #number: number | bigint | undefined;
  #text: string | undefined;

  add(value: unknown): void {
    if (typeof value === 'string') {
      if (this.#text === undefined || value > this.#text) this.#text = value;
    } else if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) {
      if (this.#number === undefined || value > this.#number) this.#number = value;
    }
  }

  get text(): string | null {
    return this.#text ?? this.#number?.toString() ?? null;
  }
}

function failed(reason: 'not-a-select' | 'no-watermark' | 'too-many-rows'): SqliteAnswer {
  return { kind: 'failed', reason, column: null, row: null };
}

/** Passes on only the names of tables and columns: the message may quote the query. */
function failureOf(error: unknown): SqliteAnswer {
  const words = error instanceof Error ? error.message : '';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const missing = /^no such (table|column|function): ([\w.]{1,100})$/.exec(words);
  return {
    kind: 'broken',
    code: codeOf(error, words, code),
    missing: missing === null ? null : `${missing[1]} ${missing[2]}`,
    severalStatements: /more than one statement|no statements/.test(words),
  };
}

/** For a missing folder the driver gives a message without a code. */
function codeOf(error: unknown, words: string, code: string): string {
  if (error instanceof SqliteError || /^[A-Z_]{1,40}$/.test(code)) return code;
  return words.startsWith('Cannot open database') ? 'SQLITE_CANTOPEN' : 'unknown';
}
