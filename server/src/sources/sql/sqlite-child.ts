/**
 * The process that reads an SQLite file. SQLite blocks its thread during a query, and only ending
 * the process stops it. Messages (`sqlite-messages.ts`) carry the request, progress and result.
 */
import SqliteDatabase from 'better-sqlite3';
import { endWithParent } from '../end-with-parent.ts';
import { LineFile } from '../line-file.ts';
import { invalidSource } from '../source-failure.ts';
import { sqlName } from '../sql-text.ts';
import { csvLine, requireRowCount, watermarkIndex } from './fetched-rows.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-messages.ts';

endWithParent(process.argv[2]);

process.once('message', (request: SqliteRequest) => {
  void read(request)
    .catch((error: unknown): SqliteAnswer => {
      const { code, detail } = sqliteFailure(request.path, error);
      return { kind: 'failed', code, detail };
    })
    .then((answer) => process.send?.(answer, () => process.disconnect?.()));
});

async function read({ path, sql, file, watermark }: SqliteRequest): Promise<SqliteAnswer> {
  const database = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
  database.pragma('query_only = true');
  database.pragma('trusted_schema = false');
  database.pragma('busy_timeout = 10000');
  const first = database.prepare(sql);
  if (!first.reader || !first.readonly) {
    throw invalidSource('The query returns no rows. It must be one SELECT.');
  }
  const columns = first.columns();
  const isBytes = columns.map(({ type }) => /^\s*BLOB\s*$/i.test(type ?? ''));
  const names = columns.map(({ name }) => name);
  const { column: marked = '', from = null } = watermark ?? {};
  const index = watermark === null ? -1 : watermarkIndex(names, marked);
  if (watermark !== null) refuseMixed(database, sql, marked);
  const statement = from === null ? first : database.prepare(partOf(sql, marked));
  statement.raw(true).safeIntegers(true);
  const highest = new Highest();
  await using rows = await LineFile.create(file, (bytes) => {
    process.send?.({ kind: 'progress', bytes } satisfies SqliteAnswer);
  });
  const parameters = from === null ? [] : [{ from }];
  for (const row of statement.iterate(...parameters) as IterableIterator<unknown[]>) {
    const cells: (string | null)[] = [];
    for (const [column, value] of row.entries()) {
      if (isBytes[column] === true) continue;
      if (value instanceof Uint8Array) {
        throw invalidSource(
          `Row ${rows.count + 1} of the query holds bytes in the column ${names[column]}. Convert it to text, for example with hex(), or leave it out.`,
        );
      }
      cells.push(value === null ? null : String(value));
    }
    if (index !== -1) highest.add(row[index]);
    await rows.add(csvLine(cells));
    requireRowCount(rows.count);
  }
  await rows.end();
  const { kept = [], leftOut = [] } = Object.groupBy(names, (_, column) =>
    isBytes[column] === true ? 'leftOut' : 'kept',
  );
  return { kind: 'done', names: kept, leftOut, highest: highest.text };
}

/**
 * Refuses a column that mixes numbers and texts. SQLite sorts all numbers below all texts, so that
 * no watermark fits both: rows would be skipped.
 */
function refuseMixed(database: SqliteDatabase.Database, sql: string, column: string): void {
  const isThere = (types: string) =>
    `EXISTS (SELECT 1 FROM (${sql}\n) WHERE typeof(${sqlName(column)}) IN (${types}))`;
  const asked = `SELECT ${isThere("'text'")} AND ${isThere("'integer', 'real'")}`;
  if (database.prepare(asked).pluck().get() !== 1) return;
  throw invalidSource(
    `The column ${column}, which says when a row changed, mixes numbers and texts. Convert it in the query, for example with CAST(... AS TEXT).`,
  );
}

/**
 * SQL for rows at or after `@from`. In SQLite each value has its own type, whatever the column:
 * numbers are compared with `@from` as a number, texts with `@from` as a text.
 */
function partOf(sql: string, column: string): string {
  const name = sqlName(column);
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
