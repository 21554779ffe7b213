/**
 * Removes the oldest files of the access log. A signed checkpoint is written first: it says where
 * the log begins from now on, and what left.
 */
import { rm } from 'node:fs/promises';
import { syncFolder } from '../stores/durable-file.ts';
import { readBlockHead } from './access-block.ts';
import { type AccessFile, listAccessFiles, writeCheckpoint } from './access-folder.ts';
import type { AccessKeys } from './access-keys.ts';
import { readAccessFile, readFileStart, walkBlocks } from './read-access.ts';
import { readStartNote } from './start-note.ts';

export interface AccessRetention {
  /** Size of the whole log. */
  readonly maxBytes: number;
  /** `null` keeps files until the size is reached. */
  readonly maxAgeMs: number | null;
}

export interface TrimOptions {
  readonly folder: string;
  readonly keys: AccessKeys;
  readonly retention: AccessRetention;
  readonly nowMs: number;
}

/**
 * Removes files until the log fits. The newest always stays.
 * @returns the bytes of the log
 */
export async function trimAccess(options: TrimOptions): Promise<number> {
  const { folder } = options;
  const files = await listAccessFiles(folder);
  const kept = await firstKept(files, options);
  const first = files[kept];
  if (kept > 0 && first !== undefined) {
    await signCheckpoint(first, options);
    for (const { path } of files.slice(0, kept)) await rm(path, { force: true });
    await syncFolder(folder);
  }
  return sizeOf(files.slice(kept));
}

/** The place of the first file that stays. */
async function firstKept(
  files: readonly AccessFile[],
  { retention, nowMs }: TrimOptions,
): Promise<number> {
  const { maxBytes, maxAgeMs } = retention;
  let kept = 0;
  while (kept < files.length - 1 && sizeOf(files.slice(kept)) > maxBytes) kept += 1;
  if (maxAgeMs === null) return kept;
  const oldestMs = nowMs - maxAgeMs;
  while (kept < files.length - 1 && (await isBefore(files, kept, oldestMs))) kept += 1;
  return kept;
}

/** Whether all entries of a file are from before this time. */
async function isBefore(
  files: readonly AccessFile[],
  place: number,
  timeMs: number,
): Promise<boolean> {
  const starts = [await startedMs(files[place]), await startedMs(files[place + 1])];
  const [ownMs = timeMs, nextMs = timeMs] = starts;
  if (ownMs >= timeMs) return false;
  if (nextMs < timeMs) return true;
  // The server may have been off before the next file, so only the file itself tells its end.
  return (await lastEntriesMs(files[place])) < timeMs;
}

/** When a file began; `undefined`: it has no whole block. */
async function startedMs(file: AccessFile | undefined): Promise<number | undefined> {
  if (file === undefined) return undefined;
  return readBlockHead(await readFileStart(file.path), 0)?.writtenMs;
}

/** When entries of a file were written last; infinity if a part of it is damaged. */
async function lastEntriesMs(file: AccessFile | undefined): Promise<number> {
  const content = (file && (await readAccessFile(file.path))) ?? Buffer.alloc(0);
  let lastMs = 0;
  let end = 0;
  for (const { start, head } of walkBlocks(content)) {
    if (head.kind === 'entries') lastMs = Math.max(lastMs, head.writtenMs);
    end = start + head.length;
  }
  return end === content.length ? lastMs : Number.POSITIVE_INFINITY;
}

async function signCheckpoint(first: AccessFile, options: TrimOptions): Promise<void> {
  const { folder, keys, nowMs } = options;
  const start = await readFileStart(first.path);
  const head = readBlockHead(start, 0);
  const note = head === undefined ? undefined : readStartNote(start, head);
  if (head === undefined || note === undefined) return;
  await writeCheckpoint(folder, keys, {
    atMs: nowMs,
    firstFile: first.number,
    lastBlock: head.number - 1,
    lastHash: head.previous.toString('hex'),
    removedEntries: note.entriesBefore,
  });
}

function sizeOf(files: readonly AccessFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}
