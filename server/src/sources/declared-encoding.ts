/** Reads the name of a text encoding that a definition, a flag or an HTTP answer declares. */
import { invalidSource, printableName } from './source-failure.ts';

/**
 * The name of the encoding in the WHATWG Encoding Standard: `SJIS` becomes `shift_jis`.
 * @throws UsherError `definition_invalid` for an unknown one
 */
export function readEncoding(label: string): string {
  const encoding = knownEncoding(label);
  if (encoding !== undefined) return encoding;
  throw invalidSource(
    `The encoding ${printableName(label)} is unknown. Known are utf-8, utf-16le, windows-1250 to windows-1258, iso-8859-2 to iso-8859-15, shift_jis, euc-jp, gb18030, big5, euc-kr, koi8-r and the others of the WHATWG Encoding Standard.`,
  );
}

/** Returns `undefined` for an unknown label. */
export function knownEncoding(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
