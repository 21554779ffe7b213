/**
 * Texts for property tests of cell parsing: texts near every limit of a rule, and texts far beyond
 * it.
 */
import fc from 'fast-check';

/**
 * Texts near every edge that a rule has: look-alikes, control characters, signs, spaces, huge and
 * tiny numbers, calendars.
 */
const awkward = fc.constantFrom(
  ...[
    '\u212a',
    'İ',
    'ı',
    'ſ',
    'é',
    'e\u0301',
    '\u00a0',
    '\ufeff',
    '\u200b',
    '\u2028',
    '\0',
    '\x1f',
    '\x1e',
    '\x7f',
  ],
  ...[
    '"',
    '\\',
    '\n',
    '\r',
    '\t',
    ' ',
    '  ',
    "'",
    '/',
    '|',
    ';',
    ',',
    '.',
    '-',
    '+',
    '−',
    '(',
    ')',
    '[',
    ']',
    '%',
  ],
  ...[
    '$',
    '€',
    ...['¥500', '€0042', '€12,50', 'CHF 5', '$ 0.10', 'US$5', '$(5)', 'EUR-0042', '5 EUR', '-€5'],
    '£',
    '¥',
    'USD',
    'e',
    'E',
    '_',
    '0',
    '1',
    '9',
    '00',
    '000',
    '@',
    ':',
    'T',
    'Z',
    '😀',
    '一',
    'ǆ',
    'ɏ',
    'ʰ',
  ],
  ...[
    'NULL',
    'null',
    'N/A',
    'nan',
    'inf',
    'Infinity',
    'true',
    'TRUE',
    'True',
    'tRue',
    'y',
    'N',
    'on',
  ],
);
const digits = fc.stringMatching(/^[0-9]{1,22}$/);
const year = fc.constantFrom(
  '0000',
  '0001',
  '1582',
  '1900',
  '1999',
  '2000',
  '2024',
  '9999',
  '10000',
  '99',
);
const twoDigits = fc.integer({ min: 0, max: 33 }).map((number) => String(number).padStart(2, '0'));
const number = fc.oneof(
  fc.constantFrom(
    '-0',
    '-0.00',
    '$-0',
    '-$0.0',
    '0.0001',
    '-0.50',
    '0.10',
    '-0,0',
    '0,00',
    '1e5',
    '.5',
    '5.',
    '007',
    '1,000',
    '1.000',
    '9007199254740993',
    '999999999999999',
    '-0%',
    '0.07%',
    '7%',
  ),
  fc.double().map(String),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc
    .tuple(
      fc.constantFrom('', '-', '$', '-$', '$-', '(', ' '),
      digits,
      fc.constantFrom('', '.', ','),
      fc.stringMatching(/^[0-9]{0,6}$/),
      fc.constantFrom('', ' ', ')', '%', ' %'),
    )
    .map((parts) => parts.join('')),
  fc
    .integer({ min: -99_999_999, max: 99_999_999 })
    .map((whole) => (whole / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' })),
  fc
    .integer({ min: -99_999_999, max: 99_999_999 })
    .map((whole) => (whole / 100).toLocaleString('de-DE')),
);
const date = fc.oneof(
  fc.tuple(year, twoDigits, twoDigits).map((parts) => parts.join('-')),
  fc
    .tuple(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 32 }), year)
    .map((parts) => parts.join('/')),
  fc
    .tuple(fc.date({ noInvalidDate: true }), fc.constantFrom('', 'Z', '+01:00'))
    .map(([time, zone]) => time.toISOString().replace(/\.\d+Z$/, zone)),
  fc
    .tuple(
      fc.date({ noInvalidDate: true, min: new Date('1900-01-01') }),
      fc.constantFrom('.000Z', '.120Z', '+00', '+01', '.000+00'),
      fc.constantFrom('T', ' '),
    )
    .map(([time, end, between]) => time.toISOString().slice(0, 19).replace('T', between) + end),
  fc
    .date({ noInvalidDate: true, min: new Date('1900-01-01') })
    .map((time) => time.toISOString().slice(0, 19).replace('T', ' ')),
  fc
    .tuple(
      fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }),
      fc.constantFrom('GMT', 'GMT', '+0000', '-0500', 'EST', 'UT', 'CET'),
      fc.constantFrom('', 'Mon, ', 'Friday, '),
    )
    .map(([time, zone, front]) => {
      const text = time.toUTCString();
      return (front === '' ? text : front + text.slice(5)).replace('GMT', zone);
    }),
  fc
    .tuple(year, twoDigits, twoDigits, twoDigits, twoDigits, twoDigits)
    .map(([y, m, d, h, i, s]) => `${y}-${m}-${d} ${h}:${i}:${s}`),
);
export const email = fc.oneof(
  fc.emailAddress(),
  fc.emailAddress().map((text) => text.toUpperCase()),
  fc
    .tuple(fc.constantFrom(' ', '', '\t'), fc.emailAddress(), awkward)
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.stringMatching(/^[A-Za-z0-9._+-]{1,8}$/), awkward)
    .map(([local, odd]) => `${local}${odd}@ex${odd}ample.org`),
);
export const text = fc
  .oneof(
    { weight: 2, arbitrary: number },
    { weight: 2, arbitrary: date },
    { weight: 1, arbitrary: email },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.oneof(awkward, digits), { maxLength: 6 })
        .map((parts) => parts.join('')),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.stringMatching(/^[a-c ]{0,3}$/), { maxLength: 5 })
        .map((parts) => parts.join('|')),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.oneof(fc.stringMatching(/^[a-c ./-]{0,3}$/), awkward, fc.integer()), {
          maxLength: 4,
        })
        .map((list) => JSON.stringify(list)),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.stringMatching(/^[a-c"\\\][, ]{0,2}$/), { maxLength: 4 })
        .map((parts) => `["${parts.join('","')}"]`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'x'.repeat(254),
        'x'.repeat(255),
        'é'.repeat(200),
        '9'.repeat(101),
        `${'a'.repeat(510)}@b`,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 0, max: 0x2ff }).map((code) => `a${String.fromCharCode(code)}b`),
    },
  )
  .filter((value) => value.isWellFormed());
