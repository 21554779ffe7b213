/** Compressed files and Parquet files with false contents, and the expected outcome of each. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, createGzip, gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { noise } from './hostile-csv.ts';
import type { HostileFile } from './hostile-file.ts';
import { canary } from './hostile-file.ts';

const rows = Array.from({ length: 60_000 }, (_, n) => `p${n}@x.org,${(n * 7_919) % 100_003}`).join(
  '\n',
);
const csv = `email,name\n${rows}\n`;
const small = `email,name\na@x.org,${canary}\nb@x.org,B\n`;

/** A gzip with many copies of one piece, made without holding them all in memory. */
async function gzipOf(head: string, piece: Buffer, times: number): Promise<Buffer> {
  const zip = createGzip({ level: 9 });
  const pieces: Buffer[] = [];
  zip.on('data', (bytes: Buffer) => pieces.push(bytes));
  zip.write(head);
  for (let n = 0; n < times; n += 1) {
    if (!zip.write(piece)) await new Promise((resolve) => zip.once('drain', resolve));
  }
  zip.end();
  await new Promise((resolve) => zip.once('end', resolve));
  return Buffer.concat(pieces);
}

const zeros = Buffer.alloc(4_000_000);
const lines = Buffer.from('a@x.org,1\n'.repeat(400_000));

export const hostileArchives: readonly HostileFile[] = [
  [
    '150 MB of zeros in gzip',
    'csv.gz',
    () => gzipOf(small, zeros, 36),
    /unpacks to more than 200 times/,
  ],
  [
    '150 MB of one repeated line in gzip',
    'csv.gz',
    () => gzipOf(small, lines, 36),
    /unpacks to more than 200 times/,
  ],
  [
    '150 MB of zeros in zstd',
    'csv.zst',
    () => zstdCompressSync(Buffer.concat([Buffer.from(small), Buffer.alloc(150_000_000)])),
    /unpacks to more than 200 times/,
  ],
  [
    '150 MB of opening brackets in gzip',
    'json.gz',
    () => gzipOf('', Buffer.alloc(4_000_000, '['), 36),
    /unpacks to more than 200 times/,
  ],
  ['truncated gzip', 'csv.gz', () => cut(gzipSync(csv), 0.7), /cannot be read to its end/],
  [
    'gzip without its last byte',
    'csv.gz',
    () => cut(gzipSync(csv), 1, -1),
    /cannot be read to its end/,
  ],
  ['truncated zstd', 'csv.zst', () => cut(zstdCompressSync(csv), 0.7), /cannot be read to its end/],
  [
    'gzip with a wrong checksum',
    'csv.gz',
    () => flip(gzipSync(csv), -6),
    /cannot be read to its end/,
  ],
  [
    'gzip with a flipped byte',
    'csv.gz',
    () => flip(gzipSync(csv), 20_000),
    /cannot be read to its end|./,
  ],
  [
    'gzip followed by noise',
    'csv.gz',
    () => Buffer.concat([gzipSync(small), noise(1_000)]),
    /cannot be read|./,
  ],
  [
    'two gzip members in one file',
    'csv.gz',
    () => Buffer.concat([gzipSync(small), gzipSync('c@x.org,C\n')]),
    [3, 0],
  ],
  [
    'two gzip members in one file, a large one first',
    'csv.gz',
    () => Buffer.concat([gzipSync(csv), gzipSync('zz@x.org,5\n')]),
    [60_001, 0],
  ],
  [
    'two zstd frames in one file',
    'csv.zst',
    () => Buffer.concat([zstdCompressSync(small), zstdCompressSync('c@x.org,C\n')]),
    [3, 0],
  ],
  [
    'zstd after a skippable frame',
    'csv.zst',
    () =>
      Buffer.concat([
        Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]),
        zstdCompressSync(small),
      ]),
    [undefined, undefined],
  ],
  [
    'zstd with the widest window',
    'csv.zst',
    () =>
      zstdCompressSync(csv, {
        params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 },
      }),
    [60_000, 0],
  ],
  ['text named .gz', 'csv.gz', () => small, /cannot be read to its end/],
  ['text named .zst', 'csv.zst', () => small, /cannot be read to its end/],
  ['gzip named as text', 'csv', () => gzipSync(csv), /is compressed/],
  ['zstd named as text', 'ndjson', () => zstdCompressSync(csv), /is compressed/],
  ['gzip in gzip', 'csv.gz', () => gzipSync(gzipSync(csv)), /./],
  ['gzip of an empty file', 'csv.gz', () => gzipSync(''), /no header row|empty|no rows/],
  ['gzip of an empty JSON file', 'ndjson.gz', () => gzipSync(''), /no rows|empty/],
];

function cut(bytes: Buffer, share: number, more = 0): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length * share) + more);
}

function flip(bytes: Buffer, place: number): Buffer {
  const at = place < 0 ? bytes.length + place : Math.min(place, bytes.length - 20);
  bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
  return bytes;
}

/** A Parquet file with the rows of the query. */
async function parquetOf(sql: string, options = ''): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'usher-parquet-'));
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  try {
    const path = join(folder, 'x.parquet');
    await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet${options})`);
    return readFileSync(path);
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}

const people = `SELECT 'p' || range || '@x.org' AS email, '${canary}' || range % 7 AS name, range AS n, range % 3 = 0 AS ok FROM range(5000)`;

/** Where the footer begins. Its length is stored before the last magic bytes. */
function footerOf(bytes: Buffer): number {
  return bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
}

async function damaged(change: (bytes: Buffer) => Buffer): Promise<Buffer> {
  return change(await parquetOf(people));
}

/** A file with bytes overwritten in place. */
function patched(change: (bytes: Buffer) => unknown): Promise<Buffer> {
  return damaged((bytes) => {
    change(bytes);
    return bytes;
  });
}

/** A file with some bits of this part flipped. */
export async function flipped(
  seed: number,
  part: 'data' | 'footer',
  count: number,
): Promise<Buffer> {
  const bytes = await parquetOf(people);
  const footer = footerOf(bytes);
  const [from, to] = part === 'data' ? [4, footer] : [footer, bytes.length - 8];
  const places = noise(count * 4, seed);
  for (let n = 0; n < count; n += 1) {
    const at = from + (places.readUInt32LE(n * 4) % (to - from));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (n % 8));
  }
  return bytes;
}

/** Changes the number of rows, which the footer contains several times. */
function saidOtherwise(bytes: Buffer): Buffer {
  const footer = footerOf(bytes);
  // 5,000 as the format encodes it: zigzag, seven bits at a time.
  const [from, to] = [Buffer.from([0x90, 0x4e]), Buffer.from([0xff, 0x7f])];
  for (let at = bytes.indexOf(from, footer); at !== -1; at = bytes.indexOf(from, at + 1))
    to.copy(bytes, at);
  return bytes;
}

const notParquet = /not a Parquet file|cannot be read as parquet/;

export const hostileParquet: readonly HostileFile[] = [
  ['a truncated Parquet file', 'parquet', () => damaged((bytes) => cut(bytes, 0.6)), notParquet],
  [
    'magic bytes with noise between them',
    'parquet',
    () => Buffer.concat([Buffer.from('PAR1'), noise(5_000), Buffer.from('PAR1')]),
    notParquet,
  ],
  ['only magic bytes', 'parquet', () => Buffer.from('PAR1PAR1'), notParquet],
  [
    'a footer longer than the file',
    'parquet',
    () => patched((bytes) => bytes.writeUInt32LE(0x7fffffff, bytes.length - 8)),
    notParquet,
  ],
  [
    'a footer without bytes',
    'parquet',
    () => patched((bytes) => bytes.writeUInt32LE(0, bytes.length - 8)),
    notParquet,
  ],
  [
    'a footer that begins too late',
    'parquet',
    () =>
      patched((bytes) =>
        bytes.writeUInt32LE(bytes.readUInt32LE(bytes.length - 8) - 9, bytes.length - 8),
      ),
    notParquet,
  ],
  [
    'the magic bytes of an encrypted file',
    'parquet',
    () => patched((bytes) => bytes.write('PARE', bytes.length - 4)),
    notParquet,
  ],
  ['a false number of rows', 'parquet', () => damaged(saidOtherwise), notParquet],
  [
    'data replaced by zeros',
    'parquet',
    () => damaged((bytes) => bytes.fill(0, 4, footerOf(bytes))),
    notParquet,
  ],
  [
    'data replaced by noise',
    'parquet',
    () => patched((bytes) => noise(footerOf(bytes) - 4).copy(bytes, 4)),
    notParquet,
  ],
  [
    'bytes missing in the middle',
    'parquet',
    () => damaged((bytes) => Buffer.concat([bytes.subarray(0, 500), bytes.subarray(900)])),
    notParquet,
  ],
  ...[1, 2, 3, 4, 5, 6].flatMap((seed): HostileFile[] => [
    [`flipped bits in the data (${seed})`, 'parquet', () => flipped(seed, 'data', 20), 'any'],
    [`flipped bits in the footer (${seed})`, 'parquet', () => flipped(seed, 'footer', 3), 'any'],
  ]),
  ['no rows', 'parquet', () => parquetOf(`${people} LIMIT 0`), /no rows/],
  [
    '2,100 columns',
    'parquet',
    () =>
      parquetOf(
        `SELECT 'a@x.org' AS email, ${Array.from({ length: 2_100 }, (_, n) => `${n} AS k${n}`).join(', ')}`,
      ),
    /2101 columns; at most 2000/,
  ],
  [
    'only a column of bytes',
    'parquet',
    () => parquetOf("SELECT 'x'::BLOB AS b"),
    /no rows|no column/i,
  ],
  [
    'hostile names',
    'parquet',
    () =>
      parquetOf(`SELECT 'a@x.org' AS email, 1 AS "c0", 2 AS n, 3 AS "q""x", 4 AS "__proto__", 5 AS "new
line"`),
    [1, 0],
  ],
  [
    'lists 40 deep',
    'parquet',
    () => parquetOf(`SELECT 'a@x.org' AS email, ${'['.repeat(40)}1${']'.repeat(40)} AS l`),
    [undefined, undefined],
  ],
  [
    '20,000 equal cells of 100 kB',
    'parquet',
    () =>
      parquetOf(
        `SELECT 'p' || range || '@x.org' AS email, repeat('x', 100000) AS name FROM range(20000)`,
      ),
    /None of|./,
    'slow',
  ],
];
