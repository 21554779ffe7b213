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

/** Removes the folders of commands that were killed. */
export async function removeAbandonedWork(dataFolder: string): Promise<void> {
  const folder = join(dataFolder, dataFiles.work);
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    const processId = Number(/^(?:work|import)-([0-9]+)-/.exec(name)?.[1] ?? 0);
    if (processId === 0 || processId === process.pid || isProcessAlive(processId)) {
      continue;
    }
    await removeNoted(join(folder, name));
    await rm(join(folder, name), { recursive: true, force: true });
  }
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

async function removeNoted(workFolder: string): Promise<void> {
  const note = join(workFolder, noteName);
  if (!existsSync(note)) return;
  const path = await readFile(note, 'utf8');
  // The note of a killed process may be cut short.
  if (isUnfinished(basename(path))) await rm(path, { force: true });
}
