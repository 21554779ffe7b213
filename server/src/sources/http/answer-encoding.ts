/** Reads the charset that an HTTP answer declares (RFC 9110, 8.3.2). */
import type { IncomingMessage } from 'node:http';
import { knownEncoding } from '../declared-encoding.ts';
import { invalidSource } from '../source-failure.ts';

/**
 * Returns `undefined` without a charset, and for US-ASCII, which servers send by default.
 * @throws UsherError `definition_invalid` for an unknown charset
 */
export function answerEncoding({ headers }: IncomingMessage): string | undefined {
  const found = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(headers['content-type'] ?? '');
  const label = (found?.[1] ?? found?.[2])?.trim();
  if (label === undefined || label === '' || /^(?:us-)?ascii$/i.test(label)) return undefined;
  const encoding = knownEncoding(label);
  if (encoding !== undefined) return encoding;
  throw invalidSource(
    "The source's answer has an unknown charset. Name the encoding in the definition, for example encoding: utf-8.",
  );
}
