/** Reads SQLite: the rows of one SELECT over a read-only file, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceDefinition } from '../../domain/dataset/dataset-definition.ts';
import { UsherError } from '../../domain/errors.ts';
import { endWork } from '../end-work.ts';
import { FetchBounds, type FetchLimits } from '../fetch-bounds.ts';
import { childEndMs, maxFetchedRows } from '../limits.ts';
import type { OpenSourceOptions, Source } from '../source.ts';
import { diskFull, invalidSource } from '../source-failure.ts';
import { type FetchedRows, fetchedSource, nameFetched, noWatermarkColumn } from './fetched-rows.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-messages.ts';
import { withoutEnd } from './without-end.ts';

export type SqliteDefinition = Extract<SourceDefinition, { kind: 'sqlite' }>;

type Ended = Exclude<SqliteAnswer, { kind: 'progress' }>;

const childProgram = fileURLToPath(new URL('./sqlite-child.ts', import.meta.url));

/** @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full` */
export async function openSqliteSource(
  definition: SqliteDefinition,
  options: OpenSourceOptions,
  limits?: FetchLimits,
): Promise<Source> {
  if (!isAbsolute(definition.path)) {
    throw invalidSource('The path of an SQLite file must be absolute.');
  }
  const bounds = new FetchBounds(options, limits);
  const file = join(options.folder, 'rows.csv');
  // Temporary files stay in the run's folder. The process gets no other variable.
  const env = { SQLITE_TMPDIR: options.folder };
  const child = fork(childProgram, [String(process.pid)], { execArgv: [], env, stdio: 'ignore' });
  try {
    const { path, sql } = definition;
    const request = { path, sql: withoutEnd(sql), file, watermark: options.watermark };
    const answer = await bounds.within(converse(child, request, bounds));
    if (answer.kind !== 'done') throw failureOf(answer, definition, options);
    return fetchedSource(rowsOf(answer, { file, bounds, options }));
  } finally {
    bounds.end();
    await endChild(child);
  }
}

/** After this, nothing writes into the run's folder any more. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  await endWork(exited, [{ cancel: () => void child.kill('SIGKILL'), boundMs: childEndMs }]);
}

/** Sends the request, and returns the last answer. */
function converse(
  child: ChildProcess,
  request: SqliteRequest,
  bounds: FetchBounds,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.on('message', (answer: SqliteAnswer) => {
      if (answer.kind !== 'progress') return resolve(answer);
      try {
        bounds.add(answer.bytes);
      } catch (error) {
        reject(error);
      }
    });
    child.on('error', reject);
    child.on('exit', () =>
      reject(
        new UsherError('source_unavailable', 'The process that reads SQLite ended unexpectedly.'),
      ),
    );
    child.send(request);
  });
}

interface Fetched {
  readonly file: string;
  readonly bounds: FetchBounds;
  readonly options: OpenSourceOptions;
}

function rowsOf(
  { names, isBytes, highest }: Extract<Ended, { kind: 'done' }>,
  { file, bounds, options }: Fetched,
): FetchedRows {
  const named = nameFetched(names.filter((_, index) => isBytes[index] !== true));
  const leftOut = names.filter((_, index) => isBytes[index] === true);
  const { watermark } = options;
  return {
    kind: 'sqlite',
    path: file,
    bytes: bounds.bytes,
    columns: named.columns.map((name) => ({ name, form: 'text' })),
    notes: [
      ...named.notes,
      ...leftOut.map((name) => `Column ${name} holds bytes (BLOB) and is left out.`),
    ],
    watermark: watermark === null ? null : { known: highest ?? watermark.from },
  };
}

function failureOf(
  answer: Exclude<Ended, { kind: 'done' }>,
  definition: SqliteDefinition,
  options: OpenSourceOptions,
): UsherError {
  if (answer.kind === 'broken') return brokenOf(answer, definition.path);
  switch (answer.reason) {
    case 'not-a-select':
      return invalidSource('The query returns no rows. It must be one SELECT.');
    case 'no-watermark':
      return invalidSource(noWatermarkColumn(options.watermark?.column ?? ''));
    case 'too-many-rows':
      return invalidSource(`The query returns more than ${maxFetchedRows} rows.`);
    case 'mixed-watermark':
      return invalidSource(
        `The column ${answer.column}, which says when a row changed, mixes numbers and texts. Convert it in the query, for example with CAST(... AS TEXT).`,
      );
    case 'bytes':
      return invalidSource(
        `Row ${answer.row} of the query holds bytes in the column ${answer.column}. Convert it to text, for example with hex(), or leave it out.`,
      );
  }
}

function brokenOf(
  { code, missing, severalStatements }: Extract<Ended, { kind: 'broken' }>,
  path: string,
): UsherError {
  const what = `The SQLite file ${path}`;
  const refuse = (words: string) => invalidSource(`${what} ${words}.`);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return diskFull();
  }
  if (missing !== null) return refuse(`has no ${missing}`);
  if (severalStatements)
    return refuse('got several statements or none: the query must be one SELECT');
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED') {
    return new UsherError('source_unavailable', `${what} is locked by another process.`);
  }
  if (code.startsWith('SQLITE_CANTOPEN')) return refuse('does not exist or cannot be read');
  if (code === 'SQLITE_NOTADB') return refuse('is not an SQLite file');
  if (code.startsWith('SQLITE_CORRUPT')) return refuse('is damaged');
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_AUTH') {
    return refuse('refused the query, because it writes');
  }
  if (code === 'SQLITE_ERROR') return refuse('cannot run the query');
  return new UsherError('source_unavailable', `${what} could not be read (${code}).`);
}
