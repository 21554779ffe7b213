/**
 * A file of staged rows, each a sequence of parts: its identities, then its values
 * (`stage-rows.ts`). The file is read in the order of the digests of the first identities, in which
 * a store fills several times faster. For this, rows are written in blocks for each of 256 ranges
 * of digests, and each range is sorted when it is read.
 */
import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { partsBytes } from '../limits.ts';
import { partEnd as partEndText, rowEnd as rowEndText } from './row-sql.ts';
import { WrittenFile } from './written-file.ts';

/** By `row_id`: 1 for each row of a set. */
export type RowMarks = Uint8Array;

export interface WantedRows {
  readonly dropped: RowMarks | undefined;
  /** Whether each row has its number as one more part at its end. */
  readonly areNumbered: boolean;
}

/** Where a finished file has which rows. Another thread can read it. */
export interface PartsMap {
  readonly path: string;
  /** By range of digests: each block's offset and length in the file, alternating. */
  readonly ranges: readonly (readonly number[])[];
  /** Bytes of the whole file. */
  readonly bytes: number;
}

interface Range {
  /** Grows with the rows, since most runs have few. */
  block: Buffer;
  used: number;
  /** Each block's offset and length in the file, alternating. */
  readonly blocks: number[];
}

const partEnd = partEndText.charCodeAt(0);
const rowEnd = rowEndText.charCodeAt(0);
/** Before each row: the length of its parts, u32, and its number, u48. */
const headBytes = 10;
/** A number of 48 bits and the separator after it. */
const numberBytes = 16;
/** Rows sorted together: an index of 20 bits and 32 bits of digest fit into a double's 52 bits. */
const maxSortedRows = 1_048_576;

export class PartsFile {
  readonly #path: string;
  readonly #ranges: (Range | undefined)[] = [];
  readonly #file: WrittenFile;
  #end = 0;

  /**
   * Makes the file, or empties it.
   * @throws UsherError `storage_full`
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = new WrittenFile(path);
  }

  /**
   * @param end the offset after the row's last byte
   * @throws UsherError `storage_full`
   */
  add(rowId: number, bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (bytes[at] === partEnd) at += 1;
    const place = hexByte(bytes, at);
    this.#ranges[place] ??= { block: Buffer.alloc(0), used: 0, blocks: [] };
    const range = this.#ranges[place];
    const length = headBytes + end - start;
    if (range.used + length > partsBytes.block) this.#flush(range);
    if (range.used + length > range.block.length) grow(range, length);
    writeRow(range.block, range.used, { rowId, bytes, start, end });
    range.used += length;
  }

  /** Call it after the last `add`. */
  finish(): void {
    for (const range of this.#ranges) {
      if (range === undefined) continue;
      this.#flush(range);
      range.block = Buffer.alloc(0);
    }
    this.close();
  }

  /** May be called twice. */
  close(): void {
    this.#file.close();
  }

  get map(): PartsMap {
    const ranges = this.#ranges.flatMap((range) => (range === undefined ? [] : [range.blocks]));
    return { path: this.#path, ranges, bytes: this.#end };
  }

  sorted(wanted: WantedRows): AsyncGenerator<Buffer> {
    return sortedRows(this.map, wanted);
  }

  #flush(range: Range): void {
    if (range.used > 0) this.#write(range, range.block.subarray(0, range.used));
    range.used = 0;
  }

  #write(range: Range, bytes: Buffer): void {
    this.#file.write(bytes);
    range.blocks.push(this.#end, bytes.length);
    this.#end += bytes.length;
  }
}

/** Memory that is used again: garbage outside of the heap is collected late. */
class Room {
  #bytes = Buffer.alloc(0);

  take(length: number): Buffer {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length);
    return this.#bytes.subarray(0, length);
  }
}

interface Reading extends WantedRows {
  readonly file: FileHandle;
  readonly piece: Room;
  readonly rows: Room;
}

/**
 * Whole rows, roughly ascending by the digest of their first identity. A buffer is valid until the
 * next one is asked for.
 */
export async function* sortedRows(
  { path, ranges }: PartsMap,
  wanted: WantedRows,
): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  const reading = { ...wanted, file, piece: new Room(), rows: new Room() };
  try {
    for (const blocks of ranges) yield* sortedRange(reading, blocks);
  } finally {
    await file.close();
  }
}

/** A row that is larger than a block gets a block of its own. */
function grow(range: Range, length: number): void {
  const size = Math.min(partsBytes.block, Math.max(16_384, range.block.length * 2));
  const block = Buffer.allocUnsafeSlow(Math.max(size, range.used + length));
  range.block.copy(block, 0, 0, range.used);
  range.block = block;
}

interface WrittenRow {
  readonly rowId: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

function writeRow(into: Buffer, at: number, { rowId, bytes, start, end }: WrittenRow): void {
  into.writeUInt32LE(end - start, at);
  into.writeUIntLE(rowId, at + 4, 6);
  bytes.copy(into, at + headBytes, start, end);
}

/** The rows of a range, in pieces that fit into memory. */
async function* sortedRange(reading: Reading, blocks: readonly number[]): AsyncGenerator<Buffer> {
  let first = 0;
  while (first < blocks.length) {
    let bytes = 0;
    let next = first;
    while (
      next < blocks.length &&
      (bytes === 0 || bytes + (blocks[next + 1] ?? 0) <= partsBytes.piece)
    ) {
      bytes += blocks[next + 1] ?? 0;
      next += 2;
    }
    const piece = reading.piece.take(bytes);
    await readBlocks(reading.file, blocks.slice(first, next), piece);
    yield* sortedPiece(piece, reading);
    first = next;
  }
}

async function readBlocks(
  file: FileHandle,
  blocks: readonly number[],
  into: Buffer,
): Promise<void> {
  // The few rows of a small run lie in all ranges. A thread that reads a range for us waits behind
  // the engine; the cache of the system has the range still. Others get their turn before it.
  const isSmall = into.length <= partsBytes.block;
  if (isSmall) await turn();
  let at = 0;
  for (let place = 0; place < blocks.length; place += 2) {
    const end = at + (blocks[place + 1] ?? 0);
    let position = blocks[place] ?? 0;
    while (at < end) {
      const bytesRead = isSmall
        ? readSync(file.fd, into, at, end - at, position)
        : (await file.read(into, at, end - at, position)).bytesRead;
      if (bytesRead === 0) throw new Error('the file of parts is shorter than what was written');
      at += bytesRead;
      position += bytesRead;
    }
  }
}

function* sortedPiece(piece: Buffer, reading: Reading): Generator<Buffer> {
  const { dropped } = reading;
  const starts: number[] = [];
  for (let at = 0; at < piece.length; at += headBytes + piece.readUInt32LE(at)) {
    if (dropped?.[piece.readUIntLE(at + 4, 6)] !== 1) starts.push(at);
  }
  for (let from = 0; from < starts.length; from += maxSortedRows) {
    yield gather(piece, starts.slice(from, from + maxSortedRows), reading);
  }
}

function gather(
  piece: Buffer,
  starts: readonly number[],
  { areNumbered, rows: room }: Reading,
): Buffer {
  const order = new Float64Array(starts.length);
  let bytes = 0;
  for (const [place, start] of starts.entries()) {
    order[place] = digestNumber(piece, start + headBytes) * maxSortedRows + place;
    bytes += piece.readUInt32LE(start);
  }
  order.sort();
  const rows = room.take(bytes + (areNumbered ? starts.length * numberBytes : 0));
  let end = 0;
  for (const key of order) {
    const start = starts[key % maxSortedRows] ?? 0;
    const length = piece.readUInt32LE(start);
    piece.copy(rows, end, start + headBytes, start + headBytes + length);
    end += length;
    if (areNumbered) end = addNumber(rows, end, piece.readUIntLE(start + 4, 6));
  }
  return rows.subarray(0, end);
}

/**
 * Writes a number before the row's end.
 * @returns where the row ends now
 */
function addNumber(rows: Buffer, end: number, rowId: number): number {
  let at = end - 1;
  at += rows.write(String(rowId), at, 'latin1');
  rows[at] = partEnd;
  rows[at + 1] = rowEnd;
  return at + 2;
}

/** The digits 3 to 10 of the first digest: the two before are the range's. */
function digestNumber(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === partEnd) at += 1;
  let number = 0;
  for (let place = 2; place < 10; place += 2) number = number * 256 + hexByte(bytes, at + place);
  return number;
}

function hexByte(bytes: Buffer, at: number): number {
  return (hexDigit(bytes[at] ?? 0) << 4) | hexDigit(bytes[at + 1] ?? 0);
}

function hexDigit(code: number): number {
  return (code < 0x3a ? code - 0x30 : code - 0x57) & 15;
}
