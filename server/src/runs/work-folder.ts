/** The folder for a command's work files. If the command was killed, the next one removes it. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';

/** @returns a new path. Removes the folders of commands that were killed. */
export async function prepareWorkFolder(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, dataFiles.work);
  await removeAbandoned(folder);
  return join(folder, `work-${process.pid}-${randomUUID()}`);
}

async function removeAbandoned(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    const processId = Number(/^(?:work|import)-([0-9]+)-/.exec(name)?.[1] ?? 0);
    if (processId === 0 || processId === process.pid || isAlive(processId)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
