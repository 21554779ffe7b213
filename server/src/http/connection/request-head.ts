/**
 * Reads the head of a plain look-up request (RFC 9112): `GET /audience/v2/contacts?...` in HTTP/1.1
 * with well-formed headers and no body. It is strict and knows little on purpose: whatever is not
 * plain is `undefined`, and node:http judges it.
 */
import { TokenProof } from '../authenticate.ts';
import { maxHeaderCount } from '../limits.ts';
import { isHost } from './check-request.ts';
import { KeptText } from './kept-text.ts';

export interface RequestHead {
  /** What follows `?` in the target. */
  readonly query: string;
  readonly headers: HeadFields;
  /** Where the next request on the connection begins. */
  readonly end: number;
}

/** The header fields that matter to a look-up. */
export interface HeadFields {
  readonly authorization: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly prefer: string | undefined;
  readonly requestId: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly freshness: string | undefined;
  readonly minRevision: string | undefined;
  /**
   * Which token `authorization` was proved to be; the fields themselves are known again by their
   * very bytes.
   */
  readonly proof: TokenProof;
}

const start = 'GET /audience/v2/contacts?';
const version = ' HTTP/1.1\r\n';

/**
 * Heads above this take the long way, where the limit on headers is enforced: 8 kB hold any plain
 * one.
 */
const maxHeadLength = 8_192;

const targetPattern = /^[\x21\x22\x24-\x7e]*$/;
const fieldPattern = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/;

/**
 * Reads heads of one connection; a client sends the same header fields again and again, so the last
 * ones are kept.
 */
export class RequestHeadReader {
  readonly #lastBlock = new KeptText();
  #lastFields: HeadFields | undefined;

  /**
   * @param text the bytes received, as latin1
   * @param from where the request begins in it
   */
  read(text: string, from: number): RequestHead | undefined {
    if (!text.startsWith(start, from)) return undefined;
    const queryStart = from + start.length;
    const queryEnd = text.indexOf(' ', queryStart);
    if (queryEnd < 0 || !text.startsWith(version, queryEnd)) return undefined;
    const blockStart = queryEnd + version.length;
    const blockEnd = text.indexOf('\r\n\r\n', blockStart);
    if (blockEnd < 0 || blockEnd - from > maxHeadLength) return undefined;
    const query = text.substring(queryStart, queryEnd);
    if (!targetPattern.test(query)) return undefined;
    const headers = this.#fields(text.substring(blockStart, blockEnd));
    return headers === undefined ? undefined : { query, headers, end: blockEnd + 4 };
  }

  #fields(block: string): HeadFields | undefined {
    if (this.#lastFields !== undefined && this.#lastBlock.isSame(block)) return this.#lastFields;
    this.#lastFields = parseFields(block);
    this.#lastBlock.keep(block);
    return this.#lastFields;
  }
}

/**
 * Whether the text from there on is the beginning of a head that may be plain once the rest has
 * come.
 */
export function isUnfinishedHead(text: string, from: number): boolean {
  const length = text.length - from;
  if (length > maxHeadLength || text.indexOf('\r\n\r\n', from) >= 0) return false;
  return length < start.length
    ? start.startsWith(text.substring(from))
    : text.startsWith(start, from);
}

/** Fields that a plain look-up may carry once; `undefined` as value: of no matter to it. */
const single = new Set([
  'host',
  'authorization',
  'if-none-match',
  'prefer',
  'x-request-id',
  'x-forwarded-for',
  'usher-freshness',
  'usher-min-revision',
  'connection',
  'accept',
]);

/** Fields that mean a body, another protocol or a transfer of its own. */
const notPlain = new Set([
  'content-length',
  'content-type',
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
  'keep-alive',
]);

function parseFields(block: string): HeadFields | undefined {
  const found = new Map<string, string>();
  const lines = block.split('\r\n');
  if (lines.length > maxHeaderCount) return undefined;
  for (const line of lines) {
    const match = fieldPattern.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || notPlain.has(name)) return undefined;
    if (!single.has(name)) continue;
    if (found.has(name)) return undefined;
    // The pattern lets blanks and tabs through, and no other white space.
    found.set(name, match?.[2]?.trim() ?? '');
  }
  return isPlain(found)
    ? {
        authorization: found.get('authorization'),
        ifNoneMatch: found.get('if-none-match'),
        prefer: found.get('prefer'),
        requestId: found.get('x-request-id'),
        forwardedFor: found.get('x-forwarded-for'),
        freshness: found.get('usher-freshness'),
        minRevision: found.get('usher-min-revision'),
        proof: new TokenProof(),
      }
    : undefined;
}

function isPlain(found: ReadonlyMap<string, string>): boolean {
  const host = found.get('host');
  const connection = found.get('connection') ?? 'keep-alive';
  const accept = found.get('accept') ?? '*/*';
  return (
    host !== undefined &&
    isHost(host) &&
    connection.toLowerCase() === 'keep-alive' &&
    (accept === '*/*' || accept === 'application/json')
  );
}
