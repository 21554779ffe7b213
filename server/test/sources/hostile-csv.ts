/** Malformed and malicious delimited files, and the expected outcome of each. */
import type { HostileFile } from './hostile-file.ts';
import { canary } from './hostile-file.ts';

const three = `email,name\na@x.org,Ann\nb@x.org,${canary}\nc@x.org,Cy\n`;
const latin = (text: string) => Buffer.from(text, 'latin1');
const row = (name: string) => `${name}@x.org,${canary}\n`;
const rowsOf = (count: number) => Array.from({ length: count }, (_, n) => row(`p${n}`)).join('');

export const hostileCsv: readonly HostileFile[] = [
  ['a header without a line end', 'csv', () => 'email,name', /a header and no rows/],
  ['only a header', 'csv', () => 'email,name\n', /a header and no rows/],
  ['only blank lines', 'csv', () => '\n\r\n\r\n \n', /has no header row/],
  ['only a byte-order mark', 'csv', () => '\ufeff', /has no header row/],
  ['no line end in 5 MB', 'csv', () => 'x'.repeat(5_000_000), /header is longer than/],
  ['a last row without a line end', 'csv', () => `email,name\n${row('a').trim()}`, [1, 0]],
  ['bare carriage returns', 'csv', () => three.replaceAll('\n', '\r'), [3, 0]],
  ['doubled carriage returns', 'csv', () => three.replaceAll('\n', '\r\r\n'), [3, 0]],
  [
    'characters that some programs treat as line ends',
    'csv',
    () => `email,name\na@x.org,x\u2028y\u2029z\v\f\u0085\nb@x.org,B\n`,
    [2, 0],
  ],
  ['an open quote in the header', 'csv', () => `email,"name\n${rowsOf(3)}`, /header has a quote/],
  [
    'an open quote in a row',
    'csv',
    () => `email,name\na@x.org,"${canary}\n${rowsOf(3)}`,
    [3, 1, /^1,,value_invalid,has a quote that does not close/],
  ],
  [
    'a quote that closes 3 MB later',
    'csv',
    () => `email,name\na@x.org,"${'x\n'.repeat(1_500_000)}"\n${rowsOf(3)}`,
    [3, undefined, /^1,,value_invalid,(?:has a quote|is longer)/],
  ],
  [
    'a million quotes in a cell',
    'csv',
    () => `email,name\na@x.org,"${'""'.repeat(500_000)}"\n${rowsOf(2)}`,
    [2, 1],
  ],
  [
    'a million and one quotes',
    'csv',
    () => `email,name\na@x.org,${'"'.repeat(1_000_001)}\n${rowsOf(2)}`,
    [2, 1],
  ],
  [
    'a quote on each of 30,000 lines',
    'csv',
    () => `email,name\n${'p@x.org,"x\n'.repeat(30_000)}${rowsOf(2)}`,
    [2, undefined],
  ],
  [
    'only quotes',
    'csv',
    () => '""""\n""\n"',
    /No column looks like e-mail|cannot be used|header has/,
  ],
  [
    'a million columns',
    'csv',
    () => `${'a,'.repeat(1_000_000)}email\n1\n`,
    /header is longer|columns; at most/,
  ],
  ['2,001 columns', 'csv', () => `${'a,'.repeat(2_000)}email\n1\n`, /2001 columns; at most 2000/],
  [
    'a row of a million cells',
    'csv',
    () => `email,name\n${'x,'.repeat(1_000_000)}\n${rowsOf(2)}`,
    [2, 1],
  ],
  [
    '400 columns with the same name',
    'csv',
    () => `email${',name'.repeat(400)}\na@x.org${',1'.repeat(400)}\n`,
    [1, 0],
  ],
  [
    'a column name of 60,000 letters',
    'csv',
    () => `email,${'n'.repeat(60_000)}\na@x.org,1\n`,
    [1, 0],
  ],
  ['only separators', 'csv', () => ',,,,\n,,,,\n,,,,\n', /No column looks like e-mail/],
  [
    'a row of 100 MB',
    'csv',
    () => `email,name\na@x.org,${'x'.repeat(100_000_000)}\n${rowsOf(2)}`,
    [2, 1, /is longer than/],
    'slow',
  ],
  [
    '30,000 ragged rows',
    'csv',
    () => `email,name\n${'x\n'.repeat(30_000)}${rowsOf(2)}`,
    [2, 30_000],
  ],
  [
    '30,000 rows of one contact',
    'csv',
    () => `email,name\n${row('same').repeat(30_000)}`,
    [1, 29_999],
  ],
  ['NUL in a cell', 'csv', () => `email,name\na@x.org,x\0y\nb@x.org,B\n`, [undefined, undefined]],
  ['NUL in the header', 'csv', () => `email,na\0me\na@x.org,1\n`, [1, 0]],
  ['1 MB of NUL', 'csv', () => Buffer.alloc(1_000_000), /begins with zeros only/],
  [
    'columns named like members of a prototype',
    'csv',
    () => `email,__proto__,constructor,hasOwnProperty\na@x.org,1,2,3\n`,
    [1, 0],
  ],
  [
    'a header that moves the cursor',
    'csv',
    () => `email,\u001b[2J\u001b]0;x\u0007\na@x.org,1\n`,
    [1, 0],
  ],
  [
    'a formula as name and value',
    'csv',
    () => `email,=cmd|' /C calc'!A0\na@x.org,=1+1\nno mail,=2\nb@x.org,x\n`,
    [2, 1],
    '',
    { identifier: 'email' },
  ],
  [
    'huge numbers',
    'csv',
    () =>
      `email,n\na@x.org,1e999\nb@x.org,${'9'.repeat(100_000)}\nc@x.org,-0\nd@x.org,NaN\ne@x.org,Infinity\nf@x.org,1\n`,
    [undefined, undefined],
  ],
  [
    'dates beyond the calendar',
    'csv',
    () =>
      `email,d\na@x.org,999999-01-01\nb@x.org,2026-02-30\nc@x.org,0000-00-00\nd@x.org,2026-01-01\ne@x.org,-1-1-1\n`,
    [undefined, undefined],
  ],
  [
    'an e-mail of 10,000 letters',
    'csv',
    () => `email,name\n${'a'.repeat(10_000)}@x.org,x\n${rowsOf(20)}`,
    [20, 1, /^1,email,identity_invalid/],
  ],
  ['a separator that is a letter', 'csv', () => `sep=e\nemail,name\na@x.org,1\n`, /./],
  ['no header', 'csv', () => rowsOf(3), /column 1 has an e-mail address/],
  [
    'UTF-16 with an odd byte at its end',
    'csv',
    () => Buffer.concat([Buffer.from(`\ufeff${three}`, 'utf16le'), Buffer.from([0x41])]),
    [undefined, undefined],
  ],
  ['UTF-16 without a byte-order mark', 'csv', () => Buffer.from(three, 'utf16le'), [3, 0]],
  [
    'big-endian UTF-16 without a byte-order mark',
    'csv',
    () => Buffer.from(three, 'utf16le').swap16(),
    [3, 0],
  ],
  [
    'UTF-16 with half of a surrogate pair',
    'csv',
    () => Buffer.from(`\ufeffemail,name\na@x.org,\ud83d\nb@x.org,B\n`, 'utf16le'),
    [undefined, undefined],
  ],
  [
    'UTF-32',
    'csv',
    () =>
      Buffer.concat([
        Buffer.from([0xff, 0xfe, 0, 0]),
        ...[...three].map((letter) => Buffer.from([letter.charCodeAt(0), 0, 0, 0])),
      ]),
    /UTF-32/,
  ],
  [
    'big-endian UTF-32',
    'csv',
    () =>
      Buffer.concat([
        Buffer.from([0, 0, 0xfe, 0xff]),
        ...[...three].map((letter) => Buffer.from([0, 0, 0, letter.charCodeAt(0)])),
      ]),
    /UTF-32/,
  ],
  ['two byte-order marks', 'csv', () => `\ufeff\ufeff${three}`, [3, 0]],
  [
    'a byte-order mark in the middle',
    'csv',
    () => `${three}\ufeffd@x.org,D\n`,
    [undefined, undefined],
  ],
  [
    'a UTF-8 byte-order mark before Latin-1 letters',
    'csv',
    () => Buffer.concat([Buffer.from('\ufeff'), latin('email,name\na@x.org,Zo\xeb\n')]),
    /has bytes that are not UTF-8/,
  ],
  [
    'half UTF-8, half Latin-1',
    'csv',
    () => Buffer.concat([Buffer.from('email,name\na@x.org,Zoë\n'), latin('b@x.org,Zo\xeb\n')]),
    /neither UTF-8 nor Windows-1252/,
  ],
  [
    'overlong letters in UTF-8',
    'csv',
    () =>
      Buffer.concat([
        Buffer.from(`email,name\n${rowsOf(30)}bad@x.org,`),
        Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf8, 0x88]),
        Buffer.from('\n'),
      ]),
    /neither UTF-8 nor Windows-1252/,
  ],
  [
    'letters of Shift JIS',
    'csv',
    () =>
      Buffer.concat([
        Buffer.from('email,name\na@x.org,'),
        Buffer.from([0x83, 0x65, 0x83, 0x58]),
        Buffer.from('\n'),
      ]),
    /neither UTF-8 nor Windows-1252/,
  ],
  [
    'a web page',
    'csv',
    () => `<!DOCTYPE html>\n<html><body><p>${canary}, please sign in</p></body></html>\n`,
    /No column looks like e-mail|None of the|no rows/,
  ],
  [
    'a spreadsheet file',
    'csv',
    () => Buffer.concat([Buffer.from('PK\x03\x04\x14\x00\x06\x00'), noise(50_000)]),
    /./,
  ],
  [
    'a program',
    'csv',
    () => Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01\0'), noise(50_000)]),
    /./,
  ],
  ['noise', 'csv', () => noise(300_000), /./],
  ['noise named .tsv', 'tsv', () => noise(300_000), /./],
];

/** Bytes without a pattern, the same in every run. */
export function noise(length: number, seed = 7): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let place = 0; place < length; place += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[place] = state >>> 24;
  }
  return bytes;
}
