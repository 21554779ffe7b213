/**
 * Appends blocks to the access log: each is written, synced, then marked as the log's end. A block
 * that could not be written is kept and written first at the next attempt, so that the chain has no
 * gap. There is one writer: the holder of the server's lock.
 */
import { type FileHandle, open, rm, truncate } from 'node:fs/promises';
import type { AccessEnd } from '../domain/access-end.ts';
import { ByteScratch } from '../stores/byte-scratch.ts';
import { makeFolder, syncFolder } from '../stores/durable-file.ts';
import { type BlockContent, encodeBlock, signatureOf } from './access-block.ts';
import { type AccessFile, accessFilePath } from './access-folder.ts';
import type { AccessKeys } from './access-keys.ts';
import { type ChainEnd, findChainEnd } from './chain-end.ts';
import { FileWords } from './entry-rows.ts';
import { HeadMarkFile } from './head-mark.ts';
import { maxFileBytes } from './limits.ts';
import type { StartNote, StartReason } from './start-note.ts';

/** What a block says besides its place in the chain. */
export type NewBlock = Omit<BlockContent, 'number' | 'previous' | 'writtenMs'>;

export interface ChainWriterOptions {
  readonly folder: string;
  readonly keys: AccessKeys;
  readonly clock: () => number;
  /** The end that the catalog noted last. */
  readonly noted?: AccessEnd | undefined;
}

interface Chain {
  number: number;
  hash: Buffer;
  entries: number;
}

export class ChainWriter {
  readonly #options: ChainWriterOptions;
  readonly #mark: HeadMarkFile;
  readonly #chain: Chain;
  #file: FileHandle | undefined;
  #fileNumber: number;
  #fileBytes = 0;
  #startedMs = 0;
  /** Why the first file of this writer was started. */
  readonly startReason: StartReason;
  /** Holds the pending block. */
  readonly #scratch = new ByteScratch();
  #pending: { block: Buffer; entries: number } | undefined;
  /** Of the file under way. */
  words = new FileWords();

  private constructor(options: ChainWriterOptions, mark: HeadMarkFile, end: ChainEnd) {
    this.#options = options;
    this.#mark = mark;
    this.#chain = { number: end.block, hash: end.hash, entries: end.entries };
    this.#fileNumber = end.file;
    this.startReason = end.reason;
  }

  /**
   * Goes on with the log of the folder in a new file, and removes what a crash left of its last
   * block.
   */
  static async open(options: ChainWriterOptions): Promise<ChainWriter> {
    const { folder, keys, noted } = options;
    await makeFolder(folder);
    const end = await findChainEnd(folder, keys, noted);
    for (const { path, bytes } of end.torn) {
      if (bytes === 0) await rm(path);
      else await truncate(path, bytes);
    }
    const writer = new ChainWriter(options, await HeadMarkFile.open(folder, keys), end);
    try {
      await writer.#startFile(end.reason, end.tornBytes);
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  /** The last block that is on the disk. */
  get end(): AccessEnd {
    const { number, hash } = this.#chain;
    return { block: number, hash: hash.toString('hex'), file: this.#fileNumber };
  }

  get file(): AccessFile {
    const path = accessFilePath(this.#options.folder, this.#fileNumber);
    return { number: this.#fileNumber, path, bytes: this.#fileBytes };
  }

  /** Milliseconds since the epoch. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** Whether the file should be followed by another before the next block. */
  get isFull(): boolean {
    return this.#fileBytes >= maxFileBytes || this.words.isFull;
  }

  /**
   * Resolves when the block is on the disk. When it rejects, the block is kept, and the next call
   * writes it first.
   */
  async append(content: NewBlock): Promise<void> {
    await this.flush();
    const { number, hash } = this.#chain;
    const writtenMs = this.#options.clock();
    const placed = { ...content, writtenMs, number: number + 1, previous: hash };
    this.#pending = {
      block: encodeBlock(this.#options.keys, placed, this.#scratch),
      entries: content.entries,
    };
    await this.flush();
  }

  /** Writes the block that an earlier call could not write. */
  async flush(): Promise<void> {
    if (this.#pending === undefined) return;
    const { block, entries } = this.#pending;
    this.#file ??= await this.#openFile();
    await writeWhole(this.#file, block, this.#fileBytes);
    await this.#file.datasync();
    const hash = signatureOf(block);
    const number = this.#chain.number + 1;
    await this.#mark.write({ block: number, hash, file: this.#fileNumber });
    this.#chain.number = number;
    this.#chain.hash = hash;
    this.#chain.entries += entries;
    this.#fileBytes += block.length;
    this.#pending = undefined;
  }

  /** Goes on in a new file. */
  async nextFile(): Promise<void> {
    await this.flush();
    await this.#file?.close();
    this.#file = undefined;
    await this.#startFile('next', 0);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    await this.#mark.close();
  }

  async #startFile(reason: StartReason, torn: number): Promise<void> {
    this.#fileNumber += 1;
    this.#fileBytes = 0;
    this.#startedMs = this.#options.clock();
    this.words = new FileWords();
    const file = this.#fileNumber;
    const entriesBefore = this.#chain.entries;
    const keyId = this.#options.keys.id;
    const note: StartNote = { file, reason, keyId, torn, entriesBefore };
    await this.append(noteBlock('start', note));
  }

  /** A failed attempt may have left an empty file of this name. */
  async #openFile(): Promise<FileHandle> {
    const { folder } = this.#options;
    const file = await open(accessFilePath(folder, this.#fileNumber), 'w', 0o600);
    await syncFolder(folder);
    return file;
  }
}

/** A block without entries. */
export function noteBlock(kind: NewBlock['kind'], note: object, lost = 0): NewBlock {
  const none = Buffer.alloc(0);
  const rows = Buffer.from(JSON.stringify(note));
  return { kind, baseMs: 0, lost, entries: 0, words: none, rows, digests: none };
}

async function writeWhole(file: FileHandle, bytes: Buffer, start: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, start + done);
    done += bytesWritten;
  }
}
