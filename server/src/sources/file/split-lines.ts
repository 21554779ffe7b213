/**
 * Text in pieces to lines, whatever their ends; a line beyond the bound is cut, so that it reads as
 * a broken one.
 */
export async function* splitLines(
  pieces: AsyncIterable<string>,
  maxLength: number,
): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    // A carriage return at the end of a piece may be the first half of a pair: an empty line more
    // is skipped by readers of lines.
    const lines = (rest + piece).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '').slice(0, maxLength + 1);
    for (const line of lines) yield line.slice(0, maxLength + 1);
  }
  if (rest !== '') yield rest;
}
