/** Splits text in pieces into lines. A line that is too long is cut off, so that it is invalid. */
export async function* splitLines(
  pieces: AsyncIterable<string>,
  maxLength: number,
): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    // A `\r\n` that is cut between two pieces gives an empty line, which callers skip.
    const lines = (rest + piece).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '').slice(0, maxLength + 1);
    for (const line of lines) yield line.slice(0, maxLength + 1);
  }
  if (rest !== '') yield rest;
}
