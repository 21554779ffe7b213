/**
 * Replaces the store by a compact, verified copy. The next compaction removes the folder that a
 * killed one left.
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataFiles } from '../../../domain/data-files.ts';
import { UsherError } from '../../../domain/errors.ts';
import { putDurably } from '../../durable-file.ts';
import { type FileLock, takeFileLock } from '../../file-lock.ts';
import { storeClosedWaitMs, writerRetryMs } from '../../limits.ts';
import type { Compaction, WalkOptions } from '../../store-files.ts';
import { readersLockPath, takeWriterLock } from '../store-locks.ts';
import { copyStore } from './copy-store.ts';
import { contactsPath } from './embedded-files.ts';

export async function compactStore(dataFolder: string, options: WalkOptions): Promise<Compaction> {
  const lock = takeWriterLock(dataFolder);
  if (lock === undefined) throw inUse('Another process writes the contact store');
  // In the data folder, so that the copy is on the same file system.
  const folder = join(dataFolder, dataFiles.compaction);
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    const bytesBefore = statSync(contactsPath(dataFolder)).size;
    const { fullDigest } = await copyStore(dataFolder, folder, options);
    const bytesAfter = statSync(contactsPath(folder)).size;
    await putInPlace(dataFolder, folder, options.interrupted);
    return { fullDigest, bytesBefore, bytesAfter };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    lock.release();
  }
}

/** Waits until nobody has the store open: every process that has it open shares `readers.lock`. */
async function putInPlace(
  dataFolder: string,
  folder: string,
  interrupted: AbortSignal,
): Promise<void> {
  const alone = await waitUntilClosed(dataFolder, interrupted);
  try {
    await putDurably(contactsPath(folder), contactsPath(dataFolder));
  } finally {
    alone.release();
  }
}

async function waitUntilClosed(dataFolder: string, interrupted: AbortSignal): Promise<FileLock> {
  const deadlineMs = performance.now() + storeClosedWaitMs;
  for (;;) {
    interrupted.throwIfAborted();
    const alone = takeFileLock(readersLockPath(dataFolder));
    if (alone !== undefined) return alone;
    if (performance.now() > deadlineMs) throw inUse('Another process has the contact store open');
    await delay(writerRetryMs);
  }
}

function inUse(who: string): UsherError {
  return new UsherError(
    'store_unavailable',
    `${who}: stop it, then compact again. The store was not changed.`,
  );
}
