/** Packs entries into the rows of a block, and unpacks them. */
import { accessOutcomes, accessWays } from '@usher/contract/access-words';
import { rowBytes } from './access-block.ts';
import type { AccessOutcome, AccessWay } from './access-entry.ts';
import { type AccessKeys, digestBytes } from './access-keys.ts';
import { type QueuedEntry, wordKinds } from './access-queue.ts';
import { maxBlockEntries, maxFileWords } from './limits.ts';

/** Offsets within a row. The texts are numbers of 16 bits in the file's list of texts. */
const at = { sinceBase: 0, organization: 4, type: 6, words: 8, way: 18, outcome: 19 } as const;

const shortsOfAll = (maxBlockEntries * rowBytes) / 2;

/** The texts of a file, numbered from 1. */
export class FileWords {
  readonly #numbers = new Map<string, number>();
  readonly #lastTexts = wordKinds.map(() => '');
  readonly #lastNumbers = wordKinds.map(() => 0);
  #unwritten: Buffer[] = [];

  /** Numbers have 16 bits. Some are left, so that what is collected in one step always fits. */
  get isFull(): boolean {
    return this.#numbers.size >= maxFileWords;
  }

  /** The number of a text; 0 for ''. */
  numberOf(kind: number, text: string): number {
    if (text === '') return 0;
    if (this.#lastTexts[kind] === text) return this.#lastNumbers[kind] as number;
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(text, number);
      const encoded = Buffer.from(text);
      this.#unwritten.push(Buffer.of(encoded.length & 0xff, encoded.length >> 8), encoded);
    }
    this.#lastTexts[kind] = text;
    this.#lastNumbers[kind] = number;
    return number;
  }

  /** The texts that are new since the last call, as a block holds them. */
  take(): Buffer {
    const words = Buffer.concat(this.#unwritten);
    this.#unwritten = [];
    return words;
  }
}

/** Adds the texts of a block to those of the file before it. */
export function readWords(words: Buffer, known: string[]): void {
  for (let place = 0; place + 2 <= words.length; ) {
    const length = words.readUInt16LE(place);
    known.push(words.toString('utf8', place + 2, place + 2 + length));
    place += 2 + length;
  }
}

/** Collects the entries of one block. Its memory is used again for the next. */
export class RowCollector {
  readonly #keys: AccessKeys;
  readonly #rows = Buffer.alloc(maxBlockEntries * rowBytes);
  /** The same memory. Typed arrays cost a third of the methods of buffers. */
  readonly #shorts = new Uint16Array(this.#rows.buffer, this.#rows.byteOffset, shortsOfAll);
  readonly #ints = new Uint32Array(this.#rows.buffer, this.#rows.byteOffset, shortsOfAll / 2);
  readonly #masked = new Int32Array((maxBlockEntries * digestBytes) / 4);
  #count = 0;
  #baseMs = 0;

  constructor(keys: AccessKeys) {
    this.#keys = keys;
  }

  get room(): number {
    return maxBlockEntries - this.#count;
  }

  get count(): number {
    return this.#count;
  }

  add(entry: QueuedEntry, words: FileWords): void {
    if (this.#count === 0) this.#baseMs = entry.atMs - maxSkewMs;
    const shorts = this.#shorts;
    const start = (this.#count * rowBytes) / 2;
    const since = Math.round(entry.atMs - this.#baseMs);
    this.#ints[start / 2] = Math.min(Math.max(0, since), 0xffff_ffff);
    shorts[start + at.organization / 2] = entry.organizationId;
    shorts[start + at.type / 2] = entry.typeId;
    for (let kind = 0; kind < wordKinds.length; kind += 1) {
      const number = words.numberOf(kind, entry.texts[kind] as string);
      shorts[start + at.words / 2 + kind] = number;
    }
    shorts[start + at.way / 2] = entry.way | (entry.outcome << 8);
    const mask = this.#keys.maskOf(entry.organizationId, entry.typeId);
    const masked = this.#count * 4;
    for (let word = 0; word < 4; word += 1) {
      this.#masked[masked + word] = (entry.digest[word] as number) ^ (mask[word] as number);
    }
    this.#count += 1;
  }

  /** The rows, which are lent until the next `add`, and the digests. Empties the collector. */
  take() {
    const entries = this.#count;
    const masked = Buffer.from(this.#masked.buffer, 0, entries * digestBytes);
    this.#count = 0;
    return {
      entries,
      baseMs: this.#baseMs,
      rows: this.#rows.subarray(0, entries * rowBytes),
      digests: this.#keys.digestAll(masked),
    };
  }
}

/** Entries of several threads are not in the order of time: the first may be younger. */
const maxSkewMs = 600_000;

/** An entry as stored; texts as numbers. */
export interface StoredRow {
  readonly atMs: number;
  readonly organizationId: number;
  readonly typeId: number;
  readonly way: AccessWay | 'unknown';
  readonly outcome: AccessOutcome | 'unknown';
  /** Ordered like `wordKinds`. */
  readonly words: readonly number[];
}

export function readRow(rows: Buffer, place: number, baseMs: number): StoredRow {
  const start = place * rowBytes;
  return {
    atMs: baseMs + rows.readUInt32LE(start + at.sinceBase),
    organizationId: organizationOf(rows, place),
    typeId: rows.readUInt16LE(start + at.type),
    way: accessWays[rows[start + at.way] as number] ?? 'unknown',
    outcome: accessOutcomes[rows[start + at.outcome] as number] ?? 'unknown',
    words: wordKinds.map((_, kind) => rows.readUInt16LE(start + at.words + 2 * kind)),
  };
}

export function organizationOf(rows: Buffer, place: number): number {
  return rows.readUInt16LE(place * rowBytes + at.organization);
}
