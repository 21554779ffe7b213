/** Reads the bytes of a file, unpacked. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress, type Zlib } from 'node:zlib';
import { UsherError } from '../../domain/errors.ts';
import type { FileFormat, Packing } from '../file-format.ts';
import { freeUnpackedBytes, maxUnpackedBytes, maxUnpackedRatio } from '../limits.ts';
import { invalidSource } from '../source-failure.ts';
import type { WholeFile } from './whole-file.ts';

export interface SourceFile extends FileFormat {
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly bytes: number;
  /** The declared encoding, by its name in the WHATWG Encoding Standard; `null`: detect it. */
  readonly encoding: string | null;
  /** Unique. It names the file's copies in the temporary folder of the engine that reads it. */
  readonly key: string;
  /** The bytes at `path`. */
  readonly whole: WholeFile;
}

const decompressorMakers: Readonly<Record<Packing, () => Transform & Zlib>> = {
  gzip: createGunzip,
  zstd: createZstdDecompress,
};

/**
 * The unpacked bytes, in pieces.
 * @param onProgress receives the stored bytes read so far
 * @throws UsherError `definition_invalid` when the compression is broken
 */
export async function* readBytes(
  file: SourceFile,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const raw = createReadStream(file.path, { highWaterMark: 1_048_576 });
  raw.on('data', () => onProgress?.(raw.bytesRead));
  const decompressor =
    file.compression === 'none' ? undefined : decompressorMakers[file.compression]();
  // The loop below receives the error from the last stream.
  const bytes: Readable =
    decompressor === undefined ? raw : pipeline(raw, decompressor, () => undefined);
  let unpacked = 0;
  try {
    for await (const piece of bytes as AsyncIterable<Buffer>) {
      unpacked += piece.length;
      refuseBomb(file, unpacked);
      yield piece;
    }
    if (decompressor !== undefined) await requireAllUsed(file, decompressor.bytesWritten);
  } catch (cause) {
    if (cause instanceof UsherError) throw cause;
    throw invalidSource(`${file.name} cannot be read to its end.`, cause);
  } finally {
    raw.destroy();
  }
}

/**
 * Refuses bytes after the compressed data, which a decompressor ignores silently. Zeros are
 * allowed: they pad a block of a tape or a disk. Other bytes may be a damaged part.
 */
async function requireAllUsed(file: SourceFile, used: number): Promise<void> {
  if (used >= file.bytes) return;
  for await (const piece of createReadStream(file.path, { start: used }) as AsyncIterable<Buffer>) {
    if (piece.every((byte) => byte === 0)) continue;
    throw invalidSource(
      `${file.name} has bytes after its compressed data, from byte ${used + 1} on. Create the file again.`,
    );
  }
}

/** Refuses a decompression bomb. */
function refuseBomb(file: SourceFile, unpacked: number): void {
  const isFine =
    unpacked <= freeUnpackedBytes ||
    (unpacked <= maxUnpackedBytes && unpacked <= file.bytes * maxUnpackedRatio);
  if (file.compression === 'none' || isFine) return;
  throw invalidSource(
    `${file.name} unpacks to more than ${maxUnpackedRatio} times its size, or to more than ${maxUnpackedBytes} bytes. If that is right, unpack the file first.`,
  );
}

/** The first `maxBytes` bytes, or fewer if the file is shorter. */
export async function readHead(file: SourceFile, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of readBytes(file)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes);
}

/**
 * The last `maxBytes` bytes, or fewer.
 * @param file not compressed
 */
export async function readTail(file: SourceFile, maxBytes: number): Promise<Buffer> {
  await using handle = await open(file.path);
  const length = Math.min(maxBytes, file.bytes);
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, file.bytes - length);
  return buffer;
}
