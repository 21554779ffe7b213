/**
 * Copies files in pieces, hashes them on the way and flushes them to the disk (fsync). Only their
 * owner can read the copies.
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsherError } from '../../domain/errors.ts';
import { copyPieceBytes } from '../../domain/limits.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import { isUnfinished, syncFolder } from '../../stores/durable-file.ts';
import type { WalkOptions } from '../../stores/store-files.ts';
import type { BackedUpFile } from './backup-manifest.ts';

export interface FileCopyOptions {
  readonly interrupted: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/**
 * @param path relative to both folders
 * @returns `undefined` if the file does not exist
 */
export async function copyFile(
  path: string,
  folders: { readonly from: string; readonly to: string },
  options: FileCopyOptions,
): Promise<BackedUpFile | undefined> {
  const source = await openIfThere(join(folders.from, path));
  if (source === undefined) return undefined;
  try {
    await mkdir(dirname(join(folders.to, path)), { recursive: true, mode: 0o700 });
    const target = await open(join(folders.to, path), 'wx', 0o600);
    try {
      const { bytes, sha256 } = await readPieces(source, options, (piece) =>
        target.writeFile(piece),
      );
      await target.sync();
      return { path, bytes, sha256 };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Hashes a file that is already in the folder. */
export async function describeFile(
  path: string,
  folder: string,
  options: FileCopyOptions,
): Promise<BackedUpFile> {
  const file = await open(join(folder, path), 'r');
  try {
    return { path, ...(await readPieces(file, options)) };
  } finally {
    await file.close();
  }
}

/**
 * All files below the folder `name` in `folder`, with their sizes. Does not follow links. Empty if
 * the folder does not exist.
 */
export async function listFiles(
  folder: string,
  name: string,
): Promise<{ readonly path: string; readonly bytes: number }[]> {
  const entries = await readdir(join(folder, name), { withFileTypes: true, recursive: true }).catch(
    ignoreMissing,
  );
  const found: { path: string; bytes: number }[] = [];
  for (const entry of entries ?? []) {
    if (!entry.isFile() || isUnfinished(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const stats = await lstat(path).catch(ignoreMissing);
    if (stats === undefined) continue;
    found.push({ path: path.slice(join(folder, '/').length), bytes: stats.size });
  }
  return found;
}

/** Flushes this folder and all folders below it to the disk (fsync). */
export async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
  }
  await syncFolder(folder);
}

/** Translates errors about missing disk space; returns other errors as they are. */
export function spaceError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'storage_full') return error;
  return noRoomFor(folder, error);
}

export function noRoomFor(folder: string, cause?: unknown): UsherError {
  return new UsherError(
    'storage_full',
    `There is too little disk space for ${terminalName(folder)}. No files were left there. Free some space, then try again.`,
    { cause },
  );
}

/** Makes a function that adds up the bytes of all files and reports the sum so far. */
export function addUp(
  phase: 'copying' | 'verifying',
  totalBytes: number,
  onProgress: WalkOptions['onProgress'],
): (bytes: number) => void {
  let doneBytes = 0;
  return (bytes) => {
    doneBytes += bytes;
    onProgress({ phase, doneBytes: Math.min(doneBytes, totalBytes), totalBytes });
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(ignoreMissing);
}

async function readPieces(
  file: FileHandle,
  { interrupted, onBytes }: FileCopyOptions,
  take?: (piece: Uint8Array) => Promise<void>,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const digest: Hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(copyPieceBytes);
  let bytes = 0;
  for (;;) {
    interrupted.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
    if (bytesRead === 0) return { bytes, sha256: digest.digest('hex') };
    const piece = buffer.subarray(0, bytesRead);
    digest.update(piece);
    await take?.(piece);
    bytes += bytesRead;
    onBytes(bytesRead);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
