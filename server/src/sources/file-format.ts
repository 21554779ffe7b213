/** The table of file formats. Derives a file's format from its name or its media type. */
import { invalidSource } from './source-failure.ts';

export type FileShape = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet';
export type Packing = 'gzip' | 'zstd';
export type Compression = 'none' | Packing;

export interface FileFormat {
  readonly shape: FileShape;
  readonly compression: Compression;
}

interface ShapeTraits {
  readonly extensions: readonly string[];
  readonly mediaTypes: readonly string[];
  /** Files of one family may be read together. */
  readonly family: string;
  /** Whether the format compresses its data itself. Such a file is not compressed again. */
  readonly isCompressed?: true;
}

const shapes: Readonly<Record<FileShape, ShapeTraits>> = {
  csv: { extensions: ['csv'], mediaTypes: ['text/csv'], family: 'csv' },
  tsv: { extensions: ['tsv', 'tab'], mediaTypes: ['text/tab-separated-values'], family: 'csv' },
  json: { extensions: ['json'], mediaTypes: ['application/json'], family: 'json' },
  ndjson: {
    extensions: ['ndjson', 'jsonl'],
    mediaTypes: [
      'application/x-ndjson',
      'application/ndjson',
      'application/jsonl',
      'application/jsonlines',
    ],
    family: 'json',
  },
  parquet: {
    extensions: ['parquet'],
    mediaTypes: ['application/vnd.apache.parquet'],
    family: 'parquet',
    isCompressed: true,
  },
};

interface PackingTraits {
  readonly extension: string;
  /** The first bytes of every file of this compression, in hexadecimal digits. */
  readonly firstBytes: string;
}

export const packings: Readonly<Record<Packing, PackingTraits>> = {
  gzip: { extension: 'gz', firstBytes: '1f8b' },
  zstd: { extension: 'zst', firstBytes: '28b52ffd' },
};

const shapesByExtension = shapesBy('extensions');
const shapesByMediaType = shapesBy('mediaTypes');
const packingsByExtension = new Map(
  (Object.keys(packings) as Packing[]).map((packing) => [packings[packing].extension, packing]),
);

/** Every extension in words, for help and messages. */
export const knownExtensions = describeExtensions();

/**
 * The format of a file name: `people.csv.gz` is CSV in gzip.
 * @throws UsherError `definition_invalid`
 */
export function fileFormatOf(fileName: string): FileFormat {
  const { shape, compression } = readExtensions(fileName);
  if (shape === undefined) {
    throw invalidSource(
      `${fileName} has no known extension. The known ones are ${knownExtensions}.`,
    );
  }
  if (compression !== 'none' && shapes[shape].isCompressed) {
    throw invalidSource(
      `${fileName} is compressed twice. Use the .${shape} file itself, which is compressed already.`,
    );
  }
  return { shape, compression };
}

/** The format of a file name, from any text; `undefined` if its end is no known extension. */
export function knownFormatOf(text: string): FileFormat | undefined {
  const { shape, compression } = readExtensions(text);
  const isKnown = shape !== undefined && (compression === 'none' || !shapes[shape].isCompressed);
  return isKnown ? { shape, compression } : undefined;
}

/** @param mediaType in lower case, without parameters */
export function shapeOfMediaType(mediaType: string): FileShape | undefined {
  return shapesByMediaType.get(mediaType);
}

/** Files of one family may be read together. A source that is no file is a family of its own. */
export function familyOf(kind: string): string {
  return Object.hasOwn(shapes, kind) ? shapes[kind as FileShape].family : kind;
}

/** The name without its format's extensions: `people.csv.gz` becomes `people`. */
export function bareFileName(fileName: string): string {
  const words = fileName.split('.');
  const isKnown = (word: string) => shapesByExtension.has(word) || packingsByExtension.has(word);
  while (words.length > 1 && isKnown((words.at(-1) ?? '').toLowerCase())) words.pop();
  return words.join('.');
}

function readExtensions(fileName: string): {
  readonly shape: FileShape | undefined;
  readonly compression: Compression;
} {
  const [last = '', before = ''] = fileName.toLowerCase().split('.').slice(1).reverse();
  const compression = packingsByExtension.get(last);
  const shape = shapesByExtension.get(compression === undefined ? last : before);
  return { shape, compression: compression ?? 'none' };
}

function shapesBy(trait: 'extensions' | 'mediaTypes'): ReadonlyMap<string, FileShape> {
  const all = Object.entries(shapes) as [FileShape, ShapeTraits][];
  return new Map(
    all.flatMap(([shape, traits]) => traits[trait].map((word) => [word, shape] as const)),
  );
}

function describeExtensions(): string {
  const all = Object.values(shapes);
  const listed = (some: readonly ShapeTraits[]) =>
    some.flatMap(({ extensions }) => extensions.map((extension) => `.${extension}`)).join(', ');
  const packed = Object.values(packings)
    .map(({ extension }) => `.${extension}`)
    .join(' and ');
  const plain = all.filter(({ isCompressed }) => !isCompressed);
  return `${listed(plain)} (also ${packed}), ${listed(all.filter((one) => !plain.includes(one)))}`;
}
