/**
 * Opens the contact store of a data folder. Embedded is the only family so far; a setting will
 * choose between families here. In one process the writer is opened before any reader (see
 * `embedded/environment.ts`).
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { EmbeddedReader } from './embedded/contact-reader.ts';
import { openForReading } from './embedded/environment.ts';
import { EmbeddedStoreFiles } from './embedded/files/embedded-store-files.ts';
import { EmbeddedContactWriter } from './embedded/writer/contact-writer.ts';
import { pushFailoverMs } from './limits.ts';
import type { StoreFiles } from './store-files.ts';

export type { EmbeddedReader } from './embedded/contact-reader.ts';
export type { EmbeddedContactWriter } from './embedded/writer/contact-writer.ts';

export { probeWriter, type WriterProbe } from './embedded/writer/probe-writer.ts';

export interface WriterOptions {
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number;
  /**
   * `writerFailoverMs` unless it is to wait for its place longer; infinity: as long as it takes.
   */
  readonly failoverMs?: number;
}

/** `store_unavailable` where no store was made yet, or where its format is of another release. */
export function openReader(dataFolder: string): EmbeddedReader {
  return new EmbeddedReader(openForReading(dataFolder), dataFolder);
}

/**
 * Makes the store where there is none. Waits up to `writerFailoverMs` for its place: the one that
 * writes, or a client of the process that does; when that one ends, this one takes over by itself.
 * `store_unavailable`: nobody writes and nobody can; `storage_full`: no room to make the store.
 */
export async function openWriter(
  dataFolder: string,
  options: WriterOptions = {},
): Promise<EmbeddedContactWriter> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  return EmbeddedContactWriter.open(dataFolder, {
    holder: { sessionId: randomUUID(), processId: process.pid },
    sources: { nowMs: options.nowMs ?? Date.now, randomBytes },
    ...(options.failoverMs !== undefined && { failoverMs: options.failoverMs }),
  });
}

/**
 * A client of the process that writes, for threads that must never be the one: they have the store
 * open for reading. Calls wait up to `pushFailoverMs` for a writer that is being started, then fail
 * with `store_unavailable`.
 */
export async function connectWriter(dataFolder: string): Promise<EmbeddedContactWriter> {
  return EmbeddedContactWriter.open(dataFolder, {
    holder: { sessionId: randomUUID(), processId: process.pid },
    sources: { nowMs: Date.now, randomBytes },
    mayHold: false,
    failoverMs: pushFailoverMs,
  });
}

/** The files of the store of a data folder, for backup, restore and compaction. */
export function openStoreFiles(dataFolder: string): StoreFiles {
  return new EmbeddedStoreFiles(dataFolder);
}
