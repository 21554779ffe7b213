/** Reads the store's file into memory, since a page fault would block a look-up thread. */
import { open, stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { preReadPieceBytes } from '../limits.ts';

/**
 * Reads the file, but at most half of the free memory, until `stop`. Returns how many bytes it
 * read.
 */
export async function preReadFile(path: string, stop?: AbortSignal): Promise<number> {
  const { size } = await stat(path);
  const end = Math.min(size, Math.floor(freemem() / 2));
  const piece = Buffer.allocUnsafeSlow(preReadPieceBytes);
  await using file = await open(path, 'r');
  let position = 0;
  while (position < end && stop?.aborted !== true) {
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
  }
  return position;
}
