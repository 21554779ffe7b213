/**
 * Reads the store's file from front to back, so that the pages which lookups map are in memory: a
 * page fault would block a whole look-up thread.
 */
import { open, stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { preReadPieceBytes } from '../limits.ts';

/**
 * Gives the bytes read: the whole file, or as much as half of the free memory, beyond which it
 * would push itself out again, or what it had read when told to stop.
 */
export async function preReadFile(path: string, stop?: AbortSignal): Promise<number> {
  const { size } = await stat(path);
  const end = Math.min(size, Math.floor(freemem() / 2));
  const piece = Buffer.allocUnsafeSlow(preReadPieceBytes);
  const file = await open(path, 'r');
  try {
    let position = 0;
    while (position < end && stop?.aborted !== true) {
      const { bytesRead } = await file.read(piece, 0, piece.length, position);
      if (bytesRead === 0) break;
      position += bytesRead;
    }
    return position;
  } finally {
    await file.close();
  }
}
