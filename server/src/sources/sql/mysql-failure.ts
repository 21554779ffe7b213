/**
 * Explains error codes of MySQL and MariaDB. Their messages may repeat rows and are not passed on.
 */
import type { UsherError } from '../../domain/errors.ts';
import {
  codeOf,
  type FailureWords,
  networkFailure,
  sourceError,
  unreachable,
  untrustedDatabase,
  withoutTls,
  wrong,
} from '../source-failure.ts';

const notOneSelect = wrong('cannot read the query: it must be one SELECT');

const meanings: ReadonlyMap<string, FailureWords> = new Map([
  ['ER_ACCESS_DENIED_ERROR', wrong('refused the user name or the password')],
  ['ER_DBACCESS_DENIED_ERROR', wrong('does not let this user in')],
  ['ER_HOST_NOT_PRIVILEGED', wrong('does not let anybody in from here')],
  ['ER_BAD_DB_ERROR', wrong('does not exist on its server')],
  ['ER_NO_SUCH_TABLE', wrong('has no such table')],
  ['ER_BAD_FIELD_ERROR', wrong('has no such column')],
  ['ER_NON_UNIQ_ERROR', wrong('finds a column name ambiguous: name its table, too')],
  ['ER_DUP_FIELDNAME', wrong('found two columns with the same name: rename one with AS')],
  ['ER_SP_DOES_NOT_EXIST', wrong('has no such function')],
  ['ER_FUNC_INEXISTENT_NAME_COLLISION', wrong('has no such function')],
  ['ER_PARSE_ERROR', notOneSelect],
  ['ER_EMPTY_QUERY', notOneSelect],
  ['ER_UNSUPPORTED_PS', notOneSelect],
  ['ER_TABLEACCESS_DENIED_ERROR', wrong('does not let this user read what the query names')],
  ['ER_COLUMNACCESS_DENIED_ERROR', wrong('does not let this user read what the query names')],
  ['ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', wrong('refused the query, because it writes')],
  ['ER_QUERY_TIMEOUT', unreachable('stopped the query: it took longer than is allowed')],
  ['ER_STATEMENT_TIMEOUT', unreachable('stopped the query: it took longer than is allowed')],
  ['ER_QUERY_INTERRUPTED', unreachable('stopped the query')],
  ['ER_CON_COUNT_ERROR', unreachable('has too many connections')],
  ['ER_TOO_MANY_USER_CONNECTIONS', unreachable('has too many connections')],
  ['ER_USER_LIMIT_REACHED', unreachable('has too many connections')],
  ['ER_SERVER_SHUTDOWN', unreachable('is stopping')],
  ['ER_CONNECTION_KILLED', unreachable('ended the connection')],
  ['PROTOCOL_CONNECTION_LOST', unreachable('ended the connection before all rows were there')],
  ['HANDSHAKE_NO_SSL_SUPPORT', withoutTls],
]);

/** @param what for example "The database of env:CRM_URL" */
export function mysqlFailure(what: string, error: unknown): UsherError {
  const code = codeOf(error) ?? '';
  const known = meanings.get(code) ?? networkFailure(error, untrustedDatabase) ?? otherWords(code);
  const words = `${known.words}${lineOf(error)}`;
  return sourceError(what, { code: known.code, words }, { mysqlCode: code });
}

function otherWords(code: string): FailureWords {
  const shown = /^[A-Z_0-9]{1,60}$/.test(code) ? ` (${code})` : '';
  return code.startsWith('ER_')
    ? wrong(`cannot run the query${shown}`)
    : unreachable(`failed${shown}`);
}

/** Only the line number: the message also quotes the query, which may contain values. */
function lineOf(error: unknown): string {
  const line = error instanceof Error ? / at line (\d{1,6})$/.exec(error.message)?.[1] : undefined;
  return line === undefined ? '' : ` (line ${line})`;
}
