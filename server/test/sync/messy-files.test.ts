/** Real exports are messy. Each kind of mess is read correctly, or rejected with its row number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { refusal } from '../domain/refusal.ts';
import { ImportPlace } from './import-place.ts';

const three = 'email,name,age\na@x.org,Ann,1\nb@x.org,Bob,2\nc@x.org,Cy,3\n';

test('a plain file is imported, and a number stays a number', async (context) => {
  const place = new ImportPlace(context);
  const { report } = await place.import(place.write('people.csv', three));
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [3, 3, 0]);
  assert.deepEqual(await place.find('email:B@x.org'), { email: 'b@x.org', name: 'Bob', age: 2 });
});

for (const [name, content] of [
  ['a byte-order mark', `\ufeff${three}`],
  ['mixed line ends', 'email,name,age\r\na@x.org,Ann,1\nb@x.org,Bob,2\r\nc@x.org,Cy,3'],
  ['bare carriage returns', three.replaceAll('\n', '\r')],
  ['semicolons', three.replaceAll(',', ';')],
  ['bars', three.replaceAll(',', '|')],
  ['tabs', three.replaceAll(',', '\t')],
  ['a line that declares the separator', `sep=;\r\n${three.replaceAll(',', ';')}`],
  ['blank lines', three.replaceAll('\n', '\n\n')],
  ['blank lines before the header', `\n\n${three}`],
  ['one extra separator at the end of each row', three.replaceAll(/(\d)\n/g, '$1,\n')],
  ['quotes around everything', three.replaceAll(/[^,\n]+/g, '"$&"')],
  ['UTF-16', Buffer.from(`\ufeff${three}`, 'utf16le')],
  ['UTF-16 without a byte-order mark', Buffer.from(three, 'utf16le')],
  ['big-endian UTF-16', Buffer.from(`\ufeff${three}`, 'utf16le').swap16()],
] as const) {
  test(`a file with ${name} is read as if it had none`, async (context) => {
    const place = new ImportPlace(context);
    const { report } = await place.import(place.write('people.csv', content));
    assert.deepEqual([report.rowsRead, report.added, report.rejected], [3, 3, 0]);
    assert.deepEqual(await place.find('email:c@x.org'), { email: 'c@x.org', name: 'Cy', age: 3 });
  });
}

for (const [name, content] of [
  ['people.csv.gz', gzipSync(three)],
  ['people.csv.zst', zstdCompressSync(three)],
  ['people.tsv', three.replaceAll(',', '\t')],
  [
    'people.ndjson',
    '{"email":"c@x.org","name":"Cy","age":3}\n\n{"email":"b@x.org","name":"B"}\n{"email":"a@x.org"}\n',
  ],
  [
    'people.jsonl.gz',
    gzipSync('{"email":"c@x.org","name":"Cy","age":3}\n{"email":"b@x.org"}\n{"email":"a@x.org"}'),
  ],
  [
    'people.json',
    '[{"email":"c@x.org","name":"Cy","age":3},{"email":"b@x.org"},\n{"email":"a@x.org","name":null}]',
  ],
  [
    'people.json.zst',
    zstdCompressSync(
      '[{"email":"c@x.org","name":"Cy","age":3},{"email":"b@x.org"},{"email":"a@x.org"}]',
    ),
  ],
] as const) {
  test(`${name} is read`, async (context) => {
    const place = new ImportPlace(context);
    const { report } = await place.import(place.write(name, content));
    assert.deepEqual([report.rowsRead, report.added, report.rejected], [3, 3, 0]);
    assert.deepEqual(await place.find('email:c@x.org'), { email: 'c@x.org', name: 'Cy', age: 3 });
  });
}

test('Latin-1 is recognised and reported', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    Buffer.from('email,name\na@x.org,Zoë\nb@x.org,50 \x80\n', 'latin1'),
  );
  const { notes } = await place.import(path);
  assert.match(notes.join(' '), /Windows-1252/);
  assert.equal((await place.find('email:a@x.org'))?.['name'], 'Zoë');
  assert.equal((await place.find('email:b@x.org'))?.['name'], '50 €');
});

test('a few invalid bytes in UTF-8 reject only their own rows', async (context) => {
  const place = new ImportPlace(context);
  const good = Array.from({ length: 30 }, (_, n) => `p${n}@x.org,Zoë`).join('\n');
  const bytes = Buffer.concat([
    Buffer.from(`email,name\n${good}\nbad@x.org,`),
    Buffer.from([0xff, 0x0a]),
  ]);
  const { report, rejections } = await place.import(place.write('people.csv', bytes));
  assert.deepEqual([report.added, report.rejected], [30, 1]);
  assert.deepEqual(rejections, ['31,,value_invalid,has bytes that are not UTF-8']);
});

test('cells may hold line ends, separators and quotes', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    'email,note\na@x.org,"one\ntwo, ""three"""\nb@x.org,"p\r\nq"\n',
  );
  await place.import(path);
  assert.equal((await place.find('email:a@x.org'))?.['note'], 'one\ntwo, "three"');
  assert.equal((await place.find('email:b@x.org'))?.['note'], 'p\r\nq');
});

test('rows with too few or too many cells are rejected by number, and the others are imported', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    'email,name,age\na@x.org,Ann,1\nb@x.org,Bob\nc@x.org,Cy,3,4\nd@x.org,Di,4\n',
  );
  const { report, rejections } = await place.import(path);
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [4, 2, 2]);
  assert.deepEqual(rejections, [
    '2,,value_invalid,has 2 cells where the header has 3',
    '3,,value_invalid,has 4 cells where the header has 3',
  ]);
});

test('an unclosed quote rejects only its own row', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    'email,name\na@x.org,Ann\nb@x.org,"Bob\nc@x.org,Cy\nd@x.org,"Di"\n',
  );
  const { report, rejections } = await place.import(path);
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [4, 3, 1]);
  assert.deepEqual(rejections, ['2,,value_invalid,has a quote that does not close']);
});

test('text after a closing quote rejects the row', async (context) => {
  const place = new ImportPlace(context);
  const { rejections } = await place.import(
    place.write('people.csv', 'email,name\na@x.org,"Ann"x\nb@x.org,Bob\n'),
  );
  assert.deepEqual(rejections, ['1,,value_invalid,has text after a closing quote']);
});

test('an invalid line of NDJSON is rejected by its number', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.ndjson',
    '{"email":"a@x.org"}\n{"email":\n[1]\n{"email":"b@x.org"}\n',
  );
  const { report, rejections } = await place.import(path);
  assert.deepEqual([report.added, report.rejected], [2, 2]);
  assert.deepEqual(rejections, [
    '2,,value_invalid,is not valid JSON',
    '3,,value_invalid,is not a JSON object',
  ]);
});

test('repeated and empty headers get names, and the new names are reported', async (context) => {
  const place = new ImportPlace(context);
  const { notes, plan } = await place.import(
    place.write('people.csv', 'email,name,name,\na@x.org,Ann,Ann B,x\n'),
  );
  assert.deepEqual(
    plan.columns.map(({ field }) => field),
    ['email', 'name', 'name_2', 'column_4'],
  );
  assert.equal(notes.length, 2);
});

test('hostile headers are names like others', async (context) => {
  const place = new ImportPlace(context);
  const headers = [
    '__proto__',
    'constructor',
    'toString',
    `'; DROP TABLE staged; --`,
    '"quoted"',
    'segment_membership',
    '🙂',
    'x'.repeat(300),
  ];
  const line = headers.map((header) => `"${header.replaceAll('"', '""')}"`).join(',');
  const { plan } = await place.import(
    place.write('people.csv', `email,${line}\na@x.org,1,2,3,4,5,6,7,8\n`),
  );
  assert.deepEqual(
    plan.columns.map(({ field }) => field),
    [
      'email',
      'proto',
      'constructor',
      'to_string',
      'drop_table_staged',
      'quoted',
      'segment_membership_2',
      'column_8',
      'x'.repeat(64),
    ],
  );
  const found = await place.find('email:a@x.org');
  assert.equal(found?.['drop_table_staged'], 4);
  assert.equal(found?.['constructor'], 2);
});

test('hostile keys of JSON are names like others', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.ndjson',
    '{"email":"a@x.org","__proto__":"p","a/b~c":"x","":"y","it\'s":"z"}\n',
  );
  const { plan, notes } = await place.import(path);
  assert.deepEqual(plan.columns.map(({ column }) => column).sort(), [
    '__proto__',
    'a/b~c',
    'email',
    "it's",
  ]);
  assert.equal(notes.length, 1);
  assert.equal((await place.find('email:a@x.org'))?.['a_b_c'], 'x');
});

test('JSON numbers keep their digits, and lists become sets', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.ndjson',
    '{"email":"a@x.org","big":12345678901234567890123,"tags":["x","y","x"],"ok":true}\n{"email":"b@x.org","big":2,"tags":[],"ok":false}\n',
  );
  await place.import(path);
  assert.deepEqual(await place.find('email:a@x.org'), {
    email: 'a@x.org',
    big: '12345678901234567890123',
    tags: ['x', 'y'],
    ok: true,
  });
});

test('a very long cell is a value or a rejection, never a crash', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    `email,note\na@x.org,${'x'.repeat(60_000)}\nb@x.org,${'y'.repeat(100_000)}\nc@x.org,${'z'.repeat(3_000_000)}\nd@x.org,ok\n`,
  );
  const { report, rejections } = await place.import(path);
  assert.deepEqual([report.added, report.rejected], [2, 2]);
  assert.match(
    rejections.join('\n'),
    /^2,note,value_invalid,is longer than 65536 bytes\n3,,value_invalid,is longer than/,
  );
});

for (const [name, content, words] of [
  ['people.csv', '', /people\.csv is empty/],
  ['people.csv', 'email,name\n', /has a header and no rows/],
  ['people.xlsx', 'x', /has no known extension/],
  ['people.parquet.gz', 'x', /compressed twice\. Use the \.parquet file/],
  ['people.parquet', 'not one', /not a Parquet file/],
  ['people.json', '{"a":', /is not a JSON array of objects, or its end is missing/],
  ['people.json', '[{"email":"a@x.org"},', /not a JSON array/],
  ['people.csv.gz', 'not gzip', /cannot be read/],
  [
    'people.csv',
    `${Array.from({ length: 2_001 }, (_, n) => `c${n}`).join(',')}\n1\n`,
    /2001 columns; at most 2000/,
  ],
  ['people.csv', 'name,age\nAnn,1\n', /No column looks like e-mail/],
  [
    'people.csv',
    'a,b\na@x.org,b@x.org\n',
    /Several columns look like e-mail[\s\S]*--identifier email=a/,
  ],
] as const) {
  test(`${name} (${words.source.slice(0, 40)}) is refused with a reason`, async (context) => {
    const place = new ImportPlace(context);
    await assert.rejects(place.import(place.write(name, content)), refusal(words));
  });
}

test('a missing file is refused with a reason', async (context) => {
  const place = new ImportPlace(context);
  await assert.rejects(
    place.import('/nowhere/people.csv'),
    refusal(/people\.csv in the folder \/nowhere does not exist/),
  );
});

test('invalid values are rejected with row, column and reason, and are never shown', async (context) => {
  const place = new ImportPlace(context);
  const rows = Array.from(
    { length: 40 },
    (_, n) => `p${n}@x.org,2026-01-${String((n % 28) + 1).padStart(2, '0')}`,
  );
  rows[6] = 'p6@x.org,2026-02-30';
  rows[8] = 'p8@x.org,secret';
  const { report, rejections, plan } = await place.import(
    place.write('people.csv', `email,since\n${rows.join('\n')}\n`),
  );
  assert.equal(plan.columns[1]?.format.type, 'date');
  assert.deepEqual([report.added, report.rejected], [38, 2]);
  assert.deepEqual(rejections, [
    '7,since,value_invalid,is a day that its month does not have',
    '9,since,value_invalid,is not a date',
  ]);
});

test('empty, invalid and repeated identities are rejected by code, and the last repetition counts', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write(
    'people.csv',
    `email,name\na@x.org,first\n,nobody\nno mail,wrong\nA@X.org,second\nb@x.org,B\n${Array.from({ length: 20 }, (_, n) => `p${n}@x.org,P`).join('\n')}\n`,
  );
  const { report, rejections } = await place.import(path, {
    identifiers: [{ type: 'email', column: 'email' }],
  });
  assert.deepEqual([report.rowsRead, report.added, report.rejected], [25, 22, 3]);
  assert.deepEqual(report.counts, {
    identity_invalid: 1,
    identity_missing: 1,
    identity_repeated: 1,
  });
  assert.deepEqual(
    rejections.map((line) => line.split(',').slice(0, 3).join(',')),
    ['1,email,identity_repeated', '2,email,identity_missing', '3,email,identity_invalid'],
  );
  assert.equal((await place.find('email:a@x.org'))?.['name'], 'second');
});

for (const [name, compress] of [
  ['people.csv.gz', gzipSync],
  ['people.csv.zst', zstdCompressSync],
] as const) {
  test(`a truncated ${name} is refused, not read as a shorter file`, async (context) => {
    const place = new ImportPlace(context);
    const rows = Array.from({ length: 120_000 }, (_, n) => `p${n}@x.org,${(n * 7_919) % 100_003}`);
    const whole = compress(Buffer.from(`email,number\n${rows.join('\n')}\n`));
    const path = place.write(name, whole.subarray(0, whole.length - 100_000));
    await assert.rejects(place.import(path), refusal(/cannot be read to its end/));
  });
}
