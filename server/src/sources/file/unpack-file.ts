/**
 * Unpacks a compressed file into the workbench's folder. The engine's own decompression misses
 * later gzip members, does not notice a truncated file, and repeats the work in every pass.
 */
import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writingFailure } from '../source-failure.ts';
import { readBytes, type SourceFile } from './source-file.ts';
import { WholeFile } from './whole-file.ts';

/**
 * The file without compression: the file itself, or a copy that is made once.
 * @param onProgress receives the stored bytes read so far
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
  return { ...file, path, bytes, compression: 'none', whole: new WholeFile(path, bytes) };
}

/** Converts progress in bytes of the unpacked copy to bytes of the stored file. */
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
