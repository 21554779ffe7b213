/** What import does in SQL is what JavaScript does, or is left to JavaScript: for every type, for identities, for whole rows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type FieldType, fieldTypes } from '../../src/domain/field.ts';
import type { ValueOptions } from '../../src/domain/field-value.ts';
import { identityDigest } from '../../src/domain/identity.ts';
import type { Normalisation } from '../../src/domain/identity-type.ts';
import { isRowChange, type RowMapping, readSourceRow } from '../../src/domain/source-row.ts';
import type { SourceRelation } from '../../src/sources/source.ts';
import { openWorkbench, type Workbench } from '../../src/sources/workbench.ts';
import { emptyForms, partEnd, rowEnd } from '../../src/sync/row-sql.ts';
import { stagingSql } from '../../src/sync/stage-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'usher-row-sql-'));
let workbench: Workbench;

before(async () => {
  workbench = await openWorkbench({
    folder: join(folder, 'work'),
    allowedPaths: [],
    allowedFolders: [],
    threads: 1,
  });
});

after(() => {
  workbench.close();
  rmSync(folder, { recursive: true });
});

/** Texts near every edge that a rule has: look-alikes, control characters, signs, spaces, huge and tiny numbers, calendars. */
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
    .date({ noInvalidDate: true, min: new Date('1900-01-01') })
    .map((time) => time.toISOString().slice(0, 19).replace('T', ' ')),
  fc
    .tuple(year, twoDigits, twoDigits, twoDigits, twoDigits, twoDigits)
    .map(([y, m, d, h, i, s]) => `${y}-${m}-${d} ${h}:${i}:${s}`),
);
const email = fc.oneof(
  fc.emailAddress(),
  fc.emailAddress().map((text) => text.toUpperCase()),
  fc
    .tuple(fc.constantFrom(' ', '', '\t'), fc.emailAddress(), awkward)
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.stringMatching(/^[A-Za-z0-9._+-]{1,8}$/), awkward)
    .map(([local, odd]) => `${local}${odd}@ex${odd}ample.org`),
);
const text = fc
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

/** Stages rows of cells and holds each one that SQL took for its own to what JavaScript makes of it. */
async function compare(
  mapping: RowMapping,
  rows: readonly (readonly (string | null)[])[],
): Promise<number> {
  const columns = rows[0]?.map((_, place) => `c${place}`) ?? [];
  await workbench.run(
    `CREATE OR REPLACE TABLE cells (n BIGINT, ${columns.map((name) => `${name} VARCHAR`).join(', ')})`,
  );
  await workbench.append(
    'cells',
    rows.map((row, place) => [place, ...row]),
  );
  const relation: SourceRelation = { columns, sql: 'cells', rowNumbers: 'column', notes: [] };
  const staged = await workbench.rows(
    `SELECT n, fast, key, p FROM (${stagingSql(relation, mapping)})`,
  );
  let fastRows = 0;
  for (const [place, fast, key, parts] of staged) {
    if (fast !== true) continue;
    fastRows += 1;
    const cells = rows[Number(place)] ?? [];
    const read = readSourceRow(mapping, cells);
    assert.ok(isRowChange(read), `SQL takes what JavaScript rejects: ${JSON.stringify(cells)}`);
    const identities = mapping.identifiers.map(({ identityType }, index) => {
      const value = read.identities[index];
      if (value === undefined) return '';
      const digest = identityDigest(identityType.normalisation, value).toString('hex');
      return digest + (identityType.normalisation === 'email-hash' ? '' : value);
    });
    const values = mapping.fields.map(({ type }, index) => read.values[index] || emptyForms[type]);
    const expected = [...identities, ...values].map((part) => part + partEnd).join('') + rowEnd;
    assert.equal(parts, expected, JSON.stringify(cells));
    const first = identities.findIndex((identity) => identity !== '');
    assert.equal(key, 'abc'.charAt(first) + (identities[first]?.slice(0, 32) ?? ''));
  }
  return fastRows;
}

const user = { id: 9, name: 'user_id', normalisation: 'exact' as const };

function mappingOf(type: FieldType, options: ValueOptions): RowMapping {
  return {
    identifiers: [{ column: 'id', cell: 0, identityType: user }],
    fields: [{ column: 'value', cell: 1, type, options }],
  };
}

const optionSets: readonly ValueOptions[] = [
  { timeZone: 'Z', dateOrder: 'month-first', separator: '|' },
  { timeZone: 'Europe/Berlin', dateOrder: 'day-first', decimalComma: true, separator: ';' },
  { timeZone: 'UTC' },
];

for (const type of fieldTypes) {
  test(`SQL renders ${type} values as JavaScript does, or leaves them to it`, async () => {
    for (const options of optionSets) {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.option(text, { freq: 20 }), { minLength: 300, maxLength: 400 }),
          async (values) => {
            await compare(
              mappingOf(type, options),
              values.map((value, place) => [`id${place}`, value]),
            );
          },
        ),
        { numRuns: 8 },
      );
    }
  });
}

const usualValues: readonly (readonly [FieldType, readonly string[]])[] = [
  ['string', ['Tom', 'New York', 'Żółw', 'Zoë']],
  ['text', ['a longer one']],
  ['currency', ['$90,000 ', '241.56', '$1,234.50', '0', '-12']],
  ['float', ['0.25', '12', '1,000.5']],
  ['rate', ['25%', '0.5']],
  ['integer', ['0', '12', '-3', '1,234', '12.0']],
  ['positive integer', ['0', '12']],
  ['big integer', ['12345678901234567890']],
  ['boolean', ['Y', 'no', 'TRUE', 'f', '1']],
  [
    'date',
    ['2026-11-23', '04/08/1966', '5/14/1965', '1965-05-14 10:00:00', '2026-11-23T05:00:00Z'],
  ],
  ['set', ['a|b', 'red']],
];

for (const [type, values] of usualValues) {
  test(`SQL does the usual ${type} values itself`, async () => {
    const rows = values.map((value, place) => [`id${place}`, value]);
    assert.equal(
      await compare(mappingOf(type, optionSets[0] ?? { timeZone: 'Z' }), rows),
      rows.length,
    );
  });
}

for (const normalisation of ['email', 'email-hash', 'phone', 'exact'] satisfies Normalisation[]) {
  test(`SQL normalises ${normalisation} identities as JavaScript does, or leaves them to it`, async () => {
    const identityType = { id: 2, name: 'tried', normalisation };
    const mapping: RowMapping = {
      identifiers: [{ column: 'id', cell: 0, identityType }],
      fields: [{ column: 'value', cell: 1, type: 'string', options: { timeZone: 'Z' } }],
    };
    const hex = fc.stringMatching(/^[0-9a-f]{63,65}$/);
    const phone = fc.stringMatching(/^\+?[0-9 ().-]{5,18}$/);
    const identity = fc.oneof(text, email, email, hex, phone);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(identity, { freq: 20 }), { minLength: 300, maxLength: 400 }),
        async (values) => {
          await compare(
            mapping,
            values.map((value) => [value, 'x']),
          );
        },
      ),
      { numRuns: 12 },
    );
  });
}

test('SQL does ordinary e-mail addresses itself', async () => {
  const mapping: RowMapping = {
    identifiers: [
      { column: 'id', cell: 0, identityType: { id: 1, name: 'email', normalisation: 'email' } },
    ],
    fields: [{ column: 'value', cell: 1, type: 'string', options: { timeZone: 'Z' } }],
  };
  const rows = ['Tom@Hello.com', ' a+b@c.org', "o'neil@x-y.co.uk"].map((value) => [value, null]);
  assert.equal(await compare(mapping, rows), 3);
});

test('SQL joins rows of many types as JavaScript does, or leaves them to it', async () => {
  const mapping: RowMapping = {
    identifiers: [
      { column: 'mail', cell: 0, identityType: { id: 1, name: 'email', normalisation: 'email' } },
      { column: 'id', cell: 1, identityType: user },
    ],
    fields: fieldTypes.map((type, place) => ({
      column: type,
      cell: place + 2,
      type,
      options: optionSets[0] ?? { timeZone: 'Z' },
    })),
  };
  const plain = usualValues.flatMap(([, values]) => values);
  const cell = fc.option(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...plain) }, { weight: 1, arbitrary: text }),
    { freq: 3 },
  );
  const usual = fc.tuple(
    ...fieldTypes.map((type) => {
      const values = usualValues.find(([known]) => known === type)?.[1] ?? [];
      return fc.option(
        fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(...values) },
          { weight: 1, arbitrary: cell },
        ),
        { freq: 5 },
      );
    }),
  );
  const row = fc
    .tuple(fc.option(email), fc.option(fc.constantFrom('7', 'x y', '"q"')), usual)
    .map(([mail, id, values]) => [
      mail ?? null,
      id ?? null,
      ...values.map((value) => value ?? null),
    ]);
  let fastRows = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 200, maxLength: 300 }), async (rows) => {
      fastRows += await compare(mapping, rows);
    }),
    { numRuns: 15 },
  );
  assert.ok(fastRows > 100, 'the property is not met by leaving everything to JavaScript');
});
