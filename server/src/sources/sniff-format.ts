/**
 * Finds the format of a file whose name cannot be trusted, from its first bytes: compression and
 * Parquet by their marks, the form of a text by the name, else by how the text begins.
 */
import { gunzipSync, constants as zlibConstants, zstdDecompressSync } from 'node:zlib';
import { UsherError } from '../domain/errors.ts';
import {
  type Compression,
  type FileFormat,
  type FileShape,
  knownExtensions,
  knownFormatOf,
  packings,
} from './file-format.ts';
import { sniffedBytes, unpackedSniffBytes } from './limits.ts';
import { printableName } from './source-failure.ts';

/** Marks of files that people choose by mistake, as latin1, and what they are. */
const strangers: readonly (readonly [mark: string, what: string])[] = [
  ['PK\u0003\u0004', 'a ZIP archive or an Excel workbook. Save it as CSV'],
  ['\u00d0\u00cf\u0011\u00e0', 'an old Excel workbook. Save it as CSV'],
  ['%PDF', 'a PDF document. Export the rows as CSV'],
  ['SQLite format 3\u0000', 'a SQLite database. Export the rows as CSV'],
  ['BZh', 'compressed with bzip2. Compress it with gzip or zstd'],
  ['\u00fd7zXZ', 'compressed with xz. Compress it with gzip or zstd'],
  ['7z\u00bc\u00af', 'a 7z archive. Compress the file with gzip or zstd'],
];

const parquetMark = 'PAR1';

/**
 * @param head the first bytes of the file, `sniffedBytes` if it has so many
 * @throws UsherError `media_type_unsupported` if it is not a file that Usher reads
 */
export function sniffFormat(name: string, head: Buffer): FileFormat {
  const shown = printableName(name);
  const compression = compressionOf(head);
  const content = compression === 'none' ? head : unpackHead(head, compression);
  const mark = content.subarray(0, 16).toString('latin1');
  const stranger = strangers.find(([begin]) => mark.startsWith(begin));
  if (stranger !== undefined) throw unreadable(`${shown} is ${stranger[1]}, and upload that.`);
  const isParquet = mark.startsWith(parquetMark);
  if (isParquet && compression !== 'none') {
    throw unreadable(`${shown} is a compressed Parquet file. Upload the .parquet file itself.`);
  }
  if (isParquet) return { shape: 'parquet', compression };
  if (isBinary(content)) {
    throw unreadable(`${shown} is not a file that Usher reads. It reads ${knownExtensions}.`);
  }
  return { shape: textShape(name, content), compression };
}

/** The end of the name of a file of this format: `csv.gz`. */
export function extensionOf({ shape, compression }: FileFormat): string {
  return compression === 'none' ? shape : `${shape}.${packings[compression].extension}`;
}

function compressionOf(head: Buffer): Compression {
  const begin = head.subarray(0, 4).toString('hex');
  if (begin.startsWith(packings.gzip.firstBytes)) return 'gzip';
  return begin.startsWith(packings.zstd.firstBytes) ? 'zstd' : 'none';
}

/** What the first bytes unpack to. Empty if they are too few or damaged: the run reports that. */
function unpackHead(head: Buffer, compression: 'gzip' | 'zstd'): Buffer {
  const options = { maxOutputLength: unpackedSniffBytes };
  try {
    return compression === 'gzip'
      ? gunzipSync(head, { ...options, finishFlush: zlibConstants.Z_SYNC_FLUSH })
      : zstdDecompressSync(head, { ...options, finishFlush: zlibConstants.ZSTD_e_flush });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Text in UTF-16 has a zero beside each Latin letter; other text has none. */
function isBinary(content: Buffer): boolean {
  const sample = content.subarray(0, sniffedBytes);
  let control = 0;
  const zeros = [0, 0];
  for (const [place, byte] of sample.entries()) {
    if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1;
    else if (byte < 9 || (byte > 13 && byte < 27)) control += 1;
  }
  const [even = 0, odd = 0] = zeros;
  const isUtf16 =
    Math.max(even, odd) * 5 > sample.length && Math.min(even, odd) * 20 < sample.length;
  return control * 100 > sample.length || (even + odd > 0 && !isUtf16);
}

function textShape(name: string, content: Buffer): FileShape {
  const named = knownFormatOf(name)?.shape;
  if (named !== undefined && named !== 'parquet') return named;
  const text = content
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (text.startsWith('[')) return 'json';
  if (!text.startsWith('{')) return 'csv';
  return isObject(text.split('\n', 1)[0] ?? '') ? 'ndjson' : 'json';
}

function isObject(line: string): boolean {
  try {
    return JSON.parse(line) instanceof Object;
  } catch {
    return false;
  }
}

function unreadable(detail: string): UsherError {
  return new UsherError('media_type_unsupported', detail);
}
