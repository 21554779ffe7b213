/** Answers with a JSON body, their entity tags, and conditional requests (RFC 9110, section 13). */
import { hash } from 'node:crypto';
import { type Answer, headLine } from './answer.ts';

const jsonHead = headLine('Content-Type', 'application/json; charset=utf-8');
const secretHead = headLine('Cache-Control', 'no-store');
const privateHead = headLine('Cache-Control', 'private, no-cache');

/** @param head more header lines */
export function jsonAnswer(status: number, value: unknown, head = ''): Answer {
  const body = latin1Json(value);
  return { status, head: `${jsonHead}${secretHead}${head}`, body };
}

/**
 * A resource with its entity tag, or 304 if the caller already has it.
 * @param more members of the answer that are not part of the resource and its tag
 */
export function taggedAnswer(
  value: object,
  call: { readonly ifNoneMatch: string | undefined; readonly limitHead: string },
  more: object = {},
): Answer {
  const body = latin1Json(value);
  const etag = etagOf(body);
  const head = `${headLine('ETag', etag)}${privateHead}${call.limitHead}`;
  const isKnown = call.ifNoneMatch !== undefined && matchesTag(call.ifNoneMatch, etag, 'weak');
  if (isKnown) return { status: 304, head, body: '' };
  return { status: 200, head: `${jsonHead}${head}`, body: latin1Json({ ...value, ...more }) };
}

/** The check of an `If-Match` header, which compares with the current resource. */
export function preconditionOf(
  ifMatch: string | undefined,
): ((current: unknown) => boolean) | undefined {
  if (ifMatch === undefined) return undefined;
  return (current) => matchesTag(ifMatch, etagOf(latin1Json(current)), 'strong');
}

/** 22 characters of base64url are 132 bits, so two bodies never share a tag. */
const etagLength = 22;

function etagOf(body: string): string {
  return `"${hash('sha256', body, 'base64url').slice(0, etagLength)}"`;
}

function matchesTag(header: string, etag: string, comparison: 'weak' | 'strong'): boolean {
  if (header.trim() === '*') return true;
  return header
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}

function latin1Json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('latin1');
}
