/** Reads SQLite: the rows of one SELECT over a read-only file, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceDefinition } from '../../domain/dataset/dataset-definition.ts';
import { UsherError } from '../../domain/errors.ts';
import { endWork } from '../end-work.ts';
import { FetchBounds, type FetchLimits } from '../fetch-bounds.ts';
import { childEndMs } from '../limits.ts';
import type { OpenSourceOptions, Source } from '../source.ts';
import { invalidSource } from '../source-failure.ts';
import { withoutEnd } from '../sql-text.ts';
import { fetchedSource, nameFetched } from './fetched-rows.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-messages.ts';

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
    if (answer.kind === 'failed') throw new UsherError(answer.code, answer.detail);
    const { names, leftOut, highest } = answer;
    const { columns, notes } = nameFetched(
      names.map((name) => ({ name, form: 'text' })),
      leftOut.map((name) => `Column ${name} holds bytes (BLOB) and is left out.`),
    );
    const watermark = options.watermark && { known: highest ?? options.watermark.from };
    const fetched = { path: file, bytes: bounds.bytes, columns, notes, watermark };
    return fetchedSource({ kind: 'sqlite', ...fetched });
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
        new UsherError(
          'source_unavailable',
          'The process that reads SQLite ended unexpectedly. Try again.',
        ),
      ),
    );
    child.send(request);
  });
}
