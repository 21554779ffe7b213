/**
 * The folder for a command's work files. If the command was killed, the next one removes it, and so
 * does a compaction.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { isUnfinished, writeDurably } from '../stores/durable-file.ts';
import { isProcessAlive } from '../stores/is-process-alive.ts';

/** @returns a new path. Removes the folders of commands that were killed. */
export async function prepareWorkFolder(dataFolder: string): Promise<string> {
  await removeAbandonedWork(dataFolder);
  return join(dataFolder, dataFiles.work, `work-${process.pid}-${randomUUID()}`);
}

/** Runs `work` with a work folder, which it makes if it needs it, and removes the folder. */
export async function withWorkFolder<T>(
  dataFolder: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await prepareWorkFolder(dataFolder);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the folders of commands that were killed. */
export async function removeAbandonedWork(dataFolder: string): Promise<void> {
  for (const { folder, unfinished } of await findAbandonedWork(dataFolder)) {
    if (unfinished !== undefined) await rm(unfinished, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

export interface AbandonedWork {
  readonly folder: string;
  /** The file outside of the data folder that the command has not finished. It may be gone. */
  readonly unfinished: string | undefined;
}

/** What killed commands left. */
export async function findAbandonedWork(dataFolder: string): Promise<readonly AbandonedWork[]> {
  const folder = join(dataFolder, dataFiles.work);
  if (!existsSync(folder)) return [];
  const abandoned = (await readdir(folder)).filter((name) => {
    const processId = Number(/^(?:work|import)-([0-9]+)-/.exec(name)?.[1] ?? 0);
    return processId !== 0 && processId !== process.pid && !isProcessAlive(processId);
  });
  return Promise.all(
    abandoned.map(async (name) => {
      const path = join(folder, name);
      return { folder: path, unfinished: await readNote(path) };
    }),
  );
}

const noteName = 'unfinished';

/**
 * Notes an unfinished file outside of the data folder. If this process is killed, it is removed
 * with the work folder.
 * @param path absolute; its name is one of `unfinishedPath`
 */
export async function noteUnfinished(workFolder: string, path: string): Promise<void> {
  await writeDurably(join(workFolder, noteName), path);
}

async function readNote(workFolder: string): Promise<string | undefined> {
  const path = await readFile(join(workFolder, noteName), 'utf8').catch(() => '');
  // The note of a killed process may be cut short.
  return isUnfinished(basename(path)) ? path : undefined;
}
