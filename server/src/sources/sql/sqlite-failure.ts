/** Explains failures of SQLite. Its messages may quote the query and are not passed on. */
import type { UsherError } from '../../domain/errors.ts';
import {
  codeOf,
  type FailureWords,
  sourceError,
  unreachable,
  writingFailure,
  wrong,
} from '../source-failure.ts';

/** By the beginning of the code. */
const meanings: readonly (readonly [code: string, meaning: FailureWords])[] = [
  ['SQLITE_BUSY', unreachable('is locked by another process')],
  ['SQLITE_LOCKED', unreachable('is locked by another process')],
  ['SQLITE_CANTOPEN', wrong('does not exist or cannot be read')],
  ['SQLITE_NOTADB', wrong('is not an SQLite file')],
  ['SQLITE_CORRUPT', wrong('is damaged')],
  ['SQLITE_READONLY', wrong('refused the query, because it writes')],
  ['SQLITE_AUTH', wrong('refused the query, because it writes')],
  ['SQLITE_ERROR', wrong('cannot run the query')],
];

/** Returns the error itself if it is meant for the operator already. */
export function sqliteFailure(path: string, error: unknown): UsherError {
  return writingFailure(error) ?? sourceError(`The SQLite file ${path}`, wordsOf(error));
}

function wordsOf(error: unknown): FailureWords {
  const message = error instanceof Error ? error.message : '';
  // Only the names of tables and columns are passed on.
  const missing = /^no such (table|column|function): ([\w.]{1,100})$/.exec(message);
  if (missing !== null) return wrong(`has no ${missing[1]} ${missing[2]}`);
  if (/more than one statement|no statements/.test(message)) {
    return wrong('got several statements or none: the query must be one SELECT');
  }
  const code = readCode(error, message);
  const known = meanings.find(([start]) => code.startsWith(start));
  return known?.[1] ?? unreachable(`could not be read (${code})`);
}

/** For a missing folder the driver gives a message without a code. */
function readCode(error: unknown, message: string): string {
  const code = codeOf(error) ?? '';
  if (/^[A-Z_]{1,40}$/.test(code)) return code;
  return message.startsWith('Cannot open database') ? 'SQLITE_CANTOPEN' : 'unknown';
}
