/** Answers for browsers: a strict content policy, and bytes kept with their entity tag. */
import { hash } from 'node:crypto';
import { type BytesAnswer, headLine } from '../answer.ts';

/** For every answer to a browser. */
export const browserHead =
  headLine('X-Content-Type-Options', 'nosniff') + headLine('Referrer-Policy', 'no-referrer');

/** @param rules the content policy's exceptions; everything else is forbidden */
export function pageHead(rules: readonly string[]): string {
  const policy = [
    "default-src 'none'",
    ...rules,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (
    headLine('Content-Type', 'text/html; charset=utf-8') +
    headLine('Content-Security-Policy', policy) +
    headLine('X-Frame-Options', 'DENY') +
    headLine('Cross-Origin-Opener-Policy', 'same-origin')
  );
}

export interface KeptBytes {
  readonly bytes: Buffer;
  readonly tag: string;
}

export function keepBytes(bytes: Buffer): KeptBytes {
  return { bytes, tag: `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"` };
}

/** The kept bytes, or 304 for a caller that has them. */
export function keptAnswer(
  { bytes, tag }: KeptBytes,
  { ifNoneMatch, head }: { readonly ifNoneMatch: string | undefined; readonly head: string },
): BytesAnswer {
  const tagged = `${browserHead}${headLine('ETag', tag)}${headLine('Cache-Control', 'no-cache')}`;
  if (ifNoneMatch === tag) return { status: 304, head: tagged, body: Buffer.alloc(0) };
  return { status: 200, head: tagged + head, body: bytes };
}
