/**
 * Writes files that survive a kill and a power cut: each is written under a `.part` name, synced,
 * then renamed. The next write of the same file removes the `.part` files that killed writers left.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsherError } from '../domain/errors.ts';
import { isProcessAlive } from './is-process-alive.ts';

/** Only the owner reads what is in the data folder. */
const ownerOnly = 0o600;

/** How the name of an unfinished file ends: the id of the writing process and a random id. */
const unfinishedName = /\.(\d+)-[0-9a-f-]{36}\.part$/;

/**
 * Writes or replaces a file, and makes its folder if it does not exist.
 * @throws `storage_full`
 */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  mode = ownerOnly,
): Promise<void> {
  const temporary = await writeBeside(path, content, mode);
  await put(temporary, path, rename);
}

/**
 * Writes a new file. `false`: it exists already, perhaps made by another process at this moment.
 * @throws `storage_full`
 */
export async function createDurably(path: string, content: Uint8Array): Promise<boolean> {
  const temporary = await writeBeside(path, content, ownerOnly);
  try {
    await put(temporary, path, link);
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Moves a written file into its place on the same disk.
 * @throws UsherError `storage_full`
 */
export async function putDurably(temporary: string, path: string): Promise<void> {
  await withRoom(() => sync(temporary, 'r+'));
  await put(temporary, path, rename);
}

/** Whether a file of this name is being written, or was left behind by a killed process. */
export function isUnfinished(name: string): boolean {
  return unfinishedName.test(name);
}

/** Where this process writes a file until all of it is written. */
export function unfinishedPath(path: string): string {
  return `${path}.${process.pid}-${randomUUID()}.part`;
}

/** Makes a folder and its parents, readable by the owner only, and syncs them. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** Makes new names in the folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  await sync(folder, 'r');
}

async function writeBeside(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<string> {
  const temporary = unfinishedPath(path);
  await withRoom(async () => {
    await makeFolder(dirname(path));
    await removeUnfinished(path);
    await using file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  });
  return temporary;
}

/** Removes what killed writers of this file left behind. */
export async function removeUnfinished(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    const writer = unfinishedName.exec(name)?.[1];
    if (writer === undefined || !name.startsWith(`${basename(path)}.`)) continue;
    if (!isProcessAlive(Number(writer))) await rm(join(dirname(path), name), { force: true });
  }
}

/** Removes what killed writers left behind, of any file in the folder and below it. */
export async function removeAllUnfinished(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const { parentPath, name } of entries) {
    const writer = unfinishedName.exec(name)?.[1];
    if (writer === undefined || isProcessAlive(Number(writer))) continue;
    await rm(join(parentPath, name), { force: true });
  }
}

async function put(
  temporary: string,
  path: string,
  name: (from: string, to: string) => Promise<void>,
): Promise<void> {
  await withRoom(async () => {
    await name(temporary, path);
    await syncFolder(dirname(path));
  });
}

async function sync(path: string, flags: string): Promise<void> {
  await using handle = await open(path, flags);
  await handle.sync();
}

async function withRoom<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!hasCode(cause, 'ENOSPC') && !hasCode(cause, 'EDQUOT')) throw cause;
    throw new UsherError('storage_full', 'The disk is full. Free some space, then try again.', {
      cause,
    });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
