/**
 * Texts that are slow to parse if a parser is not linear: a long run that a pattern matches,
 * followed by something that it does not match.
 */

/** Each function makes a text of about this many characters. */
export const hostileTexts: Readonly<Record<string, (length: number) => string>> = {
  digits: (length) => '9'.repeat(length),
  'digits and a letter': (length) => `${'9'.repeat(length)}x`,
  zeros: (length) => `${'0'.repeat(length)}x`,
  'digits and zeros': (length) => `1.${'0'.repeat(length)}1`,
  blanks: (length) => `x${' '.repeat(length)}x`,
  'blanks around': (length) => `${' '.repeat(length / 2)}x${' '.repeat(length / 2)}`,
  'blanks and a percent sign': (length) => `1${' \t'.repeat(length / 2)}%x`,
  'a date and blanks': (length) => `2026-11-23${' '.repeat(length)}x`,
  'a time and blanks': (length) => `2026-11-23 10:00${' '.repeat(length)}x`,
  'a long zone': (length) => `2026-11-23 10:00 ${'z'.repeat(length)}`,
  thousands: (length) => `1${',000'.repeat(length / 4)}x`,
  brackets: (length) => '('.repeat(length / 2) + ')'.repeat(length / 2),
  'currency signs': (length) => '€'.repeat(length),
  capitals: (length) => `${'A'.repeat(length)}1`,
  letters: (length) => 'a'.repeat(length),
  dots: (length) => `a@${'a.'.repeat(length / 2)}`,
  dashes: (length) => `a@a${'-'.repeat(length)}`,
  'at signs': (length) => '@'.repeat(length),
  colons: (length) => ':'.repeat(length),
  'umlauts in a domain': (length) => `a@${'ü'.repeat(length)}.de`,
  'combining marks': (length) => `a${'\u0301\u0327'.repeat(length / 2)}`,
  'letters with marks': (length) => 'a\u0327\u0301'.repeat(length / 3),
  'open lists': (length) => '['.repeat(length),
  'a list of one value': (length) => `["a"${',"a"'.repeat(length / 4)}]`,
  'a list of many values': (length) =>
    `[${Array.from({ length: length / 8 }, (_, place) => `"${place}"`).join(',')}]`,
  'a list that does not end': (length) => `["${'\\"'.repeat(length / 2)}`,
  separators: (length) => ','.repeat(length),
  'separated values': (length) => Array.from({ length: length / 6 }, (_, at) => at).join(','),
  'lone surrogates': (length) => '\ud800'.repeat(length),
  controls: (length) => '\u0001'.repeat(length),
};
