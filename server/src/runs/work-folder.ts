/**
 * Where a command that reads sources works: a folder of its own in the data folder, which goes with
 * it, or with the next such command.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';

/** A path that nobody has yet; folders of commands that died are removed. */
export async function prepareWorkFolder(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, dataFiles.work);
  await removeForgotten(folder);
  return join(folder, `work-${process.pid}-${randomUUID()}`);
}

async function removeForgotten(folder: string): Promise<void> {
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
