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
  readSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../../../domain/data-files.ts';
import { UsherError } from '../../../domain/errors.ts';
import { minFreeDiskBytes } from '../../../domain/limits.ts';
import { keptNothing } from '../../kept-words.ts';

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
  const head = Buffer.alloc(metaHeadLength);
  try {
    accessSync(lockPath, constants.R_OK | constants.W_OK);
    const file = openSync(path, 'r');
    readSync(file, head, 0, head.length, 0);
    closeSync(file);
  } catch (cause) {
    throw new UsherError(
      'store_unavailable',
      'The files of the contact store cannot be opened by this account. Run this as the account that runs the server.',
      { cause },
    );
  }
  const isStore =
    head.readUInt32LE(magicAt) === lmdbMagic && head.readUInt16LE(versionAt) === lmdbDataVersion;
  if (isStore) return;
  throw new UsherError(
    'store_unavailable',
    `The file ${dataFiles.contacts} in the data folder is not a contact store of this release, or it is damaged. Restore a backup.`,
  );
}

// The first page of an LMDB file: a page header, then its meta data (`MDB_meta`).
const magicAt = 24;
const versionAt = 28;
const metaHeadLength = 32;
const lmdbMagic = 0xbeefc0de;
const lmdbDataVersion = 2;

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
