/**
 * Finds long runs of the signs ! and - in front of a value. The parser calls itself for each of
 * them without a limit.
 */

/** The offset of the first sign beyond `most` in a row; `undefined`: there is none. */
export function scanPrefixes(text: string, most: number): number | undefined {
  let run = 0;
  let at = 0;
  while (at < text.length) {
    const sign = text[at] ?? '';
    if (sign === '"' || sign === "'") {
      at = afterLiteral(text, at, sign);
      run = 0;
      continue;
    }
    if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
      continue;
    }
    if (sign === '!' || sign === '-') run += 1;
    else if (!' \t\r\n'.includes(sign)) run = 0;
    if (run > most) return at;
    at += 1;
  }
  return undefined;
}

function afterLiteral(text: string, start: number, quote: string): number {
  const end = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let at = start + end.length;
  while (at < text.length && !text.startsWith(end, at)) at += text[at] === '\\' ? 2 : 1;
  return at + end.length;
}
