/**
 * Reads staged rows as batches of changes. A thread reads large files, ahead of the caller, so that
 * the rows are sorted and encoded while the store writes those before them.
 */
import { Worker } from 'node:worker_threads';
import { UsherError } from '../../domain/errors.ts';
import { leastThreadedBytes, maxBatchesAhead, maxBatchesInFlight } from '../limits.ts';
import { type ChangeLayout, ChangeParser, ReadBatch } from './parse-changes.ts';
import { type PartsMap, type RowMarks, sortedRows } from './parts-file.ts';

/** What to read; another thread gets it as it is. */
export interface ChangeSource {
  readonly parts: PartsMap;
  readonly dropped: RowMarks | undefined;
  readonly areNumbered: boolean;
  readonly layout: ChangeLayout;
}

/** From the thread: a batch at the start of the memory, or the end. */
export interface FromReader {
  readonly arena: Uint8Array<ArrayBuffer>;
  /** How much of it is used; 0 after the last batch. */
  readonly length: number;
}

/** @param least bytes of a file that a thread reads */
export function readChanges(
  source: ChangeSource,
  least: number = leastThreadedBytes,
): AsyncGenerator<ReadBatch> {
  return source.parts.bytes < least ? parseRows(source) : readInThread(source);
}

async function* parseRows({ parts, layout, ...wanted }: ChangeSource): AsyncGenerator<ReadBatch> {
  const parser = new ChangeParser(layout);
  for await (const bytes of sortedRows(parts, wanted)) yield* parser.push(bytes);
  yield* parser.end();
}

/** It makes much short-lived garbage, for which it would take more memory than it needs. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

const entry = new URL('./change-thread.ts', import.meta.url);

async function* readInThread(source: ChangeSource): AsyncGenerator<ReadBatch> {
  const worker = new Worker(entry, { name: 'usher-rows', workerData: source, resourceLimits });
  const batches = new Arriving(worker);
  const giveBack = (arena: Buffer) => {
    worker.postMessage(arena, [arena.buffer as ArrayBuffer]);
  };
  try {
    for (;;) {
      const { arena, length } = await batches.next();
      if (length === 0) return;
      const { buffer, byteOffset } = arena;
      yield new ReadBatch(Buffer.from(buffer, byteOffset, arena.length), length, giveBack);
    }
  } finally {
    await worker.terminate();
  }
}

/** What a thread sent, in order. */
class Arriving {
  readonly #arrived: FromReader[] = [];
  #failure: UsherError | undefined;
  #wake: () => void = () => undefined;

  constructor(worker: Worker) {
    worker.on('message', (message: FromReader) => {
      this.#arrived.push(message);
      this.#wake();
    });
    worker.on('error', (cause) => this.#fail(cause));
    worker.on('exit', () => this.#fail(undefined));
  }

  /** @throws UsherError `internal` if the thread ended before its last message */
  async next(): Promise<FromReader> {
    for (;;) {
      const first = this.#arrived.shift();
      if (first !== undefined) return first;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #fail(cause: unknown): void {
    this.#failure ??= new UsherError('internal', endedEarly, { cause });
    this.#wake();
  }
}

const endedEarly =
  'The thread that reads the staged rows failed before the last row. Start the run again: it sends the rows that are missing.';

/** Batches that the thread may have sent and not got back. */
export const batchesOut = maxBatchesInFlight + maxBatchesAhead;
