/** Detects a file's text encoding and reads it. An unknown encoding is refused. */
import { isAscii } from 'node:buffer';
import { UsherError } from '../../domain/errors.ts';
import { invalidSource } from '../source-failure.ts';
import { looksWestern } from './looks-western.ts';
import { readBytes, readHead, type SourceFile } from './source-file.ts';

export interface DetectedEncoding {
  /** Its name in the WHATWG Encoding Standard. */
  readonly encoding: string;
  /** Some bytes are not valid in it. They become U+FFFD, and their rows must be rejected. */
  readonly damaged: boolean;
  /** Sentences for the operator. */
  readonly notes: readonly string[];
}

/** Returns `undefined` when the first bytes look like UTF-8, or do not show an encoding. */
function encodingOfHead(head: Buffer): string | undefined {
  const marked = encodingOfMark(head);
  if (marked !== undefined) return marked === 'utf-8' ? undefined : marked;
  // In UTF-16, every second byte of Latin text is zero.
  const even = countZeros(head, 0);
  const odd = countZeros(head, 1);
  const half = Math.min(head.length, 2_000) / 2;
  if (odd > half * 0.7 && even < half * 0.1) return 'utf-16le';
  if (even > half * 0.7 && odd < half * 0.1) return 'utf-16be';
  return undefined;
}

function encodingOfMark(head: Buffer): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined;
}

/**
 * Whether the engine, which reads UTF-8 only, can read the file. If not, use `readText`. The head
 * is checked byte by byte: it names the columns, and the engine passes over the header.
 */
export function isForEngine({ encoding }: SourceFile, head: Buffer): boolean {
  const isDeclared = encoding === null || encoding === 'utf-8';
  return isDeclared && encodingOfHead(head) === undefined && isUtf8Head(head);
}

/** The last letter may be cut. */
function isUtf8Head(head: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads the whole file. Without a declaration, text that is not UTF-8 is Windows-1252 (a superset
 * of Latin-1), unless almost all of it is UTF-8.
 * @param file not compressed
 * @throws UsherError `definition_invalid` for text in neither encoding
 */
export async function detectEncoding(file: SourceFile): Promise<DetectedEncoding> {
  const head = await readHead(file, 2_000);
  // The file's byte-order mark takes precedence over a declaration.
  const known = encodingOfMark(head) ?? file.encoding ?? encodingOfHead(head);
  if (await isWhole(file, known ?? 'utf-8')) return found(file, known ?? 'utf-8', false);
  const isNearly = known !== undefined || (await isNearlyUtf8(file));
  if (isNearly) return found(file, known ?? 'utf-8', true);
  if (!(await looksWestern(readBytes(file)))) throw unknownEncoding(file.name);
  return found(file, 'windows-1252', false);
}

function found(file: SourceFile, encoding: string, damaged: boolean): DetectedEncoding {
  const name = encodingName(encoding);
  const notes: string[] = [];
  if (encoding !== 'utf-8' && encoding !== file.encoding) {
    notes.push(`${file.name} is read as ${name}.`);
  }
  if (damaged)
    notes.push(
      `${file.name} has bytes that are not ${name}: the rows with such bytes are rejected.`,
    );
  return { encoding, damaged, notes };
}

/** Whether all bytes are valid in the encoding. */
async function isWhole(file: SourceFile, encoding: string): Promise<boolean> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let isPlain = encoding === 'utf-8';
  try {
    for await (const piece of readBytes(file)) {
      if (isPlain && isAscii(piece)) continue;
      isPlain = false;
      decoder.decode(piece, { stream: true });
    }
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof UsherError) throw error;
    return false;
  }
}

/** Whether nine of ten letters above ASCII are valid UTF-8. */
async function isNearlyUtf8(file: SourceFile): Promise<boolean> {
  let [valid, broken] = [0, 0];
  const decoder = new TextDecoder('utf-8');
  const count = (text: string) => {
    for (const letter of text.match(/[^\0-\x7f]/g) ?? []) {
      if (letter === '\ufffd') broken += 1;
      else valid += 1;
    }
  };
  for await (const piece of readBytes(file)) count(decoder.decode(piece, { stream: true }));
  count(decoder.decode());
  return broken * 10 <= valid;
}

/** The text in pieces, without a byte-order mark. */
export async function* readText(
  file: SourceFile,
  encoding: string,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of readBytes(file, onProgress)) {
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

/** The first `length` characters, and the rest of their piece. */
export async function readTextHead(
  file: SourceFile,
  encoding: string,
  length: number,
): Promise<string> {
  let head = '';
  for await (const piece of readText(file, encoding)) {
    head += piece;
    if (head.length >= length) break;
  }
  return head;
}

const names: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'UTF-8'],
  ['utf-16le', 'UTF-16'],
  ['utf-16be', 'UTF-16'],
  ['windows-1252', 'Windows-1252 (Latin-1)'],
  ['shift_jis', 'Shift_JIS'],
]);

/** For messages. */
export function encodingName(encoding: string): string {
  return names.get(encoding) ?? encoding;
}

function unknownEncoding(name: string): UsherError {
  return invalidSource(
    `${name} is text, but neither UTF-8 nor Windows-1252 (Latin-1). Name its encoding: --encoding shift_jis for an import, encoding: shift_jis in a definition, or choose it in the console. Others are gb18030, big5, euc-kr, windows-1250, windows-1251.`,
  );
}

function countZeros(bytes: Buffer, start: number): number {
  let count = 0;
  for (let index = start; index < Math.min(bytes.length, 2_000); index += 2) {
    if (bytes[index] === 0) count += 1;
  }
  return count;
}
