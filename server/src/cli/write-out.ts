/** Writes the file that a command was told to write. */
import { constants, createWriteStream, existsSync } from 'node:fs';
import { access, open, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { noteUnfinished } from '../administration/work-folder.ts';
import { UsherError } from '../domain/errors.ts';
import { terminalName } from '../domain/terminal-text.ts';
import {
  putDurably,
  removeUnfinished,
  unfinishedPath,
  writeDurably,
} from '../stores/durable-file.ts';
import type { CommandSession } from './command-frame.ts';
import { UsageError } from './exit-code.ts';
import { confirm } from './terminal/confirm.ts';

/**
 * Asks before a file is overwritten. Call it before the work whose result is written.
 * @throws UsageError if the file cannot be written
 */
export async function confirmOut(
  session: Pick<CommandSession, 'io' | 'yes'>,
  out: string,
): Promise<void> {
  const folder = dirname(resolve(out));
  if (!existsSync(folder))
    throw new UsageError(`There is no folder ${terminalName(folder)}. Create it first.`);
  const { isFolder, replaced } = await targetOf(out);
  if (isFolder) throw new UsageError(`${terminalName(out)} is a folder. Name a file in it.`);
  const written = replaced === undefined ? out : dirname(replaced);
  await access(written, constants.W_OK).catch(() => {
    throw new UsageError(
      `This account may not write ${terminalName(written)}. Name a file elsewhere.`,
    );
  });
  if (existsSync(out)) await confirm(session, `${terminalName(out)} already exists. Overwrite it?`);
}

/**
 * Writes a temporary file and renames it over the old file; if `out` is a link, over the file that
 * the link points to. A pipe or a device cannot be replaced, so it is written to directly.
 * The mode is that of the old file, or one that everybody can read.
 * @throws UsherError `storage_full`, or `internal` with the reason
 */
export async function writeOut(out: string, text: string): Promise<void> {
  try {
    const { replaced, oldMode } = await targetOf(out);
    if (replaced === undefined) await writeFile(out, text);
    else await writeDurably(replaced, text, oldMode ?? 0o644);
  } catch (cause) {
    throw cause instanceof UsherError ? cause : unwritten(out, cause);
  }
}

/**
 * Writes a file that only its owner can read. It gets its name when all of it is written, so an old
 * file stays whole if the writing fails. What a killed writer of the same file left is removed. A
 * pipe or a device is written to directly.
 * @param folder a work folder: what is unfinished is removed with it if the process is killed
 * @param write fills the file of this path, which exists and is empty
 * @throws UsherError `storage_full`, or `internal` with the reason; what `write` throws
 */
export async function writeWhole(
  out: string,
  folder: string,
  write: (path: string) => Promise<void>,
): Promise<void> {
  const { replaced } = await targetOf(out);
  const written = replaced === undefined ? out : unfinishedPath(replaced);
  try {
    if (replaced === undefined) return await write(out);
    await removeUnfinished(replaced);
    await noteUnfinished(folder, written);
    await (await open(written, 'wx', 0o600)).close();
    await write(written);
    await putDurably(written, replaced);
  } catch (cause) {
    if (replaced !== undefined) await rm(written, { force: true });
    const isOfFile = cause instanceof Error && 'syscall' in cause;
    throw isOfFile ? unwritten(out, cause) : cause;
  }
}

/** Writes texts as they arrive. */
export async function writeTexts(
  out: string | Writable,
  texts: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  if (typeof out !== 'string') return pipeline(Readable.from(texts), out, { end: false });
  return pipeline(Readable.from(texts), createWriteStream(out));
}

/** @throws UsageError for a pipe or a device */
export async function requireFile(out: string): Promise<void> {
  if ((await targetOf(out)).replaced !== undefined) return;
  throw new UsageError(`${terminalName(out)} is a pipe or a device. Name a file.`);
}

interface OutTarget {
  readonly isFolder: boolean;
  /** The file that is made or replaced; `undefined`: a pipe or a device, which is written to. */
  readonly replaced: string | undefined;
  readonly oldMode: number | undefined;
}

async function targetOf(out: string): Promise<OutTarget> {
  const stats = await stat(out).catch(() => undefined);
  const isSpecial = /^\/(?:dev\/(?:fd|std)|proc\/)/.test(resolve(out)) || stats?.isFile() === false;
  const path = stats === undefined ? await newPath(resolve(out)) : await realpath(out);
  return {
    isFolder: stats?.isDirectory() ?? false,
    replaced: isSpecial ? undefined : path,
    oldMode: stats && stats.mode & 0o777,
  };
}

/** Without links, which an engine that may write only one path does not follow. */
async function newPath(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path));
}

function unwritten(out: string, cause: unknown): UsherError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new UsherError(
    isFull ? 'storage_full' : 'internal',
    `${terminalName(out)} could not be written (${code}). ${isFull ? 'Free some space, or name' : 'Name'} another file.`,
    { cause },
  );
}
