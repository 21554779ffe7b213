/**
 * Text in other encodings: read as declared, detected if the bytes leave no doubt, and refused
 * otherwise.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openFiles } from '../../src/sources/file/file-source.ts';
import { readSource } from './read-source.ts';

function readFileOf(name: string, bytes: Uint8Array, encoding?: string) {
  return readSource(async (folder) => {
    writeFileSync(join(folder, name), bytes);
    return openFiles([join(folder, name)], null, encoding);
  });
}

/** A file that contains the name, as bytes of another encoding. */
const csvOf = (name: Buffer) =>
  Buffer.concat([Buffer.from('id,name\n1,'), name, Buffer.from('\n')]);
const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** A name, its bytes, and their declared encoding. */
const declared = [
  ['山田太郎', hex('8e52 9363 91be 9859'), 'shift_jis'],
  ['山田太郎', hex('8e52 9363 91be 9859'), 'SJIS'],
  ['王芳', hex('cdf5 b7bc'), 'gb18030'],
  ['김철수', hex('b1e8 c3b6 bcf6'), 'euc-kr'],
  ['陳大文', hex('b3af a46a a4e5'), 'big5'],
  ['Wałęsa', hex('5761 b3 ea 7361'), 'windows-1250'],
  ['Иван', hex('c8e2 e0ed'), 'windows-1251'],
  ['Zoë', Buffer.from('Zoë', 'latin1'), 'iso-8859-1'],
  ['Zoë', Buffer.from('Zoë'), 'utf-8'],
] as const;

for (const [name, bytes, encoding] of declared) {
  test(`${encoding} is read as declared, in every kind of file`, async () => {
    const rows = [['1', name]];
    assert.deepEqual((await readFileOf('a.csv', csvOf(bytes), encoding)).rows, rows);
    assert.deepEqual((await readFileOf('a.csv.gz', gzipSync(csvOf(bytes)), encoding)).rows, rows);
    const json = Buffer.concat([Buffer.from('{"id":1,"name":"'), bytes, Buffer.from('"}')]);
    assert.deepEqual((await readFileOf('a.ndjson', json, encoding)).rows, rows);
    const array = Buffer.concat([Buffer.from('['), json, Buffer.from(']')]);
    assert.deepEqual((await readFileOf('a.json', array, encoding)).rows, rows);
  });
}

test('UTF-16 without a byte-order mark is read as declared, even if it cannot be detected', async () => {
  const text = Buffer.from(
    'id,name\n1,山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎\n',
    'utf16le',
  );
  assert.equal((await readFileOf('a.csv', text, 'utf-16le')).rows[0]?.[1]?.slice(0, 4), '山田太郎');
  const swapped = Buffer.from(text).swap16();
  assert.equal((await readFileOf('a.csv', swapped, 'utf-16be')).rows[0]?.[0], '1');
});

test('an unknown encoding is refused, and the message names known ones', async () => {
  const reading = readFileOf('a.csv', Buffer.from('id,name\n1,x\n'), 'shift-joke');
  await assert.rejects(reading, (error: { detail?: string }) => {
    assert.match(error.detail ?? '', /The encoding shift-joke is unknown\. .*shift_jis/);
    return true;
  });
});

for (const [name, bytes] of [
  ['Shift_JIS with bytes that Windows-1252 leaves undefined', hex('8f88 979d')],
  ['Shift_JIS without such bytes', hex('8e52 9363 91be 9859')],
  ['two characters of Shift_JIS', hex('93fa 967b')],
  ['half-width katakana', hex('d4cf c0de 20 c0db b3')],
  ['GBK', hex('cdf5 b7bc')],
  ['Big5', hex('b3af a46a a4e5')],
  ['EUC-KR', hex('b1e8 c3b6 bcf6')],
  ['Cyrillic', hex('c8e2 e0ed')],
  ['Greek', hex('c3e9 fef1 e3ef f2')],
  ['Polish in Windows-1250', hex('5761 b3 ea 7361 20 50 61 77 65 b3 20 a3 f3 64 9f')],
] as const) {
  test(`${name} is refused, and the message says how to declare it`, async () => {
    for (const file of ['a.csv', 'a.ndjson']) {
      const json = Buffer.concat([Buffer.from('{"id":1,"name":"'), bytes, Buffer.from('"}\n')]);
      const reading = readFileOf(file, file === 'a.csv' ? csvOf(bytes) : json);
      await assert.rejects(reading, (error: { code?: string; detail?: string }) => {
        assert.equal(error.code, 'definition_invalid');
        assert.match(error.detail ?? '', /neither UTF-8 nor Windows-1252.*--encoding shift_jis/);
        return true;
      });
    }
  });
}

for (const text of [
  'München, Größe, Straße, ÄÖÜ äöüß',
  'créée, Noël, c\x9cur, l\x92été, \xabBonjour\xbb',
  'Ñandú, ¿Qué?, ¡Hola!, señor, 1º 2ª',
  'Ærøskøbing, Ålborg, Håøya, häätö',
  'São João, Conceição, Þórður, Guðmundsdóttir',
  'O\x92Brien said \x93no\x94 \x96 and 50 \x80 \x85',
  '25 °C, 5 m², 3 µm, ½, £5, ©2020, Brand® Firma\x99',
]) {
  test(`western text is detected: ${text.slice(0, 12)}`, async () => {
    const read = await readFileOf('a.tsv', Buffer.from(`id\tname\n1\t${text}\n`, 'latin1'));
    assert.match(read.notes.join(), /is read as Windows-1252/);
    const expected = new TextDecoder('windows-1252').decode(Buffer.from(text, 'latin1'));
    assert.deepEqual(read.rows, [['1', expected]]);
  });
}

test('a header in Windows-1252 names the columns, whatever the rows have', async () => {
  for (const cell of ['x', 'Köln']) {
    const bytes = Buffer.from(`id;größe;straße\n1;9;${cell}\n`, 'latin1');
    for (const [name, content] of [
      ['a.csv', bytes],
      ['a.csv.gz', gzipSync(bytes)],
    ] as const) {
      const { columns, rows, notes } = await readFileOf(name, content);
      assert.deepEqual(columns, ['id', 'größe', 'straße']);
      assert.deepEqual(rows, [['1', '9', cell]]);
      assert.match(notes.join(), /is read as Windows-1252/);
    }
  }
});

test('a header with bytes of another encoding than the rows is refused', async () => {
  const bytes = Buffer.concat([
    Buffer.from('id,größe\n', 'latin1'),
    Buffer.from(Array.from({ length: 20 }, (_, n) => `${n},Köln\n`).join('')),
  ]);
  const reading = readFileOf('a.csv', bytes);
  await assert.rejects(reading, (error: { detail?: string }) => {
    assert.match(error.detail ?? '', /a\.csv: the header has bytes that are not UTF-8\. Save/);
    return true;
  });
});

test('rows that are not valid in the declared encoding are rejected, the others are read', async () => {
  const bytes = Buffer.concat([
    csvOf(hex('8e52')),
    Buffer.from('2,'),
    hex('8eff'),
    Buffer.from('\n3,x\n'),
  ]);
  const { rows, rejections, notes } = await readFileOf('a.csv', bytes, 'shift_jis');
  assert.deepEqual(
    rows.map(([id]) => id),
    ['1', '3'],
  );
  assert.deepEqual(
    rejections.map(({ row, reason }) => [row, reason]),
    [[2, 'has bytes that are not Shift_JIS']],
  );
  assert.match(notes.join(), /not Shift_JIS/);
});

test('half of a surrogate pair in UTF-16 rejects its row; a replacement character in valid text does not', async () => {
  const text = Buffer.from('\ufeffid,name\n1,a\n2,\ud800\n3,b\n', 'utf16le');
  const { rejections } = await readFileOf('a.csv', text);
  assert.deepEqual(
    rejections.map(({ row, reason }) => [row, reason]),
    [[2, 'has bytes that are not UTF-16']],
  );
  const odd = await readFileOf('b.csv', Buffer.from('"i\nd",name\r\n1,\ufffd\r\n'));
  assert.deepEqual(odd.rows, [['1', '\ufffd']]);
});
