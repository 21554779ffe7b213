/** JSON rows keep everything that is written in them, or are rejected. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mayLoseDigits } from '../../src/sources/file/check-json-rows.ts';
import { openFiles } from '../../src/sources/file/file-source.ts';
import { readSource } from './read-source.ts';

function readFileOf(name: string, text: string) {
  return readSource(async (folder) => {
    writeFileSync(join(folder, name), text);
    return openFiles([join(folder, name)], null);
  });
}

const repeating = [
  '{"id":1,"id":2}',
  '{"id":1,"\\u0069d":1}',
  '{"id":1,"x":{"y":1,"y":2}}',
  '{"id":1,"x":[{"y":[{"z":1,"z":null}]}]}',
];

for (const [place, row] of repeating.entries()) {
  test(`a row that repeats a member is rejected, the others are read (${place + 1})`, async () => {
    const lines = ['{"id":0}', row, '{"id":9,"x":{"y":1},"z":{"y":"\\"y\\":1"}}'];
    for (const [name, text] of [
      ['a.ndjson', lines.join('\n')],
      ['a.json', `[${lines.join(',\n')}]\n`],
    ] as const) {
      const { columns, rows, rejections } = await readFileOf(name, text);
      const ids = rows.map((cells) => cells[columns.indexOf('id')]);
      assert.deepEqual(ids, ['0', '9'], name);
      assert.deepEqual(rejections, [
        { row: 2, column: null, code: 'value_invalid', reason: 'has the same member twice' },
      ]);
    }
  });
}

const numbers = [
  '12345678901234567890123',
  '9007199254740993',
  '18446744073709551616',
  '0.12345678901234567890123',
  '12345678901234567.89',
  '9007199254740993.5',
  '100000000000000000000000.25',
];

test('a number keeps every digit, alone, in a list and in an object', async () => {
  for (const number of numbers) {
    const row = `{"n":${number},"list":[${number}],"other":{"n":${number}}}`;
    for (const [name, text] of [
      ['a.ndjson', `${row}\n`],
      ['a.json', `[{"n":0},\n${row}]`],
    ] as const) {
      const { columns, rows } = await readFileOf(name, text);
      const last = rows.at(-1) ?? [];
      assert.equal(last[columns.indexOf('n')], number, name);
      assert.ok(last[columns.indexOf('list')]?.includes(number), `${name}: ${number}`);
      assert.ok(last[columns.indexOf('other')]?.includes(number), `${name}: ${number}`);
    }
  }
});

test('a number in a flat row keeps every digit, whatever stands before it', async () => {
  const number = '0.12345678901234567890';
  for (const value of [`-${number}`, ` ${number}`, `[${number}]`]) {
    const { rows } = await readFileOf('a.ndjson', `{"n":${value}}\n`);
    assert.ok(String(rows[0]?.[0]).includes(number));
  }
});

test('rows are looked at for long numbers, wherever they stand, and not for long digits in texts', () => {
  const long = ['1234567890123456', '-1234567890123456789', '0.1000000000000000055', '1e400'];
  for (const number of long) {
    for (const row of [`{"a":${number}}`, `{"a": \t${number} }`, `{"a":[1,\r\n ${number}]}`]) {
      assert.match(row, mayLoseDigits);
    }
  }
  for (const row of ['{"a":"9209233947925376903"}', '{"a":["A 1234567890123456"],"b":12.5}']) {
    assert.doesNotMatch(row, mayLoseDigits);
  }
});

test('an array that is read carefully gives all rows, however its elements are written', async () => {
  const text =
    '\ufeff [ {"id":1,"t":"],[{\\"}"} ,\r\n{\r\n"id":2.5000000000000000001}\n, {"id":3} ] \n';
  const { columns, rows } = await readFileOf('a.json', text);
  const ids = rows.map((cells) => cells[columns.indexOf('id')]);
  assert.deepEqual(ids, ['1', '2.5000000000000000001', '3']);
});

for (const [name, text] of [
  ['cut off', '[{"id":1.0000000000000000001},{"id":2'],
  ['cut off between elements', '[{"id":1.0000000000000000001},'],
  ['with bytes behind it', '[{"id":1.0000000000000000001}] {"id":2}'],
  ['two of them', '[{"id":1.0000000000000000001}][{"id":2}]'],
  ['without a comma', '[{"id":1.0000000000000000001} {"id":2}]'],
  ['with a comma too many', '[{"id":1.0000000000000000001},]'],
] as const) {
  test(`an array that is ${name} is refused`, async () => {
    await assert.rejects(readFileOf('a.json', text), /is not a JSON array of objects/);
  });
}
