/**
 * Reads a request's body as JSON (RFC 8259), with its limits: bytes, depth, and names that no
 * object of ours may have.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { UsherError } from '../../domain/errors.ts';
import { measureJson } from '../../domain/value/measure-json.ts';
import { maxJsonDepth } from '../limits.ts';

/**
 * The body's bytes. A longer one is not read to its end, so the connection has to be closed after
 * the answer.
 * @throws UsherError `body_too_large`, `request_malformed` when the caller goes away before the end
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
    // Of whatever comes first only the first counts.
    request.once('close', () => reject(brokenOff()));
    request.once('error', () => reject(brokenOff()));
  });
}

function brokenOff(): UsherError {
  return new UsherError('request_malformed', 'The request ended before its body did.');
}

function tooLarge(maxBytes: number): UsherError {
  return new UsherError('body_too_large', `The body may have ${maxBytes} bytes at most.`, {
    members: { max_bytes: maxBytes },
  });
}

/**
 * @throws UsherError `media_type_unsupported` unless the header names JSON in UTF-8, sent as it is
 */
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
   * Whether members may be called as things of JavaScript are; whoever reads them must take none
   * for such.
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
    // The parser's own words repeat parts of the body, so they are not passed on.
    throw malformedBody('It is not JSON.');
  }
  // Of members of one name only the last would count, and another reader might take the first.
  if (checkMembers(value, allowsAnyName) !== members) {
    throw malformedBody('An object in it has two members of one name.');
  }
  return value;
}

function decodeText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw malformedBody('It is not UTF-8.');
  return bytes.toString().replace(/^\ufeff/, '');
}

/** Names that have a meaning of their own to JavaScript, and are none of ours. */
const refusedNames = new Set(['__proto__', 'constructor', 'prototype']);

/** @returns how many members all objects have together */
function checkMembers(value: unknown, allowsAnyName: boolean): number {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw malformedBody('It has half of a surrogate pair in a string.');
  }
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += checkMembers(item, allowsAnyName);
    return count;
  }
  for (const [name, member] of Object.entries(value)) {
    if (!allowsAnyName && refusedNames.has(name)) {
      throw malformedBody(`No object may have a member ${name}.`);
    }
    count += 1 + checkMembers(member, allowsAnyName);
  }
  return count;
}

function malformedBody(what: string): UsherError {
  return new UsherError('body_malformed', `The body is not what this route takes. ${what}`);
}
