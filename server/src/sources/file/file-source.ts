/** Opens files as sources: finds them, checks that they are readable, and picks the reader. */
import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { UsherError } from '../../domain/errors.ts';
import { readEncoding } from '../declared-encoding.ts';
import { fileFormatOf } from '../file-format.ts';
import { type FoundFile, findFiles } from '../find-files.ts';
import { printableName } from '../printable-name.ts';
import type { OpenOptions, OpenSourceOptions, Source, SourceRelation } from '../source.ts';
import { invalidSource } from '../source-failure.ts';
import { delimitedSource } from './delimited-source.ts';
import { jsonSource } from './json-source.ts';
import { parquetSource } from './parquet-source.ts';
import { fileRows, severalFiles } from './several-files.ts';
import type { SourceFile } from './source-file.ts';
import { withWatermark } from './watermark.ts';

/**
 * @param encoding as declared; by default it is detected
 * @throws UsherError `definition_invalid`
 */
export async function openFileSource(path: string, encoding?: string): Promise<Source> {
  return openAlone({ path, name: basename(path) }, encoding);
}

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
  const source = await openFound(found, encoding);
  return watermark === null ? source : withWatermark(source, watermark);
}

/** Opens a file that messages call by a name of its own. @throws UsherError `definition_invalid` */
export async function openNamedFile(
  file: FoundFile & { readonly encoding?: string },
  watermark: OpenSourceOptions['watermark'],
): Promise<Source> {
  const source = await openAlone(file, file.encoding);
  return watermark === null ? source : withWatermark(source, watermark);
}

/**
 * Opens files of a query. `openCarefully` reads each once, and malformed ones again byte by byte.
 * @throws UsherError `definition_invalid`
 */
export async function openFilesToCheck(
  patterns: readonly string[],
  encoding?: string,
): Promise<Source> {
  return openTogether(await findFiles(patterns), encoding);
}

async function openFound(found: readonly FoundFile[], encoding?: string): Promise<Source> {
  const [first, ...more] = found;
  if (first !== undefined && more.length === 0) return openAlone(first, encoding);
  return openTogether(found, encoding);
}

async function openAlone(file: FoundFile, encoding?: string): Promise<Source> {
  const name = printableName(file.name);
  const source = await openFile(file, encoding);
  if (source.bytes === 0) throw invalidSource(`${name} is empty.`);
  const checked = (relation: SourceRelation, { workbench }: OpenOptions): SourceRelation => {
    if (relation.columns.length === 0) throw invalidSource(`${name} has no rows.`);
    return { ...relation, files: () => fileRows(workbench, [{ source, name, relation }]) };
  };
  return {
    ...source,
    open: async (options) => checked(await source.open(options), options),
    openCarefully: async (options) => checked(await source.openCarefully(options), options),
  };
}

async function openTogether(found: readonly FoundFile[], encoding?: string): Promise<Source> {
  const sources: Source[] = [];
  for (const one of found) sources.push(await openFile(one, encoding));
  return severalFiles(sources.map((source, index) => ({ source, name: nameOf(found[index]) })));
}

function nameOf(found: FoundFile | undefined): string {
  return printableName(found?.name ?? '');
}

async function openFile({ path, name }: FoundFile, declared?: string): Promise<Source> {
  const shown = printableName(name);
  const { bytes, stamp } = await readable(path, shown);
  const key = hash('sha256', path, 'hex').slice(0, 32);
  const encoding = declared === undefined ? null : readEncoding(declared);
  const file = { path, name: shown, bytes, encoding, key, ...fileFormatOf(basename(path)) };
  return { ...readerOf(file), key, confirm: () => confirmFile(file, stamp) };
}

function readerOf(file: SourceFile): Source {
  if (file.shape === 'parquet') return parquetSource(file);
  if (file.shape === 'json' || file.shape === 'ndjson') return jsonSource(file);
  return delimitedSource(file);
}

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
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    const detail = `The file ${name} in the folder ${dirname(resolve(path))} ${why}.`;
    throw invalidSource(detail, cause);
  }
}

async function confirmFile(file: SourceFile, stamp: string): Promise<void> {
  const now = await stampOf(file.path).catch(() => undefined);
  if (now?.stamp === stamp) return;
  throw new UsherError(
    'source_unavailable',
    `${file.name} changed while it was read, so nothing was applied. Write files under another name, rename them when they are complete, and run again.`,
  );
}
