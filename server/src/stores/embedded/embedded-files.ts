/**
 * The files of the embedded store in the data folder, and what must hold of them before LMDB may touch them: a file that is
 * not there, or a disk without room, would be a crash of the process instead of an error.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { UsherError } from '../../domain/errors.ts';
import { minFreeDiskBytes } from '../../domain/limits.ts';

export const maxReaders = 512;

/** LMDB's lock file: 64 bytes a reader and two pages of header and locks. */
const lockFileBytes = maxReaders * 64 + 8_192;

export function contactsPath(dataFolder: string): string {
  return join(dataFolder, 'contacts.mdb');
}

/** Whether the store was ever made. An empty file is one whose making was cut off. */
export function storeExists(dataFolder: string): boolean {
  const path = contactsPath(dataFolder);
  return existsSync(path) && statSync(path).size > 0;
}

function requireFreeSpace(dataFolder: string): void {
  if (isDiskFull(dataFolder)) throw storageFull();
}

/** Whether less than `minFreeDiskBytes` is left. */
export function isDiskFull(dataFolder: string): boolean {
  const { bavail, bsize } = statfsSync(dataFolder);
  return bavail * bsize < minFreeDiskBytes;
}

export function storageFull(cause?: unknown): UsherError {
  return new UsherError(
    'storage_full',
    'The disk of the data folder is full. Nothing of the call was kept; free some space and repeat it.',
    { cause },
  );
}

/** Makes the files that are not there yet, readable by their owner only. LMDB's lock file gets real blocks: writing into a hole of it on a full disk kills the process. */
export function createStoreFiles(dataFolder: string): void {
  const path = contactsPath(dataFolder);
  const lockPath = `${path}-lock`;
  // LMDB's first pages are written when an empty file is opened.
  if (storeExists(dataFolder) && existsSync(lockPath)) return;
  requireFreeSpace(dataFolder);
  if (!existsSync(path)) createFile(path, 0);
  if (!existsSync(lockPath)) createFile(lockPath, lockFileBytes);
}

function createFile(path: string, bytes: number): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    if (bytes > 0) writeSync(file, Buffer.alloc(bytes));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
