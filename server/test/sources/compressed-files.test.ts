/**
 * A compressed file is read completely, however it was compressed, or refused. No part of it is
 * lost silently.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { openFiles } from '../../src/sources/file/file-source.ts';
import { readSource } from './read-source.ts';

const row = (n: number) => `p${n}@example.org,${'x'.repeat(n % 97)}`;
const jsonRow = (n: number) => `{"email":"p${n}@example.org","name":"${'x'.repeat(n % 97)}"}`;

/** The texts compressed one by one, as by exporters that append to a file. */
function members(texts: readonly string[], compress: (text: string) => Uint8Array): Buffer {
  return Buffer.concat(texts.map(compress));
}

/** A frame that readers skip (RFC 8878, 3.1.2). */
const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

function readFileOf(name: string, bytes: Uint8Array) {
  return readSource(async (folder) => {
    writeFileSync(join(folder, name), bytes);
    return openFiles([join(folder, name)], null);
  });
}

const count = 6_800;
const lines = Array.from({ length: count }, (_, n) => `${row(n)}\n`);
const jsonLines = Array.from({ length: count }, (_, n) => `${jsonRow(n)}\n`);

for (const [name, bytes] of [
  ['a.csv.gz', members(['email,name\n', ...lines], (text) => gzipSync(text))],
  [
    'a.tsv.gz',
    members(
      ['email\tname\n', ...lines].map((line) => line.replace(',', '\t')),
      (text) => gzipSync(text),
    ),
  ],
  ['a.csv.zst', members(['email,name\n', ...lines], (text) => zstdCompressSync(text))],
  ['a.ndjson.gz', members(jsonLines, (text) => gzipSync(text))],
  ['a.ndjson.zst', members(jsonLines, (text) => Buffer.concat([skipped, zstdCompressSync(text)]))],
  ['a.json.gz', gzipSync(`[${jsonLines.join(',')}]`)],
] as const) {
  test(`${name} with a compressed part for each row is read completely`, async () => {
    const { rows, rejections } = await readFileOf(name, bytes);
    assert.equal(rejections.length, 0);
    assert.equal(rows.length, count);
    assert.deepEqual(rows.at(-1), row(count - 1).split(','));
  });
}

const header = 'email,name\n';
const two = 'a@x.org,1\nb@x.org,2\n';

for (const [name, bytes] of [
  ['empty parts', Buffer.concat([gzipSync(''), gzipSync(header), gzipSync(''), gzipSync(two)])],
  ['zeros after it', Buffer.concat([gzipSync(header + two), Buffer.alloc(70_000)])],
  [
    'a cell split between two parts',
    Buffer.concat([gzipSync(`${header}a@x`), gzipSync('.org,1\nb@x.org,2\n')]),
  ],
] as const) {
  test(`gzip with ${name} is read`, async () => {
    const { rows } = await readFileOf('a.csv.gz', bytes);
    assert.deepEqual(rows, [
      ['a@x.org', '1'],
      ['b@x.org', '2'],
    ]);
  });
}

const gzip = gzipSync(header + two);
const zstd = zstdCompressSync(header + two);

for (const [name, file, bytes] of [
  ['truncated gzip', 'a.csv.gz', gzip.subarray(0, -9)],
  ['gzip with a truncated second part', 'a.csv.gz', Buffer.concat([gzip, gzip.subarray(0, 15)])],
  ['gzip with other bytes after it', 'a.csv.gz', Buffer.concat([gzip, Buffer.from('c@x.org,3\n')])],
  ['gzip with a part after zeros', 'a.csv.gz', Buffer.concat([gzip, Buffer.alloc(512), gzip])],
  [
    'gzip with a wrong checksum',
    'a.csv.gz',
    Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8)]),
  ],
  ['truncated zstd', 'a.csv.zst', zstd.subarray(0, -3)],
  ['zstd with a truncated second part', 'a.csv.zst', Buffer.concat([zstd, zstd.subarray(0, -3)])],
  [
    'zstd with other bytes after it',
    'a.csv.zst',
    Buffer.concat([zstd, Buffer.from('c@x.org,3\n')]),
  ],
  [
    'gzipped JSON with other bytes after it',
    'a.ndjson.gz',
    Buffer.concat([gzipSync(jsonRow(1)), Buffer.from(jsonRow(2))]),
  ],
] as const) {
  test(`${name} is refused as a whole`, async () => {
    const error = await readFileOf(file, bytes).then(
      () => assert.fail('the file was read'),
      (cause: unknown) => cause as { code: string; detail: string },
    );
    assert.equal(error.code, 'definition_invalid');
    assert.match(error.detail, /cannot be read to its end|has bytes after its compressed data/);
  });
}
