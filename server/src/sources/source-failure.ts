/**
 * What went wrong with a database, in words for the operator. A database's own message may repeat
 * rows, and its driver's the URL, so that neither is passed on, not as a cause either: only codes
 * are, and places in the query, which is the operator's own text.
 */
import { UsherError } from '../domain/errors.ts';

export interface FailureWords {
  /**
   * `definition_invalid`: the operator has to change something; `source_unavailable`: another
   * attempt may do.
   */
  readonly code: 'definition_invalid' | 'source_unavailable';
  /** Completes "The database of env:CRM_URL ...". */
  readonly words: string;
}

const unreachable = (words: string): FailureWords => ({ code: 'source_unavailable', words });
const wrong = (words: string): FailureWords => ({ code: 'definition_invalid', words });

/** Of sockets, names and TLS, whatever the database. */
const networkWords: ReadonlyMap<string, FailureWords> = new Map([
  ['ECONNREFUSED', unreachable('refused the connection: nothing listens there')],
  ['ECONNRESET', unreachable('closed the connection')],
  ['EPIPE', unreachable('closed the connection')],
  ['ENOENT', unreachable('is not there: its socket does not exist')],
  ['ENOTFOUND', unreachable('cannot be found: its host name has no address')],
  ['EAI_AGAIN', unreachable('cannot be found now: its host name cannot be looked up')],
  ['ETIMEDOUT', unreachable('did not answer in time')],
  ['EHOSTUNREACH', unreachable('cannot be reached: there is no way to its host')],
  ['ENETUNREACH', unreachable('cannot be reached: there is no way to its network')],
  ['CERT_HAS_EXPIRED', wrong('has a TLS certificate that has expired')],
  ['ERR_TLS_CERT_ALTNAME_INVALID', wrong('has a TLS certificate for another host')],
]);

const untrustedCodes =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_UNTRUSTED)$/;

/** Of databases, whose URLs say how the way to them is protected. */
export const untrustedDatabase =
  'has a TLS certificate of an authority that is not known: name it by sslrootcert=/path in the URL, or encrypt without proof by sslmode=require';

export const withoutTls = wrong(
  'offers no TLS: protect the way to it, or say sslmode=disable in the URL, which sends password and rows in the clear',
);

/**
 * `undefined`: no failure of the network. @param untrusted words for a certificate that nobody
 * vouches for
 */
export function networkFailure(error: unknown, untrusted: string): FailureWords | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  return untrustedCodes.test(code) ? wrong(untrusted) : networkWords.get(code);
}

/** An error's own code; of several attempts at several addresses the last one's. */
export function codeOf(error: unknown): string | undefined {
  const last = error instanceof AggregateError ? error.errors.at(-1) : error;
  const code = last instanceof Error && 'code' in last ? last.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** A failure that only a change to the definition or to the source itself can mend. */
export function invalidSource(detail: string, cause?: unknown): UsherError {
  return new UsherError('definition_invalid', detail, cause === undefined ? {} : { cause });
}

export function diskFull(): UsherError {
  return new UsherError('storage_full', 'The disk is full: make room, then run the same command.');
}

/** @param what as "The database of env:CRM_URL" */
export function sourceError(
  what: string,
  { code, words }: FailureWords,
  context: Readonly<Record<string, unknown>> = {},
): UsherError {
  return new UsherError(code, `${what} ${words}.`, { context });
}

/**
 * Line and place in a query, and the word there when it is a name. @param offset from 0, in
 * characters
 */
export function placeInQuery(sql: string, offset: number): string {
  const before = sql.slice(0, offset).split('\n');
  const name = /^[A-Za-z_][A-Za-z0-9_.]{0,100}/.exec(sql.slice(offset))?.[0];
  const place = `line ${before.length}, character ${(before.at(-1)?.length ?? 0) + 1}`;
  return name === undefined ? place : `${place}, at ${name}`;
}
