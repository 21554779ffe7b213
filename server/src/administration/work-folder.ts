/**
 * The folder for a command's work files. If the command was killed, the next one removes it, and so
 * does a compaction.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
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
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
