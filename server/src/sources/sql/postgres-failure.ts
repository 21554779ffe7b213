/**
 * What PostgreSQL's codes (SQLSTATE) mean to the operator. Its messages may repeat rows and are not
 * passed on.
 */
import { DatabaseError } from 'pg';
import type { UsherError } from '../../domain/errors.ts';
import {
  type FailureWords,
  networkFailure,
  placeInQuery,
  sourceError,
  untrustedDatabase,
  withoutTls,
} from '../source-failure.ts';

interface Meaning {
  /** A whole code, or its first two characters: the class. */
  readonly state: string;
  readonly code: FailureWords['code'];
  readonly words: string;
}

/** The first that fits; whole codes before classes. */
const meanings: readonly Meaning[] = [
  { state: '28P01', code: 'definition_invalid', words: 'refused the user name or the password' },
  { state: '28', code: 'definition_invalid', words: 'does not let this user in from here' },
  { state: '3D000', code: 'definition_invalid', words: 'does not exist on its server' },
  {
    state: '42501',
    code: 'definition_invalid',
    words: 'does not let this user read what the query names',
  },
  { state: '42P01', code: 'definition_invalid', words: 'has no such table' },
  { state: '42703', code: 'definition_invalid', words: 'has no such column' },
  { state: '42702', code: 'definition_invalid', words: 'cannot tell which column is meant' },
  {
    state: '42883',
    code: 'definition_invalid',
    words: 'has no such function or operator for these types',
  },
  { state: '3F000', code: 'definition_invalid', words: 'has no such schema' },
  {
    state: '42601',
    code: 'definition_invalid',
    words: 'cannot read the query: it must be one SELECT',
  },
  {
    state: '25006',
    code: 'definition_invalid',
    words: 'refused the query: it writes, and may only read',
  },
  { state: '42', code: 'definition_invalid', words: 'cannot run the query' },
  { state: '0A', code: 'definition_invalid', words: 'does not support what the query asks' },
  {
    state: '22021',
    code: 'definition_invalid',
    words: 'holds text that is not in its encoding, and cannot give it as UTF-8',
  },
  {
    state: '22P05',
    code: 'definition_invalid',
    words: 'holds text that cannot be given as UTF-8',
  },
  {
    state: '22',
    code: 'definition_invalid',
    words: 'met a value that the query cannot compute with',
  },
  { state: '21', code: 'definition_invalid', words: 'met several rows where the query wants one' },
  {
    state: '57014',
    code: 'source_unavailable',
    words: 'stopped the query: it took longer than is allowed',
  },
  { state: '57P03', code: 'source_unavailable', words: 'is starting or stopping' },
  { state: '53300', code: 'source_unavailable', words: 'has too many connections' },
  { state: '53', code: 'source_unavailable', words: 'lacks memory, disk or connections' },
  { state: '40', code: 'source_unavailable', words: 'gave the query up for another one' },
  { state: '57', code: 'source_unavailable', words: 'ended the connection' },
  { state: '08', code: 'source_unavailable', words: 'lost the connection' },
];

/** Whether a text is not in the encoding that it should be in. */
export function isBrokenText(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '22021' || error.code === '22P05');
}

export interface FailedQuery {
  /** As the operator wrote it. */
  readonly sql: string;
  /** Characters in front of it in the statement that was sent. */
  readonly shift: number;
}

/** @param what as "The database of env:CRM_URL" */
export function postgresFailure(what: string, error: unknown, query?: FailedQuery): UsherError {
  if (!(error instanceof DatabaseError)) {
    return sourceError(what, networkFailure(error, untrustedDatabase) ?? connectionWords(error));
  }
  const state = error.code ?? '';
  const meaning = meanings.find((one) => state.startsWith(one.state));
  const known = meaning ?? { code: 'source_unavailable' as const, words: `failed (${state})` };
  const words = `${known.words}${placeOf(error, query)}`;
  return sourceError(what, { code: known.code, words }, { sqlState: state });
}

function placeOf(error: DatabaseError, query: FailedQuery | undefined): string {
  if (query === undefined || error.position === undefined) return '';
  const offset = Number(error.position) - 1 - query.shift;
  return offset >= 0 && offset <= query.sql.length ? ` (${placeInQuery(query.sql, offset)})` : '';
}

/** The driver has no codes for these. */
function connectionWords(error: unknown): FailureWords {
  const text = error instanceof Error ? error.message : '';
  if (/does not support SSL/.test(text)) return withoutTls;
  if (/timeout expired/.test(text)) {
    return { code: 'source_unavailable', words: 'did not answer in time' };
  }
  return { code: 'source_unavailable', words: 'ended the connection before all rows were there' };
}
