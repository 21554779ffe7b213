/**
 * Reads PostgreSQL: the server's COPY writes the rows of one SELECT from the socket into a file.
 * The transaction is read-only and sees one state of the data.
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Client, escapeLiteral } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { SourceDefinition } from '../../domain/dataset/dataset-definition.ts';
import { UsherError } from '../../domain/errors.ts';
import { FetchBounds, type FetchLimits } from '../fetch-bounds.ts';
import type { OpenSourceOptions, Source } from '../source.ts';
import { invalidSource, printableName, writingFailure } from '../source-failure.ts';
import { withoutEnd } from '../sql-text.ts';
import { readDatabaseUrl } from './database-url.ts';
import {
  type ComparedColumn,
  compareWatermark,
  type FetchedRows,
  fetchedSource,
  nameFetched,
  requireRowCount,
} from './fetched-rows.ts';
import {
  type PostgresColumn,
  postgresColumn,
  watermarkCondition,
  watermarkOrder,
} from './postgres-columns.ts';
import { type FailedQuery, isBrokenText, postgresFailure } from './postgres-failure.ts';
import {
  beginReading,
  connectSession,
  describeStatement,
  endBackend,
  makeSession,
  type PostgresBackend,
} from './postgres-session.ts';

export type PostgresDefinition = Extract<SourceDefinition, { kind: 'postgres' }>;

const kind = { schemes: ['postgres', 'postgresql'], port: 5432 };

/** @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full` */
export async function openPostgresSource(
  definition: PostgresDefinition,
  options: OpenSourceOptions,
  limits?: FetchLimits,
): Promise<Source> {
  const address = readDatabaseUrl(await options.secrets(definition.url), kind, definition.url);
  const what = `The database of ${definition.url}`;
  const query: FailedQuery = { sql: withoutEnd(definition.sql), shift: 0 };
  const bounds = new FetchBounds(options, limits);
  const session = makeSession(address);
  let backend: PostgresBackend | undefined;
  const fetching = async () => {
    backend = await connectSession(session.client);
    await beginReading(session.client, bounds.limits.maxMs);
    return fetchRows(session.client, query, { options, bounds, what });
  };
  try {
    const rows = await bounds.within(fetching());
    session.leave();
    return fetchedSource(rows);
  } catch (error) {
    session.abandon();
    if (backend !== undefined) await endBackend(address, backend);
    throw error instanceof UsherError || bounds.signal.aborted
      ? error
      : postgresFailure(what, error, query);
  } finally {
    bounds.end();
  }
}

interface Fetching {
  readonly options: OpenSourceOptions;
  readonly bounds: FetchBounds;
  readonly what: string;
}

async function fetchRows(client: Client, query: FailedQuery, by: Fetching): Promise<FetchedRows> {
  const columns = await describeColumns(client, query.sql);
  const kept = columns.filter(({ expression }) => expression !== null);
  const bytes = columns.filter(({ expression }) => expression === null);
  const notes = bytes.map(({ name }) => `Column ${name} holds bytes (bytea) and is left out.`);
  const named = nameFetched(kept, notes);
  const watermark = compareWatermark(by.options.watermark, named.columns, {
    orderOf: (column) => watermarkOrder(kept[column]?.type ?? 0),
    types: 'a time, a date, a number, a text or a uuid',
  });
  const path = join(by.options.folder, 'rows.csv');
  const copy = copyStatement(columns, query.sql, watermark);
  await client.query('SAVEPOINT copying');
  const stream = client.query(copyTo(copy.text, { highWaterMark: 1_048_576 }));
  try {
    await pipeline(stream, measured(by.bounds), createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    const failure = writingFailure(error);
    if (failure !== undefined) throw failure;
    const broken = isBrokenText(error) ? await brokenColumn(client, columns, query.sql) : undefined;
    throw broken === undefined
      ? postgresFailure(by.what, error, { ...query, shift: copy.shift })
      : invalidSource(
          `The column ${broken} of ${by.what.replace(/^The/, 'the')} has text that is not UTF-8. Convert it in the query, for example convert_from(convert_to(${broken}, 'SQL_ASCII'), 'LATIN1'), or leave it out.`,
        );
  }
  requireRowCount(stream.rowCount);
  return { kind: 'postgres', path, bytes: by.bounds.bytes, ...named, watermark };
}

async function describeColumns(client: Client, sql: string): Promise<PostgresColumn[]> {
  const fields = await describeStatement(client, sql);
  if (fields === null) {
    throw invalidSource('The query returns no rows. It must be one SELECT.');
  }
  const types = [...new Set(fields.map(({ dataTypeID }) => dataTypeID))];
  const { rows } = await client.query<{ oid: number }>(
    "SELECT oid::int8::text AS oid FROM pg_type WHERE oid = ANY($1::oid[]) AND typcategory IN ('A', 'C')",
    [types],
  );
  const composed = new Set(rows.map(({ oid }) => Number(oid)));
  return fields.map((field, index) => postgresColumn(field, `c${index}`, composed));
}

/** Finds the column that is not valid UTF-8 by reading each alone. */
async function brokenColumn(
  client: Client,
  columns: readonly PostgresColumn[],
  sql: string,
): Promise<string | undefined> {
  const names = columns.map(({ alias }) => alias).join(', ');
  for (const { alias, name, expression } of columns) {
    if (expression === null) continue;
    await client.query('ROLLBACK TO SAVEPOINT copying');
    const asked = `SELECT count(textsend((${alias})::text)) FROM (${sql}\n) AS q(${names})`;
    const error = await client.query(asked).catch((cause: unknown) => cause);
    if (isBrokenText(error)) return name === '' ? 'without a name' : printableName(name);
  }
  return undefined;
}

/** Refers to columns by position, because names may be missing or repeated. */
function copyStatement(
  columns: readonly PostgresColumn[],
  sql: string,
  watermark: ComparedColumn | null,
): { text: string; shift: number } {
  const kept = columns.filter(({ expression }) => expression !== null);
  const before = `COPY (SELECT ${kept.map(({ expression }) => expression).join(', ')} FROM (`;
  const from = `${sql}\n) AS q(${columns.map(({ alias }) => alias).join(', ')})`;
  const column = kept[watermark?.column ?? -1];
  const after =
    column === undefined || watermark === null || watermark.from === null
      ? ''
      : ` WHERE ${watermarkCondition(column, escapeLiteral(watermark.from))}`;
  // An unquoted empty text in a single column would be an empty line.
  const quotes = kept.length === 1 ? ', FORCE_QUOTE *' : '';
  const form = `FORMAT csv, NULL '\\N', ENCODING 'UTF8'${quotes}`;
  const text = `${before}${from}${after}) TO STDOUT (${form})`;
  return { text, shift: before.length };
}

function measured(bounds: FetchBounds): Transform {
  return new Transform({
    highWaterMark: 1_048_576,
    transform(chunk: Buffer, _encoding, done) {
      try {
        bounds.add(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error('bounds'));
      }
    },
  });
}
