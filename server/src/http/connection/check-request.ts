/**
 * Refuses what node:http lets through: repeated header fields, bodies on GET, odd transfer codings,
 * callers that accept no JSON (RFC 9110, 9112).
 */
import type { IncomingMessage } from 'node:http';
import type { Problem } from '../../domain/problem.ts';
import { maxHeaderCount } from '../limits.ts';

/** Fields that a request may have only once. */
const single = new Set([
  ...['host', 'authorization', 'content-type', 'content-length'],
  // Whom a proxy added could not be told from whom the caller claims.
  'usher-actor',
]);

const hostPattern = /^(?:[A-Za-z0-9._~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?$/;

/** Whether a `Host` header is a host with an optional port (RFC 9110, section 7.2). */
export function isHost(text: string): boolean {
  return hostPattern.test(text);
}

/** The problem of a malformed request, else `undefined`. */
export function checkRequest(request: IncomingMessage): Problem | undefined {
  return checkHeaders(request.rawHeaders) ?? checkFraming(request) ?? checkTarget(request.url);
}

function checkHeaders(rawHeaders: readonly string[]): Problem | undefined {
  if (rawHeaders.length > 2 * maxHeaderCount) return headersTooLarge;
  const seen = new Set<string>();
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = (rawHeaders[place] ?? '').toLowerCase();
    if (!single.has(name)) continue;
    if (seen.has(name)) {
      return {
        code: 'header_repeated',
        detail: `The header ${name} is given twice. Send it once.`,
        members: { header: name },
      };
    }
    seen.add(name);
  }
  return undefined;
}

export const headersTooLarge: Problem = {
  code: 'headers_too_large',
  detail: `There are too many headers, or they are too long. Send at most ${maxHeaderCount}, with 16 kB in total.`,
};

function checkFraming({ headers, httpVersion, method }: IncomingMessage): Problem | undefined {
  const { host, 'content-length': length, 'transfer-encoding': coding } = headers;
  if (httpVersion !== '1.0' && httpVersion !== '1.1') {
    return malformed('It is neither HTTP/1.1 nor HTTP/1.0.');
  }
  if (httpVersion === '1.1' && (host === undefined || host === '')) {
    return malformed('It has no Host header.');
  }
  if (host !== undefined && !isHost(host)) return malformed('Its Host header is not a host name.');
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return malformed('Its Transfer-Encoding is not chunked.');
  }
  if (coding !== undefined && length !== undefined) {
    return malformed('It has both Transfer-Encoding and Content-Length.');
  }
  const hasBody = coding !== undefined || (length !== undefined && !/^0+$/.test(length));
  const isRead = method === 'GET' || method === 'HEAD';
  return hasBody && isRead ? malformed('A GET or HEAD must not have a body.') : undefined;
}

function checkTarget(target: string | undefined): Problem | undefined {
  return target?.includes('#') ? malformed('Its target has a fragment (#); encode it.') : undefined;
}

export function malformed(what: string): Problem {
  return { code: 'request_malformed', detail: `The request is malformed. ${what}` };
}

/** The problem of a caller that does not accept JSON. The problem itself is sent as JSON anyway. */
export function checkAccept(accept: string | undefined): Problem | undefined {
  if (accept === undefined || accept.trim() === '') return undefined;
  const ranges = accept.split(',').map(readRange);
  const isTaken = ['application/json', 'application/problem+json'].some(
    (type) => qualityOf(type, ranges) > 0,
  );
  if (isTaken) return undefined;
  return {
    code: 'not_acceptable',
    detail: 'Answers are application/json. Accept that, or send no Accept header.',
  };
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
}

/** The quality of the most specific matching range (RFC 9110, section 12.5.1). */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const pattern of [type, 'application/*', '*/*']) {
    const found = ranges.find((range) => range.type === pattern);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
