/**
 * The encoding of a source's text as somebody declares it: a label of the WHATWG's Encoding
 * Standard.
 */
import { printableName } from './printable-name.ts';
import { invalidSource } from './source-failure.ts';

/**
 * The standard's name of a label: `SJIS` is `shift_jis`.
 * @throws UsherError `definition_invalid` naming some that are known
 */
export function readEncoding(label: string): string {
  const encoding = knownEncoding(label);
  if (encoding !== undefined) return encoding;
  throw invalidSource(
    `The encoding ${printableName(label)} is not known. Known are utf-8, utf-16le, windows-1250 to windows-1258, iso-8859-2 to iso-8859-15, shift_jis, euc-jp, gb18030, big5, euc-kr, koi8-r and others of the WHATWG's Encoding Standard.`,
  );
}

/** `undefined`: no such label. */
export function knownEncoding(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
