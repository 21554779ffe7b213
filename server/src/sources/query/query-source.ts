/**
 * Runs a query over named files in an engine that can read those files only. Its result is a
 * Parquet file of texts, which is then read like any file.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { SourceDefinition } from '../../domain/dataset/dataset-definition.ts';
import { UsherError } from '../../domain/errors.ts';
import { maxQueryLength } from '../../domain/limits.ts';
import { cellTextSql } from '../cell-text.ts';
import { openConfined } from '../confined-engine.ts';
import { untilAborted } from '../end-work.ts';
import {
  maxQueryResultBytes,
  queryMemoryBytes,
  querySpillBytes,
  queryTimeoutMs,
} from '../limits.ts';
import type { FileRows, OpenSourceOptions, Source } from '../source.ts';
import { invalidSource, SourceMalformed } from '../source-failure.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import { openWorkbench, type Workbench } from '../workbench.ts';
import { queryProblem } from './query-problem.ts';
import { columnsOfQuery } from './query-statement.ts';
import {
  type NamedFiles,
  parquetSql,
  type QueryTable,
  refuseReserved,
  requireTableNames,
  tableOf,
} from './query-tables.ts';

export type QueryDefinition = Extract<SourceDefinition, { kind: 'query' }>;

export interface QueryOptions extends OpenSourceOptions {
  readonly openFiles: (paths: readonly string[]) => Promise<Source>;
}

export interface QueryResult {
  readonly path: string;
  /** Size of the files that the query reads. */
  readonly bytes: number;
  readonly files: readonly FileRows[];
}

const threads = 2;

/**
 * Runs the query once.
 * @throws UsherError `definition_invalid` when its author must change it, `source_unavailable` when
 *   it takes too long or its files change meanwhile
 */
export async function runQuery(
  definition: QueryDefinition,
  options: QueryOptions,
): Promise<QueryResult> {
  if (definition.sql.length > maxQueryLength) {
    throw invalidSource(`The query is longer than ${maxQueryLength} characters.`);
  }
  requireTableNames([...definition.files.map(([name]) => name), ...options.references.keys()]);
  const named: NamedFiles[] = [];
  for (const [name, paths] of definition.files) {
    named.push({ name, source: await options.openFiles(paths) });
  }
  const allowedPaths = named.flatMap(({ source }) => source.allowedPaths);
  const folder = join(options.folder, 'files');
  const { interrupted } = options;
  const confinement = { folder, allowedPaths, allowedFolders: [], threads };
  const workbench = await openWorkbench({ ...confinement, interrupted });
  try {
    const names = named.map(({ name }) => name);
    await refuseReserved(workbench, names);
    const tables: QueryTable[] = [];
    for (const one of named) tables.push(await tableFor(one, workbench));
    for (const [name, path] of options.references)
      tables.push({ name, sql: parquetSql([path]), files: [] });
    options.interrupted.throwIfAborted();
    const paths = [...allowedPaths, ...options.references.values()];
    const path = await answer({ sql: definition.sql, tables, paths, folder }, options);
    return {
      path,
      bytes: named.reduce((sum, { source }) => sum + source.bytes, 0),
      files: tables.flatMap(({ files }) => files),
    };
  } finally {
    await workbench.close();
    for (const { source } of named) await source.confirm?.();
  }
}

async function tableFor(named: NamedFiles, workbench: Workbench): Promise<QueryTable> {
  try {
    return await tableOf(named, workbench);
  } catch (cause) {
    if (!(cause instanceof SourceMalformed)) throw cause;
    const words = `The files of ${named.name} cannot be read as ${named.source.kind}.`;
    throw invalidSource(words, cause);
  }
}

interface Question {
  readonly sql: string;
  readonly tables: readonly QueryTable[];
  readonly paths: readonly string[];
  /** The folder for intermediate files. */
  readonly folder: string;
}

async function answer(question: Question, options: QueryOptions): Promise<string> {
  const { instance, connection } = await openConfined({
    folder: join(options.folder, 'query'),
    allowedPaths: question.paths,
    allowedFolders: [question.folder],
    threads,
    memoryBytes: queryMemoryBytes,
    spillBytes: querySpillBytes,
    // Only JSON errors contain the position in the query.
    settings: ['SET errors_as_json = true'],
  });
  const path = join(options.folder, 'query', 'result.parquet');
  const { interrupted: signal } = options;
  const cancel = () => connection.interrupt();
  try {
    for (const { name, sql } of question.tables) {
      const view = `CREATE VIEW ${sqlName(name)} AS ${sql}`;
      await untilAborted(() => connection.run(view), { signal, cancel }).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw invalidSource(
          `The files of ${name} cannot be read together: they are not Parquet files, or their columns differ.`,
          cause,
        );
      });
    }
    const columns = await columnsOfQuery(connection, question.sql);
    const cells = columns.map(
      ({ name, type }, index) => `${cellTextSql(`c${index}`, type)} AS ${sqlName(name)}`,
    );
    const names = columns.map((_, index) => `c${index}`).join(', ');
    // The query is passed as a text, so that it cannot end the surrounding statement.
    const copy = `COPY (SELECT ${cells.join(', ')} FROM (FROM query(${sqlText(question.sql)})) AS result(${names}))
      TO ${sqlText(path)} (FORMAT parquet)`;
    await runBounded(connection, { copy, path, sql: question.sql }, options);
    return path;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const watchEveryMs = 500;

async function runBounded(
  connection: DuckDBConnection,
  { copy, path, sql }: { readonly copy: string; readonly path: string; readonly sql: string },
  { interrupted, onProgress }: QueryOptions,
): Promise<void> {
  const bounds = new AbortController();
  const timeout = setTimeout(() => {
    const words = `The query took longer than ${queryTimeoutMs / 60_000} minutes and was stopped.`;
    bounds.abort(new UsherError('source_unavailable', words));
  }, queryTimeoutMs);
  const watch = setInterval(async () => {
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    onProgress(size);
    if (size <= maxQueryResultBytes) return;
    const words = `The query's result is larger than ${maxQueryResultBytes} bytes.`;
    bounds.abort(invalidSource(words));
  }, watchEveryMs);
  try {
    await untilAborted(() => connection.run(copy), {
      signal: AbortSignal.any([interrupted, bounds.signal]),
      cancel: () => connection.interrupt(),
    });
  } catch (cause) {
    interrupted.throwIfAborted();
    bounds.signal.throwIfAborted();
    throw queryProblem(cause, sql);
  } finally {
    clearInterval(watch);
    clearTimeout(timeout);
  }
}
