/**
 * Delimited files are read as they were written, with every mix of separators, quotes and line
 * ends.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openFiles } from '../../src/sources/file/file-source.ts';
import { tableOf } from '../../src/sources/query/query-tables.ts';
import type { Source } from '../../src/sources/source.ts';
import { openWorkbench } from '../../src/sources/workbench.ts';
import { makeRunFolder, type ReadRows, readRelation, readSource } from './read-source.ts';

function readFileOf(content: string | Uint8Array, name = 'a.csv'): Promise<ReadRows> {
  return readSource(async (folder) => {
    writeFileSync(join(folder, name), content);
    return openFiles([join(folder, name)], null);
  });
}

/** The file that a spreadsheet writes for a header with a line break in it. */
const excel = '"e-\nmail",n\r\na@x.org,1\r\nb@x.org,2\r\n';

for (const [name, content] of [
  ['LF in CRLF', excel],
  ['CR in CRLF', excel.replace('-\n', '-\r')],
  ['CRLF in LF', excel.replaceAll('\r\n', '\n').replace('-\n', '-\r\n')],
  ['LF in CR', excel.replaceAll('\r\n', '\r')],
  ['CRLF in CR', excel.replaceAll('\r\n', '\r').replace('-\n', '-\r\n')],
  ['CR in LF', excel.replaceAll('\r\n', '\n').replace('-\n', '-\r')],
  ['LF in the last cell, CRLF', '"n","e\nmail"\r\n1,a@x.org\r\n2,b@x.org\r\n'],
  ['LF in CRLF, all quoted', '"e\nmail","n"\r\n"a@x.org","1"\r\n"b@x.org","2"\r\n'],
] as const) {
  test(`a line break in a header does not hide the rows: ${name}`, async () => {
    const { columns, rows } = await readFileOf(content);
    assert.equal(rows.length, 2);
    assert.deepEqual(rows.flat().sort(), ['1', '2', 'a@x.org', 'b@x.org']);
    assert.equal(columns.length, 2);
  });
}

test('each file of a glob and of a query is read with its own line ends', async () => {
  const { folder, end } = makeRunFolder();
  const files = [
    excel.replace('-\n', '\n'),
    '"e\nmail",n\nc@x.org,3\n',
    '"e\nmail",n\rd@x.org,4\r',
  ];
  for (const [place, content] of files.entries()) {
    writeFileSync(join(folder, `${place}.csv`), content);
  }
  const source = await openFiles([join(folder, '?.csv')], null);
  const workbench = await openWorkbench({
    folder: join(folder, 'workbench'),
    allowedPaths: source.allowedPaths,
    allowedFolders: [],
    threads: 2,
  });
  try {
    const { rows } = await readSource(async () => source);
    assert.deepEqual(
      rows.map(([, n]) => n),
      ['1', '2', '3', '4'],
    );
    const table = await tableOf({ name: 't', source }, workbench);
    const [sum] = await workbench.rows(`SELECT sum(CAST(n AS INTEGER)) FROM (${table.sql})`);
    assert.equal(Number(sum?.[0]), 10);
  } finally {
    await workbench.close();
    end();
  }
});

test('two tables of a query that are read in careful mode stay separate', async () => {
  const { folder, end } = makeRunFolder();
  writeFileSync(join(folder, 'a.csv'), '"x\ny",n\r\na,1\r\n');
  writeFileSync(join(folder, 'b.csv'), '"x\ny",n\r\nb,2\r\n');
  const sources: Source[] = [];
  for (const name of ['a', 'b']) sources.push(await openFiles([join(folder, `${name}.csv`)], null));
  const workbench = await openWorkbench({
    folder: join(folder, 'workbench'),
    allowedPaths: sources.flatMap(({ allowedPaths }) => allowedPaths),
    allowedFolders: [],
    threads: 2,
  });
  try {
    const found = [];
    for (const source of sources) {
      const { sql } = await tableOf({ name: 't', source }, workbench);
      found.push(sql);
    }
    const rows = await workbench.rows(found.join(' UNION ALL '));
    assert.deepEqual(rows.map(([x]) => x).sort(), ['a', 'b']);
  } finally {
    await workbench.close();
    end();
  }
});

test('a text that a spreadsheet wrote as a formula is read as text, with a note', async () => {
  const rows = '1,="01234"\n2,"=""0099"""\n3,=A1\n4,="a"&"b"\n5,="\n6,=""\n';
  for (const text of [`id,zip\n${rows}`, `"i\nd",zip\n${rows}`, `id,zip\n${rows}7\n`]) {
    const read = await readFileOf(text);
    const zips = read.rows.map(([, zip]) => zip ?? '');
    assert.deepEqual(zips, ['01234', '0099', '=A1', '="a"&"b"', '="', '']);
    assert.match(read.notes.join(), /has cells like ="01234"/);
  }
  assert.deepEqual((await readFileOf('id,zip\n1,=A1\n')).notes, []);
});

const letters = [
  'a',
  'b',
  '1',
  '"',
  '""',
  ',',
  ';',
  '\t',
  '|',
  '\n',
  '\r',
  '\r\n',
  ' ',
  "'",
  '#',
  '\\',
];
const cell = fc.oneof(
  fc
    .array(fc.constantFrom(...letters, 'é', '🎉', '\u2028', '\ufffd'), { maxLength: 6 })
    .map((parts) => parts.join('')),
  fc.constantFrom('', 'NULL', '\\N', '#x', '=1', '-', 'sep=', '0012', 'a\ufeffb'),
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

/** A table, and a text that represents it. */
const written = fc
  .record({
    width: fc.integer({ min: 2, max: 4 }),
    separator: fc.constantFrom(',', ';', '\t', '|'),
    ends: fc.oneof(
      lineEnd.map((end) => [end]),
      fc.array(lineEnd, { minLength: 2, maxLength: 5 }),
    ),
    isAllQuoted: fc.boolean(),
    isEnded: fc.boolean(),
    hasMark: fc.boolean(),
    break: fc.constantFrom('', '', '\n', '\r\n', '\r'),
    cells: fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 12 }),
  })
  .map((table) => {
    const { width, separator, ends, isAllQuoted, cells } = table;
    const names = Array.from({ length: width }, (_, n) => `name${table.break}${n}`);
    const rows = cells.map((row) => row.slice(0, width));
    const quoted = (text: string) =>
      isAllQuoted || /["\n\r,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const lines = [names, ...rows].map((row) => row.map(quoted).join(separator));
    const text = lines.map((line, n) => {
      const isLast = n === lines.length - 1 && !table.isEnded;
      return line + (isLast ? '' : (ends[n % ends.length] ?? '\n'));
    });
    return { names, rows, text: (table.hasMark ? '\ufeff' : '') + text.join('') };
  });

test('a table is read back unchanged, in every dialect', async () => {
  const { folder, end } = makeRunFolder();
  const path = join(folder, 'a.csv');
  const place = { folder: join(folder, 'workbench'), allowedPaths: [path], allowedFolders: [] };
  const workbench = await openWorkbench({ ...place, threads: 2 });
  try {
    await fc.assert(
      fc.asyncProperty(written, async ({ names, rows, text }) => {
        writeFileSync(path, text);
        const read = await readRelation(await openFiles([path], null), workbench);
        assert.deepEqual(read.columns, names);
        assert.deepEqual(read.rejections, []);
        const found = read.rows.map((row) => row.map((value) => value ?? ''));
        assert.deepEqual(found, rows);
      }),
      { numRuns: 100 },
    );
  } finally {
    await workbench.close();
    end();
  }
});

for (const [name, content, told] of [
  ['an e-mail address', '1,ann@x.org,Ann\n2,bob@x.org,Bob\n', /column 2 has an e-mail address/],
  ['an address in Unicode', '1,"Änn@BÜCHER.example "\n', /column 2 has an e-mail address/],
  ['an address below sep=', 'sep=;\nAnn;ann@x.org\nBob;\n', /column 2 has an e-mail address/],
  [
    'a phone number and a date',
    'Ann,+49 (151) 234-5678,1990-02-03\nBob,+49 151 234 999,1980-12-30\n',
    /column 2 has a phone number and column 3 has a date/,
  ],
  [
    'a long number and a time',
    '4711000123,x,1990-02-03T10:00:00Z\n,y,\n4711000124,y,1990-02-04 11:00\n',
    /column 1 has a long number and column 3 has a date/,
  ],
] as const) {
  test(`a file is refused if its first row has ${name}, which is not repeated`, async () => {
    await assert.rejects(readFileOf(content), (error: Error) => {
      assert.match(error.message, told);
      assert.match(error.message, /Add a row with the names of the columns above it\./);
      assert.doesNotMatch(error.message, /ann|x\.org|4711|1990|151/i);
      return true;
    });
  });
}

for (const [name, content] of [
  ['a column for each day', 'e-mail,2026-01-01,2026-02-01\na@x.org,100,200.5\n'],
  ['one long number', 'e-mail,100200300\na@x.org,100200301\n'],
  ['years', 'e-mail,2024,2025\na@x.org,2024,2025\n'],
  ['a unit', 'e-mail,price@unit\na@x.org,1\n'],
] as const) {
  test(`a header is read if it has ${name}`, async () => {
    const { columns, rows } = await readFileOf(content);
    assert.deepEqual([columns[0], rows.length], ['e-mail', 1]);
  });
}
