/** The encoding that an answer declares for its text (RFC 9110, 8.3.2). */
import type { IncomingMessage } from 'node:http';
import { knownEncoding } from '../declared-encoding.ts';
import { invalidSource } from '../source-failure.ts';

/**
 * The name of the charset in the Encoding Standard; `undefined`: the answer declares none, or
 * US-ASCII, which servers say of what nobody told them.
 * @throws UsherError `definition_invalid` for one that is not known
 */
export function answerEncoding({ headers }: IncomingMessage): string | undefined {
  const found = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(headers['content-type'] ?? '');
  const label = (found?.[1] ?? found?.[2])?.trim();
  if (label === undefined || label === '' || /^(?:us-)?ascii$/i.test(label)) return undefined;
  const encoding = knownEncoding(label);
  if (encoding !== undefined) return encoding;
  throw invalidSource(
    "The source's answer has a charset that is not known. Say its encoding in the definition, for example encoding: utf-8.",
  );
}
