/** Reads the signs of a rule's text that are outside of literals and comments. */

/** Calls `visit` with each sign and its offset, until `visit` returns true. */
export function scanText(text: string, visit: (sign: string, at: number) => boolean): void {
  let at = 0;
  while (at < text.length) {
    const sign = text[at] ?? '';
    if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
      continue;
    }
    if (visit(sign, at)) return;
    at = sign === '"' || sign === "'" ? afterLiteral(text, at, sign) : at + 1;
  }
}

function afterLiteral(text: string, start: number, quote: string): number {
  const end = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let at = start + end.length;
  while (at < text.length && !text.startsWith(end, at)) at += text[at] === '\\' ? 2 : 1;
  return at + end.length;
}

/** The offsets of each pair of brackets, inner pairs first. */
export function bracketPairs(text: string): readonly (readonly [open: number, close: number])[] {
  const open: number[] = [];
  const pairs: (readonly [number, number])[] = [];
  scanText(text, (sign, at) => {
    if ('([{'.includes(sign)) open.push(at);
    if (')]}'.includes(sign)) pairs.push([open.pop() ?? at, at]);
    return false;
  });
  return pairs;
}
