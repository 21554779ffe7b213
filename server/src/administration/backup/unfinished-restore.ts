/**
 * The work folder of a restore, in the data folder. While it exists, the data folder may hold half
 * of a backup and is refused. Removing it is the last step of a restore.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';

export function restoreFolder(dataFolder: string): string {
  return join(dataFolder, dataFiles.restore);
}

export function requireNoRestore(dataFolder: string): void {
  if (!existsSync(restoreFolder(dataFolder))) return;
  throw new UsherError(
    'store_unavailable',
    `A restore into ${dataFolder} is running, or was killed. If none is running, remove everything in that folder except ${dataFiles.suppression}, and restore again.`,
  );
}
