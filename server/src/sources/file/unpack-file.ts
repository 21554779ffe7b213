/**
 * A compressed file as a plain one in the workbench's folder, which goes with it. The engine could
 * unpack files itself, but loses parts of those that were compressed in many, takes a file that was
 * cut off for a whole one, and unpacks it anew with each pass.
 */
import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writingFailure } from '../fetch-bounds.ts';
import { readBytes, type SourceFile } from './source-file.ts';

/**
 * The same file without its compression: itself where it has none, else a copy that is made once.
 * @param onProgress called with the stored bytes read so far
 * @throws UsherError `definition_invalid` when the compression is broken, `storage_full`
 */
export async function unpackFile(
  file: SourceFile,
  folder: string,
  onProgress?: (bytes: number) => void,
): Promise<SourceFile> {
  if (file.compression === 'none') return file;
  const path = join(folder, `unpacked-${file.key}`);
  const made = await sizeOf(path);
  if (made === undefined) await unpackInto(file, path, onProgress);
  const bytes = made ?? (await sizeOf(path)) ?? 0;
  return { ...file, path, bytes, compression: 'none' };
}

/** Progress of reading the copy, told as bytes of the file that it was made of. */
export function scaledProgress(
  stored: SourceFile,
  plain: SourceFile,
  onProgress: ((bytes: number) => void) | undefined,
): ((bytes: number) => void) | undefined {
  if (onProgress === undefined || stored.bytes === plain.bytes || plain.bytes === 0) {
    return onProgress;
  }
  return (bytes) => onProgress(Math.round((bytes / plain.bytes) * stored.bytes));
}

async function unpackInto(
  file: SourceFile,
  path: string,
  onProgress: ((bytes: number) => void) | undefined,
): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(
      Readable.from(readBytes(file, onProgress), { objectMode: false }),
      createWriteStream(part, { mode: 0o600 }),
    );
    await rename(part, path);
  } catch (error) {
    throw writingFailure(error) ?? error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
