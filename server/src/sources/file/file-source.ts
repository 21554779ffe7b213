/** Opens files as sources: finds them, checks that they are readable, and picks the reader. */
import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { UsherError } from '../../domain/errors.ts';
import { readEncoding } from '../declared-encoding.ts';
import { bareFileName, type FileShape, fileFormatOf } from '../file-format.ts';
import { type FoundFile, findFiles } from '../find-files.ts';
import { type OpenSourceOptions, type Source, type SourceReader, withRelation } from '../source.ts';
import { codeOf, invalidSource, printableName } from '../source-failure.ts';
import { delimitedReader } from './delimited-reader.ts';
import { jsonReader } from './json-reader.ts';
import { parquetReader } from './parquet-reader.ts';
import { fileRows, type NamedSource, severalFiles } from './several-files.ts';
import type { SourceFile } from './source-file.ts';
import { withWatermark } from './watermark.ts';
import { WholeFile } from './whole-file.ts';

/**
 * @param patterns absolute paths and globs
 * @throws UsherError `definition_invalid`
 */
export async function openFiles(
  patterns: readonly string[],
  watermark: OpenSourceOptions['watermark'],
  encoding?: string,
): Promise<Source> {
  const found = await findFiles(patterns);
  const [first] = found;
  if (first !== undefined && found.length === 1) {
    return openNamedFile({ ...first, encoding }, watermark);
  }
  return withWatermark(await openTogether(found, encoding), watermark);
}

export interface NamedFile extends FoundFile {
  /** The declared encoding. By default it is detected. */
  readonly encoding?: string | undefined;
}

/**
 * Opens a file that messages call by a given name instead of its path.
 * @throws UsherError `definition_invalid`
 */
export async function openNamedFile(
  file: NamedFile,
  watermark: OpenSourceOptions['watermark'],
): Promise<Source> {
  const name = printableName(file.name);
  const source = await openFile(file);
  if (source.bytes === 0) throw invalidSource(`${name} is empty.`);
  const checked = withRelation(source, (relation, { workbench }) => {
    if (relation.columns.length === 0) throw invalidSource(`${name} has no rows.`);
    return { ...relation, files: () => fileRows(workbench, [{ source, name, relation }]) };
  });
  return withWatermark(checked, watermark);
}

/**
 * Opens the files of a query. `openCarefully` reads each file once, and a malformed file again byte
 * by byte.
 * @throws UsherError `definition_invalid`
 */
export async function openFilesToCheck(
  patterns: readonly string[],
  encoding?: string,
): Promise<Source> {
  return openTogether(await findFiles(patterns), encoding);
}

async function openTogether(found: readonly FoundFile[], encoding?: string): Promise<Source> {
  const files: NamedSource[] = [];
  for (const file of found) {
    const source = await openFile({ ...file, encoding });
    files.push({ source, name: printableName(file.name) });
  }
  return severalFiles(files);
}

async function openFile({ path, name, encoding: declared }: NamedFile): Promise<Source> {
  const shown = printableName(name);
  const { bytes, stamp } = await readable(path, shown);
  const key = hash('sha256', path, 'hex').slice(0, 32);
  const encoding = declared === undefined ? null : readEncoding(declared);
  const whole = new WholeFile(path, bytes);
  const about = { path, name: shown, bytes, encoding, key, whole };
  const file: SourceFile = { ...about, ...fileFormatOf(basename(path)) };
  const reader = readers[file.shape](file);
  return {
    kind: file.shape,
    name: bareFileName(shown),
    key,
    bytes,
    allowedPaths: [path],
    ...reader,
    open: (options) => {
      // The reader, or the caller later, needs the same pass over all bytes.
      if (options.digestKey !== undefined) void whole.facts(options.digestKey);
      return reader.open(options);
    },
    digest: (digestKey) => digestOf(file, stamp, digestKey),
    confirm: () => confirmFile(file, stamp),
  };
}

const readers: Readonly<Record<FileShape, (file: SourceFile) => SourceReader>> = {
  csv: delimitedReader,
  tsv: delimitedReader,
  json: jsonReader,
  ndjson: jsonReader,
  parquet: parquetReader,
};

/** The stamp changes when the file is replaced, cut or appended to. */
async function stampOf(path: string): Promise<{ bytes: number; stamp: string; isFile: boolean }> {
  const found = await stat(path, { bigint: true });
  const stamp = `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
  return { bytes: Number(found.size), stamp, isFile: found.isFile() };
}

async function readable(path: string, name: string): Promise<{ bytes: number; stamp: string }> {
  try {
    const found = await stampOf(path);
    if (!found.isFile) throw invalidSource(`${name} is not a file.`);
    await access(path, constants.R_OK);
    return found;
  } catch (cause) {
    if (cause instanceof UsherError) throw cause;
    const why = codeOf(cause) === 'ENOENT' ? 'does not exist' : 'cannot be read';
    const detail = `The file ${name} in the folder ${dirname(resolve(path))} ${why}.`;
    throw invalidSource(detail, cause);
  }
}

async function digestOf(
  file: SourceFile,
  stamp: string,
  digestKey: Uint8Array,
): Promise<string | undefined> {
  const { whole, shape, compression, encoding } = file;
  const facts = await whole.facts(digestKey).catch(() => undefined);
  const digest = facts?.digest;
  if (digest === undefined || !(await isUnchanged(file, stamp))) return undefined;
  return hash('sha256', JSON.stringify([shape, compression, encoding, digest]));
}

async function isUnchanged({ path }: SourceFile, stamp: string): Promise<boolean> {
  const now = await stampOf(path).catch(() => undefined);
  return now?.stamp === stamp;
}

async function confirmFile(file: SourceFile, stamp: string): Promise<void> {
  if (await isUnchanged(file, stamp)) return;
  throw new UsherError(
    'source_unavailable',
    `${file.name} changed while it was read, so nothing was applied. Write files under another name, rename them when they are complete, and run again.`,
  );
}
