/** Suggests the word that somebody probably meant. */

/** Letters that may differ: two typos, or one swap and one typo. */
const maxDistance = 3;

/** The most similar of `words`, whatever its case, or `undefined` if none is similar enough. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  let nearest: string | undefined;
  // Of a short word, about half of the letters stay.
  let least = Math.min(maxDistance, Math.ceil(text.length / 2)) + 1;
  for (const word of words) {
    // The distance is at least the difference in length, so a very long text costs no comparison.
    if (Math.abs(word.length - text.length) >= least) continue;
    const distance = editDistance(text.toLowerCase(), word.toLowerCase());
    if (distance < least) [nearest, least] = [word, distance];
  }
  return nearest;
}

/** A sentence with the most similar word; `otherwise` if none is similar enough. */
export function nearestHint(text: string, words: readonly string[], otherwise: string): string {
  const near = nearestWord(text, words);
  return near === undefined ? otherwise : `Did you mean ${near}?`;
}

/** Levenshtein distance: the number of letters to add, remove or replace. */
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
