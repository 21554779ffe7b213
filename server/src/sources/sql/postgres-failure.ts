/**
 * Explains PostgreSQL's error codes (SQLSTATE). Its messages may repeat rows and are not passed on.
 */
import { DatabaseError } from 'pg';
import type { UsherError } from '../../domain/errors.ts';
import {
  type FailureWords,
  networkFailure,
  positionInQuery,
  sourceError,
  unreachable,
  untrustedDatabase,
  withoutTls,
  wrong,
} from '../source-failure.ts';

/** By code, or by the two characters of its class. Codes come before their class. */
const meanings: readonly (readonly [state: string, meaning: FailureWords])[] = [
  ['28P01', wrong('refused the user name or the password')],
  ['28', wrong('does not let this user in from here')],
  ['3D000', wrong('does not exist on its server')],
  ['42501', wrong('does not let this user read what the query names')],
  ['42P01', wrong('has no such table')],
  ['42703', wrong('has no such column')],
  ['42702', wrong('finds a column name ambiguous: name its table, too')],
  ['42883', wrong('has no such function or operator for these types')],
  ['3F000', wrong('has no such schema')],
  ['42601', wrong('cannot read the query: it must be one SELECT')],
  ['25006', wrong('refused the query, because it writes')],
  ['42', wrong('cannot run the query')],
  ['0A', wrong('does not support what the query asks')],
  ['22021', wrong('holds text that is not valid in its encoding, and cannot send it as UTF-8')],
  ['22P05', wrong('holds text that cannot be converted to UTF-8')],
  ['22', wrong('found a value that an expression of the query cannot process')],
  ['21', wrong('found several rows where the query expects one')],
  ['57014', unreachable('stopped the query: it took longer than is allowed')],
  ['57P03', unreachable('is starting or stopping')],
  ['53300', unreachable('has too many connections')],
  ['53', unreachable('lacks memory, disk or connections')],
  ['40', unreachable('cancelled the query because of a conflict with another transaction')],
  ['57', unreachable('ended the connection')],
  ['08', unreachable('lost the connection')],
];

/** Whether text is not valid in its encoding. */
export function isBrokenText(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '22021' || error.code === '22P05');
}

export interface FailedQuery {
  /** As the operator wrote it. */
  readonly sql: string;
  /** Characters before it in the statement that was sent. */
  readonly shift: number;
}

/** @param what for example "The database of env:CRM_URL" */
export function postgresFailure(what: string, error: unknown, query?: FailedQuery): UsherError {
  if (!(error instanceof DatabaseError)) {
    return sourceError(what, networkFailure(error, untrustedDatabase) ?? connectionWords(error));
  }
  const state = error.code ?? '';
  const meaning = meanings.find(([start]) => state.startsWith(start));
  const known = meaning?.[1] ?? unreachable(`failed (${state})`);
  const words = `${known.words}${positionText(error, query)}`;
  return sourceError(what, { code: known.code, words }, { sqlState: state });
}

function positionText(error: DatabaseError, query: FailedQuery | undefined): string {
  if (query === undefined || error.position === undefined) return '';
  const offset = Number(error.position) - 1 - query.shift;
  return offset >= 0 && offset <= query.sql.length
    ? ` (${positionInQuery(query.sql, offset)})`
    : '';
}

/** For errors to which the driver gives no code. */
function connectionWords(error: unknown): FailureWords {
  const text = error instanceof Error ? error.message : '';
  if (/does not support SSL/.test(text)) return withoutTls;
  if (/timeout expired/.test(text)) return unreachable('did not answer in time');
  return unreachable('ended the connection before all rows were there');
}
