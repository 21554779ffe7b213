/**
 * Matches one segment of a glob: `*`, `?`, `[...]` and `[!...]`. The time is linear in the length
 * of the name times the length of the pattern.
 */

type Token = '*' | ((letter: string) => boolean);

export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text);
}

/** Only a segment that begins with a dot matches a name that begins with a dot. */
export function segmentMatcher(segment: string): (name: string) => boolean {
  const tokens = tokensOf(segment);
  const isDotted = segment.startsWith('.');
  return (name) => (isDotted || !name.startsWith('.')) && matches([...name], tokens);
}

/** Backtracks to the last star only: an earlier one cannot make the rest match. */
function matches(letters: readonly string[], tokens: readonly Token[]): boolean {
  let [letter, token, star, mark] = [0, 0, -1, 0];
  while (letter < letters.length) {
    const wanted = tokens[token];
    if (wanted === '*') {
      [star, mark] = [token, letter];
      token += 1;
    } else if (wanted?.(letters[letter] ?? '') === true) {
      letter += 1;
      token += 1;
    } else if (star >= 0) {
      mark += 1;
      [letter, token] = [mark, star + 1];
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((rest) => rest === '*');
}

function tokensOf(segment: string): Token[] {
  const tokens: Token[] = [];
  let rest = segment;
  while (rest !== '') {
    const set = /^\[([!^]?)(\]?[^\]]*)\]/su.exec(rest);
    const [letter = ''] = rest;
    if (set !== null) tokens.push(setOf(set[2] ?? '', set[1] !== ''));
    else if (letter === '*') tokens.push('*');
    else tokens.push(letter === '?' ? () => true : (other) => other === letter);
    rest = rest.slice(set?.[0].length ?? letter.length);
  }
  return tokens;
}

function setOf(inner: string, isNegated: boolean): (letter: string) => boolean {
  const ranges = [...inner.matchAll(/(.)-(.)|(.)/gsu)].map(([, from, to, one]) => [
    from ?? one ?? '',
    to ?? one ?? '',
  ]);
  return (letter) =>
    ranges.some(([from = '', to = '']) => from <= letter && letter <= to) !== isNegated;
}
