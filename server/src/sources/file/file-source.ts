/** A file as a source: checks that it is there and readable, then leaves its kind to the reader of that kind. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsherError } from '../../domain/errors.ts';
import { fileFormatOf } from '../file-format.ts';
import type { OpenSourceOptions, Source } from '../source.ts';
import { delimitedSource } from './delimited-source.ts';
import { jsonSource } from './json-source.ts';
import { parquetSource } from './parquet-source.ts';

/** @throws UsherError `definition_invalid` */
export async function openFileSource(path: string): Promise<Source> {
  const name = basename(path);
  const bytes = await readableSize(path, name);
  const format = fileFormatOf(name);
  if (bytes === 0) throw new UsherError('definition_invalid', `${name} is empty.`);
  const file = { path, name, bytes, ...format };
  if (format.shape === 'parquet') return parquetSource(file);
  if (format.shape === 'json' || format.shape === 'ndjson') return jsonSource(file);
  return delimitedSource(file);
}

/** @throws UsherError `definition_invalid` */
export async function openFiles(
  paths: readonly string[],
  _options: OpenSourceOptions,
): Promise<Source> {
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0) {
    throw new UsherError('definition_invalid', 'A source of files names one path.');
  }
  return openFileSource(path);
}

async function readableSize(path: string, name: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new UsherError('definition_invalid', `${name} is not a file.`);
    await access(path, constants.R_OK);
    return found.size;
  } catch (cause) {
    if (cause instanceof UsherError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new UsherError('definition_invalid', `The file ${name} ${why}.`, { cause });
  }
}
