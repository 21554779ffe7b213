/** Tells how a file writes its text, and reads it as that. */
import { isAscii } from 'node:buffer';
import { readBytes, readHead, type SourceFile } from './source-file.ts';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface DetectedEncoding {
  readonly encoding: TextEncoding;
  /** UTF-8 with a few broken bytes: they read as U+FFFD, and rows that hold it are to be refused. */
  readonly damaged: boolean;
}

/** By the first bytes alone: `undefined` when they are UTF-8, or too few to say. */
export function encodingOfHead(head: Buffer): TextEncoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  // Latin letters in UTF-16 have a zero in every second byte.
  const even = countZeros(head, 0);
  const odd = countZeros(head, 1);
  const half = Math.min(head.length, 2_000) / 2;
  if (odd > half * 0.7 && even < half * 0.1) return 'utf-16le';
  if (even > half * 0.7 && odd < half * 0.1) return 'utf-16be';
  return undefined;
}

/** Reads all of the file. Text that is no UTF-8 is Windows-1252, of which Latin-1's letters are a part, unless almost all of it is UTF-8. */
export async function detectEncoding(file: SourceFile): Promise<DetectedEncoding> {
  const byHead = encodingOfHead(await readHead(file, 2_000));
  if (byHead !== undefined) return { encoding: byHead, damaged: false };
  let valid = 0;
  let broken = 0;
  const decoder = new TextDecoder('utf-8');
  for await (const piece of readBytes(file)) {
    if (isAscii(piece)) continue;
    const text = decoder.decode(piece, { stream: true });
    for (const run of text.match(/[^\0-\x7f]/g) ?? []) {
      if (run === '\ufffd') broken += 1;
      else valid += 1;
    }
  }
  if (decoder.decode() !== '') broken += 1;
  if (broken === 0) return { encoding: 'utf-8', damaged: false };
  return broken * 10 <= valid
    ? { encoding: 'utf-8', damaged: true }
    : { encoding: 'windows-1252', damaged: false };
}

/** The file's text in pieces, without a byte-order mark. */
export async function* readText(
  file: SourceFile,
  encoding: TextEncoding,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of readBytes(file, onProgress)) {
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

export const encodingNames: Readonly<Record<TextEncoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'windows-1252': 'Windows-1252 (Latin-1)',
};

function countZeros(bytes: Buffer, start: number): number {
  let count = 0;
  for (let place = start; place < Math.min(bytes.length, 2_000); place += 2) {
    if (bytes[place] === 0) count += 1;
  }
  return count;
}
