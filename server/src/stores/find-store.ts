/** Whether a data folder has a contact store, without opening it. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { readBootId } from './boot-id.ts';

/**
 * `lost`: what a power cut in the first load has left. Nobody may read it, and the next writer
 * removes it.
 */
export type StorePresence = 'there' | 'lost' | 'none';

/** An empty file is a store whose creation was interrupted. */
export function findStore(dataFolder: string): StorePresence {
  const file = statSync(join(dataFolder, dataFiles.contacts), { throwIfNoEntry: false });
  if (file === undefined || file.size === 0) return 'none';
  return isLoadLost(dataFolder) ? 'lost' : 'there';
}

/** Whether a load was cut off by a restart of the system, so that the store must not be used. */
function isLoadLost(dataFolder: string): boolean {
  const noted = readLoadNote(dataFolder);
  return noted !== undefined && noted !== readBootId();
}

/** The boot of the system in which a load began that is not flushed yet. */
export function readLoadNote(dataFolder: string): string | undefined {
  try {
    return readFileSync(join(dataFolder, dataFiles.loading), 'latin1');
  } catch {
    return undefined;
  }
}
