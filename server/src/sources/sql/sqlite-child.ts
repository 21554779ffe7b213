/**
 * The process that reads an SQLite file: its engine holds up the thread that asks for as long as a
 * query takes, and cannot be stopped but with its process. It is told what to read by a message,
 * writes the rows to a file, and tells by messages how far it is and how it ended
 * (`sqlite-messages.ts`).
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
  const place = request.watermark === null ? -1 : names.indexOf(request.watermark.column);
  if (request.watermark !== null && place === -1) return failed('no-watermark');
  const mark = names[place];
  if (mark !== undefined && isMixed(database, request.sql, mark)) {
    return { kind: 'failed', reason: 'mixed-watermark', column: mark, row: null };
  }
  const from = request.watermark?.from ?? null;
  const statement =
    from === null ? first : database.prepare(partOf(request.sql, names[place] ?? ''));
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
    if (place !== -1) highest.add(row[place]);
    await rows.add(cells);
    if (rows.rows > maxFetchedRows) return failed('too-many-rows');
  }
  await rows.end();
  return { kind: 'done', names, isBytes, highest: highest.text };
}

/**
 * Whether some values of a column are numbers and others texts. To SQLite every number is below
 * every text, so that no mark between old and new rows can stand for both: rows would be skipped.
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
 * Values of a column are of the type that each has, whatever the column's: numbers come before
 * texts.
 */
function partOf(sql: string, column: string): string {
  const name = quotedName(column);
  return `SELECT * FROM (${sql}\n) WHERE ${name} IS NULL
    OR (typeof(${name}) IN ('integer', 'real') AND ${name} >= CAST(@from AS NUMERIC))
    OR (typeof(${name}) = 'text' AND ${name} >= @from COLLATE BINARY)`;
}

/** The highest value as SQLite orders them. */
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

/**
 * The engine's words may repeat the query, which may hold values: only what names a table or a
 * column is passed on.
 */
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

/** Of a folder that is not there the driver says so in words alone. */
function codeOf(error: unknown, words: string, code: string): string {
  if (error instanceof SqliteError || /^[A-Z_]{1,40}$/.test(code)) return code;
  return words.startsWith('Cannot open database') ? 'SQLITE_CANTOPEN' : 'unknown';
}
