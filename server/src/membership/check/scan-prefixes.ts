/**
 * Finds long runs of the signs ! and - in front of a value. The parser calls itself for each of
 * them without a limit.
 */
import { scanText } from './scan-text.ts';

/** The offset of the first sign beyond `most` in a row; `undefined`: there is none. */
export function scanPrefixes(text: string, most: number): number | undefined {
  let run = 0;
  let found: number | undefined;
  scanText(text, (sign, at) => {
    if (sign === '!' || sign === '-') run += 1;
    else if (!' \t\r\n'.includes(sign)) run = 0;
    if (run > most) found = at;
    return found !== undefined;
  });
  return found;
}
