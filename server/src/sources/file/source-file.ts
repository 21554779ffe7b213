/** A file on disk, and its bytes without their compression. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { UsherError } from '../../domain/errors.ts';
import type { FileFormat } from '../file-format.ts';
import { freeUnpackedBytes, maxUnpackedBytes, maxUnpackedRatio } from '../limits.ts';
import { invalidSource } from '../source-failure.ts';

export interface SourceFile extends FileFormat {
  readonly path: string;
  /** What messages may call it. */
  readonly name: string;
  readonly bytes: number;
  /**
   * As it was declared, by its name in the WHATWG's Encoding Standard; `null`: told from the bytes.
   */
  readonly encoding: string | null;
  /** Names what is made of it in a workbench's folder: no other file has the same. */
  readonly key: string;
}

/**
 * The bytes of the file, decompressed, in pieces.
 * @param onProgress called with the stored bytes read so far
 * @throws UsherError `definition_invalid` when the compression is broken
 */
export async function* readBytes(
  file: SourceFile,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const raw = createReadStream(file.path, { highWaterMark: 1_048_576 });
  raw.on('data', () => onProgress?.(raw.bytesRead));
  const decompressor =
    file.compression === 'gzip'
      ? createGunzip()
      : file.compression === 'zstd'
        ? createZstdDecompress()
        : undefined;
  // What goes wrong reaches the loop below through the last stream.
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
 * A decompressor stops at the first bytes that begin no further part, and says nothing. Zeros fill
 * a block of a tape or a disk; anything else may be a part that is damaged.
 * @throws UsherError `definition_invalid`
 */
async function requireAllUsed(file: SourceFile, used: number): Promise<void> {
  if (used >= file.bytes) return;
  for await (const piece of createReadStream(file.path, { start: used }) as AsyncIterable<Buffer>) {
    if (piece.every((byte) => byte === 0)) continue;
    throw invalidSource(
      `${file.name} has bytes behind its compressed data, from byte ${used + 1} on. Nothing of it is read: make the file anew.`,
    );
  }
}

/** A few bytes that unpack to a disk full of nothing are no data. */
function refuseBomb(file: SourceFile, unpacked: number): void {
  const isFine =
    unpacked <= freeUnpackedBytes ||
    (unpacked <= maxUnpackedBytes && unpacked <= file.bytes * maxUnpackedRatio);
  if (file.compression === 'none' || isFine) return;
  throw invalidSource(
    `${file.name} unpacks to more than ${maxUnpackedRatio} times its size, or to more than ${maxUnpackedBytes} bytes. If it is no mistake, give the file unpacked.`,
  );
}

/** At most so many bytes from the beginning. */
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

/** The last bytes, at most so many. @param file not compressed */
export async function readTail(file: SourceFile, maxBytes: number): Promise<Buffer> {
  const handle = await open(file.path);
  try {
    const length = Math.min(maxBytes, file.bytes);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, file.bytes - length);
    return buffer;
  } finally {
    await handle.close();
  }
}
