/** Malformed and malicious JSON files, and the expected outcome of each. */
import type { HostileFile } from './hostile-file.ts';
import { canary } from './hostile-file.ts';

const line = (name: string, more = '') => `{"email":"${name}@x.org","name":"${canary}"${more}}\n`;
const good = line('a') + line('b');
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const object = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

export const hostileJson: readonly HostileFile[] = [
  [
    'lists 100,000 deep in a value',
    'ndjson',
    () => good + line('c', `,"x":${nested(100_000)}`),
    [undefined, undefined],
  ],
  [
    'objects 10,000 deep in a value',
    'ndjson',
    () => good + line('c', `,"x":${object(10_000)}`),
    [undefined, undefined],
  ],
  ['only lists, 500,000 deep', 'json', () => nested(500_000), /./],
  ['only objects, 100,000 deep', 'json', () => object(100_000), /./],
  [
    'lists 1,000 deep in a value',
    'json',
    () => `[${line('a', `,"x":${nested(1_000)}`)}]`,
    [undefined, undefined],
  ],
  ['a list that never ends', 'json', () => '['.repeat(1_000_000), /./],
  [
    'a repeated key',
    'ndjson',
    () => '{"email":"a@x.org","email":"b@x.org","name":"x","name":"y"}\n',
    /row 1 has the same member twice/,
  ],
  [
    'keys named like members of a prototype',
    'ndjson',
    () => `{"email":"a@x.org","__proto__":{"x":1},"constructor":"c","toString":"t"}\n`,
    [1, 0],
  ],
  [
    'numbers of 10,000 digits and 1e400',
    'ndjson',
    () =>
      `{"email":"a@x.org","n":${'9'.repeat(10_000)},"m":1e400}\n{"email":"b@x.org","n":1,"m":2}\n`,
    [undefined, undefined],
  ],
  [
    'unescaped control characters',
    'ndjson',
    () => `${good}{"email":"c@x.org","name":"x\u0001\u001fy"}\n`,
    [2, 1],
  ],
  [
    'half of a surrogate pair',
    'ndjson',
    () => `${good}{"email":"c@x.org","name":"\\ud800"}\n`,
    [undefined, undefined],
  ],
  [
    'half of a surrogate pair as a key',
    'ndjson',
    () => `${good}{"email":"c@x.org","\\ud800":"x"}\n`,
    [undefined, undefined],
  ],
  [
    'NUL as key and value',
    'ndjson',
    () =>
      `{"email":"a@x.org","x\\u0000y":"x","name":"p\\u0000q"}\n{"email":"b@x.org","name":"B"}\n`,
    [undefined, undefined],
  ],
  [
    'a line of 50 MB',
    'ndjson',
    () => `${good}{"email":"c@x.org","name":"${'x'.repeat(50_000_000)}"}\n`,
    [2, 1, /^3,/],
    'slow',
  ],
  [
    'a line of 3 MB',
    'ndjson',
    () => `${good}{"email":"c@x.org","name":"${'x'.repeat(3_000_000)}"}\n`,
    [2, 1, /^3,/],
  ],
  [
    'a text of 3 MB in an array',
    'json',
    () => `[${line('a')},{"email":"c@x.org","name":"${'x'.repeat(3_000_000)}"}]`,
    [undefined, undefined],
  ],
  ['a comma at the end', 'json', () => `[${line('a')},]`, /is not a JSON array/],
  ['a truncated array', 'json', () => `[${line('a')},${line('b')}`, /is not a JSON array/],
  [
    'an array truncated inside a text, where the text ends with a bracket',
    'json',
    () => `[${line('a')},{"email":"]`,
    /is not a JSON array/,
  ],
  ['two arrays', 'json', () => `[${line('a')}][${line('b')}]`, /is not a JSON array/],
  ['scalars', 'json', () => '[1,2,"x",null]', /None of the 4 rows.*is not a JSON object/],
  ['a scalar', 'json', () => '42', /./],
  ['arrays in an array', 'json', () => `[["a@x.org","${canary}"]]`, /is not a JSON object/],
  [
    'a million keys',
    'ndjson',
    () =>
      `{"email":"a@x.org",${Array.from({ length: 1_000_000 }, (_, n) => `"k${n}":1`).join(',')}}\n`,
    /./,
  ],
  [
    '2,100 keys',
    'ndjson',
    () => `{"email":"a@x.org",${Array.from({ length: 2_100 }, (_, n) => `"k${n}":1`).join(',')}}\n`,
    /more than 2000 columns/,
  ],
  [
    'a new key in each of 3,000 lines',
    'ndjson',
    () => Array.from({ length: 3_000 }, (_, n) => `{"email":"p${n}@x.org","k${n}":1}\n`).join(''),
    /more than 2000 columns/,
  ],
  ['empty objects', 'ndjson', () => '{}\n{}\n', /has no rows|no column|None/i],
  ['only empty keys', 'ndjson', () => '{"":"x"}\n', /has no rows|no column|None/i],
  ['a key of 100 kB', 'ndjson', () => `{"email":"a@x.org","${'k'.repeat(100_000)}":1}\n`, [1, 0]],
  [
    'keys with special characters of SQL and JSON Pointer',
    'ndjson',
    () => `{"email":"a@x.org","a/b~c":1,"'":2,"\\"":3,"$.x":4,"[0]":5,"*":6,";--":7}\n`,
    [1, 0],
  ],
  ['a byte-order mark', 'ndjson', () => `\ufeff${good}`, [2, 0]],
  ['UTF-16', 'ndjson', () => Buffer.from(`\ufeff${good}`, 'utf16le'), [2, 0]],
  [
    'big-endian UTF-16',
    'json',
    () => Buffer.from(`\ufeff[${line('a')}]`, 'utf16le').swap16(),
    [1, 0],
  ],
  [
    'Latin letters',
    'ndjson',
    () => Buffer.from('{"email":"a@x.org","name":"Zo\xeb"}\n', 'latin1'),
    [1, 0],
  ],
  [
    'comments and single quotes',
    'json',
    () => `[/* x */{'email':'a@x.org'}]`,
    /is not a JSON array/,
  ],
  [
    'objects without line ends between them',
    'ndjson',
    () => good.replaceAll('\n', ''),
    /row 1 is not valid JSON/,
  ],
  [
    'an object over several lines',
    'json',
    () => JSON.stringify({ email: 'a@x.org', name: canary }, null, 2),
    /is not a JSON array/,
  ],
  [
    'an array over many lines',
    'json',
    () => JSON.stringify([{ email: 'a@x.org' }, { email: 'b@x.org' }], null, 8),
    [2, 0],
  ],
  ['a CSV', 'ndjson', () => 'email,name\na@x.org,x\n', /None of the 2 rows.*is not valid JSON/],
  ['noise', 'ndjson', () => Buffer.from([0xff, 0x00, 0x7b, 0x22, 0x0a, 0x80, 0x7d]), /./],
  ['1 MB of NUL', 'json', () => Buffer.alloc(1_000_000), /./],
];
