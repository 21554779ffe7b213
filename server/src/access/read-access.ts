/** Reads the files of the access log. */
import { open, readFile } from 'node:fs/promises';
import { type BlockHead, readBlockHead } from './access-block.ts';

/** A start block has some 400 bytes. */
const startBytes = 4_096;

/** The first bytes of a file, with its start block. */
export async function readFileStart(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const buffer = Buffer.alloc(startBytes);
  const { bytesRead } = await file.read(buffer, 0, startBytes, 0);
  return buffer.subarray(0, bytesRead);
}

/** The content of a file; `undefined` if a trim removed it meanwhile. */
export async function readAccessFile(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export interface PlacedBlock {
  readonly start: number;
  readonly head: BlockHead;
}

/** The whole blocks of a file, in their order. Does not check them. */
export function* walkBlocks(file: Buffer): Generator<PlacedBlock> {
  for (let start = 0; ; ) {
    const head = readBlockHead(file, start);
    if (head === undefined) return;
    yield { start, head };
    start += head.length;
  }
}
