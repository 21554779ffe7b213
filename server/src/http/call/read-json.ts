/** Reads a body as JSON (RFC 8259) within bounds of size, depth and member names. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { UsherError } from '../../domain/errors.ts';
import { measureJson } from '../../domain/value/measure-json.ts';
import { maxJsonDepth } from '../limits.ts';

/**
 * The body's bytes. A longer body is not read to its end, so close the connection afterwards.
 * @throws UsherError `body_too_large`; `request_malformed` when the client leaves before the end
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      reject(tooLarge(maxBytes));
      return;
    }
    const pieces: Buffer[] = [];
    let length = 0;
    const take = (piece: Buffer) => {
      length += piece.length;
      pieces.push(piece);
      if (length <= maxBytes) return;
      request.off('data', take);
      request.pause();
      reject(tooLarge(maxBytes));
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(pieces)));
    // A promise settles once, so only the first of these events counts.
    request.once('close', () => reject(brokenOff()));
    request.once('error', () => reject(brokenOff()));
  });
}

function brokenOff(): UsherError {
  return new UsherError(
    'request_malformed',
    'The connection ended before the whole body had arrived. Send the request again.',
  );
}

function tooLarge(maxBytes: number): UsherError {
  return new UsherError('body_too_large', `The body may have ${maxBytes} bytes at most.`, {
    members: { max_bytes: maxBytes },
  });
}

/** @throws UsherError `media_type_unsupported` unless the body is uncompressed JSON in UTF-8 */
export function requireJson(headers: IncomingMessage['headers']): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const isJson = type === 'application/json';
  const isUtf8 = parameters.every((parameter) => /^(?:charset="?utf-?8"?)?$/.test(parameter));
  const coding = headers['content-encoding'] ?? 'identity';
  if (isJson && isUtf8 && coding.toLowerCase() === 'identity') return;
  throw new UsherError(
    'media_type_unsupported',
    'Send the body as application/json, in UTF-8 and not compressed.',
  );
}

export interface JsonRules {
  /**
   * Whether members may have names like `__proto__`. If so, the code that uses the value must treat
   * these names like all others.
   */
  readonly allowsAnyName: boolean;
}

/** @throws UsherError `body_malformed` */
export function parseJson(bytes: Buffer, { allowsAnyName }: JsonRules): unknown {
  const text = decodeText(bytes);
  if (text.trim() === '') throw malformedBody('It is empty.');
  const { depth, members } = measureJson(text);
  if (depth > maxJsonDepth) {
    throw malformedBody(`It is nested deeper than ${maxJsonDepth} levels.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message repeats parts of the body, so it is not passed on.
    throw malformedBody('It is not JSON.');
  }
  // Of two members with one name, JavaScript keeps the last; another reader might keep the first.
  if (checkMembers(value, allowsAnyName) !== members) {
    throw malformedBody('An object in it has two members with the same name.');
  }
  return value;
}

function decodeText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw malformedBody('It is not UTF-8.');
  return bytes.toString().replace(/^\ufeff/, '');
}

/** Names with a meaning in JavaScript. No valid body has them. */
const refusedNames = new Set(['__proto__', 'constructor', 'prototype']);

/** @returns the number of members of all objects */
function checkMembers(value: unknown, allowsAnyName: boolean): number {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw malformedBody('A string in it has half of a surrogate pair.');
  }
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += checkMembers(item, allowsAnyName);
    return count;
  }
  for (const [name, member] of Object.entries(value)) {
    if (!allowsAnyName && refusedNames.has(name)) {
      throw malformedBody(`An object has the member ${name}, which is not allowed.`);
    }
    count += 1 + checkMembers(member, allowsAnyName);
  }
  return count;
}

function malformedBody(what: string): UsherError {
  return new UsherError('body_malformed', `The body does not fit this route. ${what}`);
}
