/**
 * Opens the contact store of a data folder; embedded is the only kind so far. In one process, open
 * the writer before any reader (see `embedded/environment.ts`). A thread that only reads does not
 * load the code of the writer.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { EmbeddedReader } from './embedded/contact-reader.ts';
import { openForReading } from './embedded/environment.ts';
import { embeddedStoreFiles } from './embedded/files/embedded-store-files.ts';
import { readSuppressionNote } from './embedded/writer/guarded-lists.ts';
import type { SharedWriter } from './embedded/writer/shared-writer.ts';
import { findStore } from './find-store.ts';
import { pushFailoverMs } from './limits.ts';
import type { ContactReader, TurnReader } from './store.ts';
import type { StoreFiles } from './store-files.ts';
import { openSuppressionFiles } from './suppression/open-suppression-files.ts';
import { noNote } from './suppression/suppression-lists.ts';
import type { SuppressionFiles } from './suppression-files.ts';

export { probeWriter, type WriterProbe } from './embedded/writer/probe-writer.ts';
export type { SharedWriter } from './embedded/writer/shared-writer.ts';

export interface WriterOptions {
  /** The clock, in milliseconds since the epoch. */
  readonly nowMs?: () => number;
  /** How long to wait for a writing process; `writerFailoverMs` by default, infinity: for ever. */
  readonly failoverMs?: number;
  /** From how many rows on what was read of connected contacts is kept for the next write. */
  readonly leastCachedRows?: number;
}

/** Throws `store_unavailable` if there is no store yet, or another release wrote it. */
export function openReader(dataFolder: string): ContactReader & TurnReader {
  return new EmbeddedReader(openForReading(dataFolder), dataFolder);
}

/**
 * Opens the store for writing, and creates it if it does not exist. Resolves when this process
 * writes, or is connected to the process that does and takes over when it ends. Rejects with
 * `store_unavailable` after `failoverMs`, and with `storage_full` if a new store has no room.
 */
export async function openWriter(
  dataFolder: string,
  options: WriterOptions = {},
): Promise<SharedWriter> {
  const { openSharedWriter } = await import('./embedded/writer/shared-writer.ts');
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  return openSharedWriter(dataFolder, {
    holder: { sessionId: randomUUID(), processId: process.pid },
    sources: {
      nowMs: options.nowMs ?? Date.now,
      randomBytes,
      leastCachedRows: options.leastCachedRows,
    },
    ...(options.failoverMs !== undefined && { failoverMs: options.failoverMs }),
  });
}

/**
 * Connects to the process that writes, for threads that only read. A call waits up to
 * `pushFailoverMs` for that process to start, then rejects with `store_unavailable`.
 */
export async function connectWriter(dataFolder: string): Promise<SharedWriter> {
  const { openSharedWriter } = await import('./embedded/writer/shared-writer.ts');
  return openSharedWriter(dataFolder, {
    holder: { sessionId: randomUUID(), processId: process.pid },
    sources: { nowMs: Date.now, randomBytes },
    mayHold: false,
    failoverMs: pushFailoverMs,
  });
}

/** The files of the store of a data folder, for backup, restore and compaction. */
export function openStoreFiles(dataFolder: string): StoreFiles {
  return embeddedStoreFiles(dataFolder);
}

/** The suppression lists of a data folder, which may have no store yet. */
export function openSuppression(dataFolder: string): SuppressionFiles {
  const readNote = () => {
    if (findStore(dataFolder) !== 'there') return noNote;
    const environment = openForReading(dataFolder);
    try {
      return readSuppressionNote(environment.meta);
    } finally {
      void environment.close();
    }
  };
  return openSuppressionFiles(dataFolder, {
    readNote,
    apply: async (options) => {
      const { applySuppression } = await import('./embedded/erasure/apply-suppression.ts');
      return applySuppression(dataFolder, options);
    },
    countFound: async (rules) => {
      const { countSuppressed } = await import('./embedded/erasure/count-suppressed.ts');
      return countSuppressed(dataFolder, rules);
    },
    changeNote: async (change) => {
      const { changeSuppressionNote } = await import('./embedded/erasure/change-note.ts');
      return changeSuppressionNote(dataFolder, change);
    },
  });
}
