/**
 * Answers that a browser shows or runs: what a page may load, that nobody may frame it, and bytes
 * that are kept under their tag.
 */
import { hash } from 'node:crypto';
import { headLine } from '../answer.ts';
import type { BytesAnswer } from '../route.ts';

/** For all that a browser takes. */
export const browserHead =
  headLine('X-Content-Type-Options', 'nosniff') + headLine('Referrer-Policy', 'no-referrer');

/** @param rules of the content policy, beyond which nothing may be loaded, sent or framed */
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

/** Bytes that were made once. */
export interface KeptBytes {
  readonly bytes: Buffer;
  readonly tag: string;
}

export function keepBytes(bytes: Buffer): KeptBytes {
  return { bytes, tag: `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"` };
}

/**
 * The kept bytes, or 304 for a caller that has them.
 * @param head the header lines that they need
 */
export function keptAnswer(
  { bytes, tag }: KeptBytes,
  { ifNoneMatch, head }: { readonly ifNoneMatch: string | undefined; readonly head: string },
): BytesAnswer {
  const tagged = `${browserHead}${headLine('ETag', tag)}${headLine('Cache-Control', 'no-cache')}`;
  if (ifNoneMatch === tag) return { status: 304, head: tagged, body: Buffer.alloc(0) };
  return { status: 200, head: tagged + head, body: bytes };
}
