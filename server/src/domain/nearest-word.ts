/** Finds what somebody meant to write. */

/** Letters that may differ: two slips, or one swap and one slip. */
const maxDistance = 3;

/** The nearest of `words`, when one is near enough to be meant. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = maxDistance + 1;
  for (const word of words) {
    // Each letter that one has more than the other is a difference already; a text of a megabyte is
    // compared with nothing.
    if (Math.abs(word.length - text.length) >= least) continue;
    const distance = editDistance(text, word);
    if (distance < least) [nearest, least] = [word, distance];
  }
  return nearest;
}

/** Levenshtein's: how many letters to add, remove or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const added = (current[column - 1] ?? 0) + 1;
      const removed = (previous[column] ?? 0) + 1;
      current.push(Math.min(replaced, added, removed));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
