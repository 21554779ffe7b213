/**
 * Describes failures of sources to the operator. Messages of databases and drivers may repeat rows
 * or the URL: only their codes, and positions in the query, are passed on.
 */
import { UsherError } from '../domain/errors.ts';
import { terminalName } from '../domain/terminal-text.ts';

/** Thrown when a source is not well-formed. Its message quotes nothing from the source. */
export class SourceMalformed extends Error {
  override readonly name = 'SourceMalformed';
}

export interface FailureWords {
  /** `definition_invalid`: the operator must change something; `source_unavailable`: try again. */
  readonly code: 'definition_invalid' | 'source_unavailable';
  /** Completes "The database of env:CRM_URL ...". */
  readonly words: string;
}

/** For a failure that may be gone at the next attempt. */
export const unreachable = (words: string): FailureWords => ({ code: 'source_unavailable', words });
/** For a failure that the operator must mend. */
export const wrong = (words: string): FailureWords => ({ code: 'definition_invalid', words });

/** Failures of sockets, DNS and TLS. */
const networkWords: ReadonlyMap<string, FailureWords> = new Map([
  ['ECONNREFUSED', unreachable('refused the connection: nothing listens there')],
  ['ECONNRESET', unreachable('closed the connection')],
  ['EPIPE', unreachable('closed the connection')],
  ['ENOENT', unreachable('does not run: its socket does not exist')],
  ['ENOTFOUND', unreachable('cannot be found: its host name has no address')],
  ['EAI_AGAIN', unreachable('cannot be found now: DNS does not answer for its host name')],
  ['ETIMEDOUT', unreachable('did not answer in time')],
  ['EHOSTUNREACH', unreachable('cannot be reached: there is no route to its host')],
  ['ENETUNREACH', unreachable('cannot be reached: there is no route to its network')],
  ['CERT_HAS_EXPIRED', wrong('has a TLS certificate that has expired')],
  ['ERR_TLS_CERT_ALTNAME_INVALID', wrong('has a TLS certificate for another host')],
]);

const untrustedCodes =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_UNTRUSTED)$/;

/** For databases, whose URL can name a certificate. */
export const untrustedDatabase =
  'has a TLS certificate of an unknown authority: name it in the URL with sslrootcert=/path, or accept any certificate with sslmode=require';

export const withoutTls = wrong(
  'offers no TLS: turn it on there, or set sslmode=disable in the URL, which sends password and rows unencrypted',
);

/**
 * Explains a network failure; `undefined` when the error is no such failure.
 * @param untrusted the words for a certificate of an unknown authority
 */
export function networkFailure(error: unknown, untrusted: string): FailureWords | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  return untrustedCodes.test(code) ? wrong(untrusted) : networkWords.get(code);
}

/** The error's code. After attempts at several addresses, the code of the last attempt. */
export function codeOf(error: unknown): string | undefined {
  const last = error instanceof AggregateError ? error.errors.at(-1) : error;
  const code = last instanceof Error && 'code' in last ? last.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Thrown when the engine needs more memory than it may use. */
export class MemoryExceeded extends UsherError {
  constructor() {
    super(
      'definition_invalid',
      'Reading the source takes more memory than is allowed. The source has too many columns, or values that are too long. Remove columns from the source, or shorten its values.',
    );
  }
}

/** For a failure that only a change to the definition or to the source itself can fix. */
export function invalidSource(detail: string, cause?: unknown): UsherError {
  return new UsherError('definition_invalid', detail, cause === undefined ? {} : { cause });
}

export function diskFull(): UsherError {
  return new UsherError('storage_full', 'The disk is full. Free some space, then try again.');
}

/** @param reason what the system said, such as `EIO` */
export function unwritable(reason: string, cause: unknown): UsherError {
  return new UsherError(
    'store_unavailable',
    `A file of the run cannot be written (${reason}). Check the disk of the data folder, and that this account owns the folder. Then try again.`,
    { cause },
  );
}

/** The error for a failed write of fetched rows; `undefined` when something else failed. */
export function writingFailure(error: unknown): UsherError | undefined {
  if (error instanceof UsherError) return error;
  const code = codeOf(error) ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull();
  return ['EIO', 'EFBIG', 'EROFS'].includes(code) ? unwritable(code, error) : undefined;
}

/** @param what for example "The database of env:CRM_URL" */
export function sourceError(
  what: string,
  { code, words }: FailureWords,
  context: Readonly<Record<string, unknown>> = {},
): UsherError {
  return new UsherError(code, `${what} ${words}.`, { context });
}

/**
 * Describes a position in a query: its line, its character and the name there.
 * @param offset counts from 0
 */
export function positionInQuery(sql: string, offset: number): string {
  const before = sql.slice(0, offset).split('\n');
  const name = /^[A-Za-z_][A-Za-z0-9_.]{0,100}/.exec(sql.slice(offset))?.[0];
  const position = `line ${before.length}, character ${(before.at(-1)?.length ?? 0) + 1}`;
  return name === undefined ? position : `${position}, at ${name}`;
}

/** A name for messages: shortened, without control characters that move a terminal's cursor. */
export function printableName(name: string): string {
  const shown = terminalName(name);
  return shown.length > 200 ? `${shown.slice(0, 197)}...` : shown;
}

/** A run of a dataset whose files are uploaded, without a file. */
export function noUpload(): UsherError {
  return invalidSource(
    'No uploaded file waits for this dataset: it was applied, or it is older than 24 hours. Upload the file again, and start a run with it.',
  );
}
