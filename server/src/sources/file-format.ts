/** Derives a file's format from its name. */
import type { UsherError } from '../domain/errors.ts';
import { invalidSource } from './source-failure.ts';

export type FileShape = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet';
export type Compression = 'none' | 'gzip' | 'zstd';

export interface FileFormat {
  readonly shape: FileShape;
  readonly compression: Compression;
}

/** By extension. */
const shapes: ReadonlyMap<string, FileShape> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['json', 'json'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['parquet', 'parquet'],
]);

const compressions: ReadonlyMap<string, Compression> = new Map([
  ['gz', 'gzip'],
  ['zst', 'zstd'],
]);

/** The format: `people.csv.gz` is CSV in gzip. @throws UsherError `definition_invalid` */
export function fileFormatOf(fileName: string): FileFormat {
  const [last = '', before = ''] = fileName.toLowerCase().split('.').slice(1).reverse();
  const compression = compressions.get(last);
  const shape = shapes.get(compression === undefined ? last : before);
  if (shape === undefined) throw unknownFormat(fileName);
  if (shape === 'parquet' && compression !== undefined) {
    throw invalidSource(
      `${fileName} is Parquet inside ${last}. Parquet is compressed already: use the .parquet file itself.`,
    );
  }
  return { shape, compression: compression ?? 'none' };
}

/** The name without its format's extensions: `people.csv.gz` becomes `people`. */
export function bareFileName(fileName: string): string {
  const words = fileName.split('.');
  const isKnown = (word: string) => shapes.has(word) || compressions.has(word);
  while (words.length > 1 && isKnown((words.at(-1) ?? '').toLowerCase())) words.pop();
  return words.join('.');
}

function unknownFormat(fileName: string): UsherError {
  return invalidSource(
    `${fileName} has no known extension. The known ones are .csv, .tsv, .json, .ndjson, .jsonl, each also with .gz or .zst, and .parquet.`,
  );
}
