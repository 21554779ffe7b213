/** Says in words which form the contract's patterns allow. */

const nameWords = 'It must have 1 to 64 characters of a-z, 0-9 and _, and begin with a letter.';

/** Those of texts that people choose. */
const words: ReadonlyMap<string, string> = new Map([
  ['^[a-z][a-z0-9_]{0,63}$', nameWords],
  ['^[a-z][a-z0-9_-]{0,63}$', nameWords.replace('0-9 and _', '0-9, _ and -')],
  ['^[^\\u0000-\\u001f\\u007f]*$', 'It must not have control characters.'],
  [
    '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
    'It must not have control characters other than tabs and line ends.',
  ],
  ['^[^\\u0000]*$', 'It must not have the character U+0000.'],
  ['^[0-9]{6}$', 'It must have six digits.'],
  ['^[^@\\s]+@[^@\\s]+$', 'It must be an e-mail address.'],
]);

export function patternWords(pattern: string): string {
  return words.get(pattern) ?? `It must have the form ${pattern}.`;
}
