/**
 * Reads the head of a plain look-up (RFC 9112): `GET /audience/v2/contacts?...` in HTTP/1.1 with
 * well-formed headers and no body. Anything else is `undefined` and left to node:http.
 */
import { TokenProof } from '../authenticate.ts';
import { maxHeaderCount } from '../limits.ts';
import { isHost } from './check-request.ts';
import { KeptText } from './kept-text.ts';

export interface RequestHead {
  /** The text after `?`. */
  readonly query: string;
  readonly headers: HeadFields;
  /** The offset of the next request. */
  readonly end: number;
}

/** The header fields that a look-up uses. */
export interface HeadFields {
  readonly authorization: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly prefer: string | undefined;
  readonly requestId: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly freshness: string | undefined;
  readonly minRevision: string | undefined;
  /** The first one; empty without any. */
  readonly userAgent: string;
  readonly actor: string | undefined;
  /** The token of `authorization`. Equal bytes reuse this object, so no second digest is needed. */
  readonly proof: TokenProof;
}

const start = 'GET /audience/v2/contacts?';
const version = ' HTTP/1.1\r\n';

/** Longer heads go to node:http, which enforces the limit; any plain one fits in 8 kB. */
export const maxHeadLength = 8_192;

const targetPattern = /^[\x21\x22\x24-\x7e]*$/;
const fieldPattern = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/;

/** Reads the heads of one connection and keeps the last fields: clients repeat them. */
export class RequestHeadReader {
  readonly #lastBlock = new KeptText();
  #lastFields: HeadFields | undefined;

  /** @param text received bytes as latin1, with the request at `from` */
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

/** Whether the text at `from` may become a plain head when the rest arrives. */
export function isUnfinishedHead(text: string, from: number): boolean {
  const length = text.length - from;
  if (length > maxHeadLength || text.indexOf('\r\n\r\n', from) >= 0) return false;
  return length < start.length
    ? start.startsWith(text.substring(from))
    : text.startsWith(start, from);
}

/** Fields that a plain look-up may have only once. */
const single = new Set([
  'host',
  'authorization',
  'if-none-match',
  'prefer',
  'x-request-id',
  'x-forwarded-for',
  'usher-freshness',
  'usher-min-revision',
  'usher-actor',
  'connection',
  'accept',
]);

/** A client may send several; the first one counts. */
const userAgentName = 'user-agent';

/** Fields that imply a body, another protocol or a special transfer. */
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
    if (name === userAgentName && !found.has(name)) found.set(name, match?.[2]?.trim() ?? '');
    if (!single.has(name)) continue;
    if (found.has(name)) return undefined;
    // The pattern allows no white space but blanks and tabs.
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
        userAgent: found.get(userAgentName) ?? '',
        actor: found.get('usher-actor'),
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
