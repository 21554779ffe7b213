/**
 * Reads MySQL and MariaDB: streams the rows of one SELECT, as texts, into a file. The transaction
 * is read-only and sees one state of the data.
 */
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { type Connection, createConnection, escapeId } from 'mysql2';
import type { SourceDefinition } from '../../domain/dataset/dataset-definition.ts';
import { FetchBounds, type FetchLimits } from '../fetch-bounds.ts';
import { sourceConnectMs } from '../limits.ts';
import { LineFile } from '../line-file.ts';
import type { OpenSourceOptions, Source } from '../source.ts';
import { invalidSource, writingFailure } from '../source-failure.ts';
import { withoutEnd } from '../sql-text.ts';
import { type DatabaseAddress, readDatabaseUrl } from './database-url.ts';
import { endOnServer } from './end-on-server.ts';
import {
  type ComparedColumn,
  compareWatermark,
  csvLine,
  type FetchedRows,
  fetchedSource,
  nameFetched,
  requireRowCount,
} from './fetched-rows.ts';
import {
  castStored,
  castToText,
  holdsBytes,
  losesDigits,
  type MysqlField,
  mysqlCondition,
  mysqlForm,
  mysqlOrder,
} from './mysql-columns.ts';
import { mysqlFailure } from './mysql-failure.ts';

export type MysqlDefinition = Extract<SourceDefinition, { kind: 'mysql' }>;

const kind = { schemes: ['mysql', 'mariadb'], port: 3306 };

/** Rows that the driver buffers: memory is at most this many times the longest row. */
const rowsAhead = 32;

/** @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full` */
export async function openMysqlSource(
  definition: MysqlDefinition,
  options: OpenSourceOptions,
  limits?: FetchLimits,
): Promise<Source> {
  const address = readDatabaseUrl(await options.secrets(definition.url), kind, definition.url);
  const sql = withoutEnd(definition.sql);
  requireSelect(sql);
  const bounds = new FetchBounds(options, limits);
  const connection = connect(address);
  // While rows stream, the driver reports a lost connection only here.
  const lost = new Promise<never>((_, reject) => connection.on('error', reject));
  lost.catch(() => undefined);
  let session: number | undefined;
  const abandoned = new AbortController();
  const fetching = async () => {
    session = await sessionOf(connection);
    await beginReading(connection, bounds.limits.maxMs);
    return fetchRows(connection, sql, { options, bounds, abandoned: abandoned.signal });
  };
  try {
    return fetchedSource(await bounds.within(Promise.race([fetching(), lost])));
  } catch (error) {
    // Without this abort, a stream whose connection is lost would wait for ever and keep its file
    // open.
    abandoned.abort();
    connection.destroy();
    if (session !== undefined) await endSession(address, session);
    if (bounds.signal.aborted) throw error;
    throw writingFailure(error) ?? mysqlFailure(`The database of ${definition.url}`, error);
  } finally {
    bounds.end();
    connection.destroy();
  }
}

function connect(address: DatabaseAddress): Connection {
  const { host, port, user, password, database, tls } = address;
  return createConnection({
    ...(host.startsWith('/') ? { socketPath: host } : { host, port }),
    user,
    password,
    database,
    charset: 'utf8mb4',
    connectTimeout: sourceConnectMs,
    enableKeepAlive: true,
    multipleStatements: false,
    connectAttributes: { program_name: 'usher' },
    ...(tls !== false && {
      ssl: {
        rejectUnauthorized: tls.rejectUnauthorized === true,
        verifyIdentity: tls.rejectUnauthorized === true,
        ...(typeof tls.ca === 'string' && { ca: tls.ca }),
      },
    }),
  });
}

/**
 * Refuses statements that do not begin like a query, and comments that the server would execute.
 */
function requireSelect(sql: string): void {
  const bare = sql.replace(/^(?:\s+|\(|--[^\n]*\n|#[^\n]*\n|\/\*(?![!M])[\s\S]*?\*\/)*/, '');
  if (/^(?:SELECT|WITH|VALUES|TABLE)\b/i.test(bare)) return;
  throw invalidSource('The query must be one SELECT.');
}

/**
 * Asks the server for the id of our session. The id in the greeting may be that of a proxy, which
 * numbers its sessions differently.
 */
async function sessionOf(connection: Connection): Promise<number> {
  const [row] = (await ask(connection, 'SELECT CONNECTION_ID() AS id')) as { id: number }[];
  return Number(row?.id);
}

/** Ends our session, and its statement, from a second connection. */
async function endSession(address: DatabaseAddress, session: number): Promise<void> {
  const connection = connect(address);
  connection.on('error', () => undefined);
  try {
    await endOnServer(async () => {
      const find = 'SELECT id FROM information_schema.processlist WHERE id = ';
      const rows = (await ask(connection, `${find}${session}`)) as unknown[];
      if (rows.length === 0) return true;
      // The session may have ended meanwhile, which is an error to the server.
      await ask(connection, `KILL ${session}`).catch(() => undefined);
      return false;
    });
  } finally {
    connection.destroy();
  }
}

async function beginReading(connection: Connection, maxMs: number): Promise<void> {
  const [row] = (await ask(connection, 'SELECT VERSION() AS version')) as { version: string }[];
  const seconds = Math.max(1, Math.ceil(maxMs / 1_000));
  const bound = /MariaDB/i.test(String(row?.version))
    ? `max_statement_time = ${seconds}`
    : `max_execution_time = ${seconds * 1_000}`;
  await ask(connection, `SET SESSION time_zone = '+00:00', ${bound}`);
  await ask(connection, 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await ask(connection, 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}

function ask(connection: Connection, sql: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

/**
 * The columns of a statement, without running it; none if it gives no rows. The protocol of
 * prepared statements accepts one statement only.
 */
function describe(connection: Connection, sql: string): Promise<readonly MysqlField[]> {
  return new Promise((resolve, reject) => {
    connection.prepare(sql, (error, statement) => {
      if (error !== null) return reject(error);
      // The driver's types lack this member.
      resolve((statement as unknown as { columns: readonly MysqlField[] }).columns);
    });
  });
}

const exactNumbers = { supportBigNumbers: true, bigNumberStrings: true } as const;

interface Fetching {
  readonly options: OpenSourceOptions;
  readonly bounds: FetchBounds;
  /** Fires when nobody waits for the rows. */
  readonly abandoned: AbortSignal;
}

async function fetchRows(
  connection: Connection,
  sql: string,
  { options, bounds, abandoned }: Fetching,
): Promise<FetchedRows> {
  const fields = await describe(connection, sql);
  const indexes = fields.flatMap((field, index) => (holdsBytes(field) ? [] : [index]));
  const kept = fields.filter((field) => !holdsBytes(field));
  if (fields.length === 0) throw invalidSource('The query must be one SELECT.');
  const named = nameFetched(
    kept.map((field) => ({ name: field.name, form: mysqlForm(field) })),
    fields.filter(holdsBytes).map(({ name }) => `Column ${name} holds bytes and is left out.`),
  );
  const watermark = compareWatermark(options.watermark, named.columns, {
    orderOf: (column) => kept[column] && mysqlOrder(kept[column]),
    types: 'a time, a date, a number or a text',
  });
  const path = join(options.folder, 'rows.csv');
  const text = partOf(sql, kept, watermark);
  const query = fields.some(losesDigits)
    ? connection.execute({ ...exactNumbers, sql: text, rowsAsArray: true, typeCast: castStored })
    : connection.query({ sql: text, rowsAsArray: true, typeCast: castToText });
  const stream: Readable = query.stream({ highWaterMark: rowsAhead });
  addAbortSignal(abandoned, stream);
  await writeRows(stream, indexes, { path, bounds });
  return { kind: 'mysql', path, bytes: bounds.bytes, ...named, watermark };
}

async function writeRows(
  stream: Readable,
  indexes: readonly number[],
  { path, bounds }: { readonly path: string; readonly bounds: FetchBounds },
): Promise<void> {
  await using rows = await LineFile.create(path, (bytes) => bounds.add(bytes));
  for await (const row of stream as AsyncIterable<readonly (string | null)[]>) {
    await rows.add(csvLine(indexes.map((index) => row[index] ?? null)));
    requireRowCount(rows.count);
  }
  await rows.end();
}

function partOf(
  sql: string,
  kept: readonly MysqlField[],
  watermark: ComparedColumn | null,
): string {
  if (watermark === null || watermark.from === null) return sql;
  const column = `q.${escapeId(kept[watermark.column]?.name ?? '', true)}`;
  const condition = mysqlCondition(watermark.order, column, watermark.from);
  if (condition === undefined) {
    throw invalidSource(
      'The stored watermark does not fit the type of its column. Run the sync once with --full.',
    );
  }
  return `SELECT * FROM (${sql}\n) AS q WHERE ${condition}`;
}
