/**
 * Checks the store's files before LMDB opens them: LMDB crashes on a missing file or a full disk.
 */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../../../domain/data-files.ts';
import { UsherError } from '../../../domain/errors.ts';
import { minFreeDiskBytes } from '../../../domain/limits.ts';
import { keptNothing } from '../../kept-words.ts';
import { type FileFault, findFileFault } from './file-fault.ts';

export const maxReaders = 512;

/** LMDB's lock file: 64 bytes for each reader, and two pages of header and locks. */
const lockFileBytes = maxReaders * 64 + 8_192;

export function contactsPath(dataFolder: string): string {
  return join(dataFolder, dataFiles.contacts);
}

function lockFilePath(dataFolder: string): string {
  return join(dataFolder, dataFiles.contactsLock);
}

/** Throws `store_unavailable` for files at which LMDB would crash. Call it before each opening. */
export function requireStoreFiles(dataFolder: string): void {
  const path = contactsPath(dataFolder);
  const lockPath = lockFilePath(dataFolder);
  if (!existsSync(lockPath)) createLockFile(dataFolder);
  let fault: FileFault | undefined;
  try {
    accessSync(lockPath, constants.R_OK | constants.W_OK);
    fault = findFileFault(path);
  } catch (cause) {
    throw new UsherError(
      'store_unavailable',
      'The files of the contact store cannot be opened by this account. Run this as the account that runs the server.',
      { cause },
    );
  }
  if (fault === undefined) return;
  throw new UsherError(
    'store_unavailable',
    `The file ${dataFiles.contacts} in the data folder ${faultWords[fault]}. Restore a backup.`,
  );
}

const faultWords: Readonly<Record<FileFault, string>> = {
  foreign: 'is not a contact store of this release, or it is damaged',
  cut: 'was cut short: parts of the contact store are missing at its end',
  damaged: 'is damaged',
};

/** Whether less than `minFreeDiskBytes` is left. */
export function isDiskFull(dataFolder: string): boolean {
  return freeBytes(dataFolder) < minFreeDiskBytes;
}

export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * The error for a failed write.
 * @param words the message for a failure other than lack of space
 */
export function writeFailure(cause: unknown, folder: string, words: string): UsherError {
  const message = cause instanceof Error ? cause.message : '';
  const isAboutSpace = /ENOSPC|No space left|EDQUOT|quota exceeded|MDB_MAP_FULL/.test(message);
  if (isAboutSpace || isDiskFull(folder)) return storageFull(cause);
  return new UsherError('store_unavailable', words, { cause });
}

export function storageFull(cause?: unknown): UsherError {
  return new UsherError(
    'storage_full',
    `The disk of the data folder is full. ${keptNothing} Free some space, then try again.`,
    { cause },
  );
}

/** Creates the data file, which LMDB fills, and its lock file. Only their owner can read them. */
export function createStoreFiles(dataFolder: string): void {
  if (isDiskFull(dataFolder)) throw storageFull();
  if (!existsSync(contactsPath(dataFolder))) createFile(contactsPath(dataFolder), 0);
  if (!existsSync(lockFilePath(dataFolder))) createLockFile(dataFolder);
}

/** Allocates real blocks: writing into a hole on a full disk would kill the process. */
function createLockFile(dataFolder: string): void {
  if (isDiskFull(dataFolder)) throw storageFull();
  createFile(lockFilePath(dataFolder), lockFileBytes);
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
