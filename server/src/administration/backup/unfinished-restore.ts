/**
 * The folder in a data folder that a restore works in. While it is there, what else is there may be
 * half of a backup, and nobody may take it for a data folder; removing it is the one step that ends
 * a restore.
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
    `A restore into ${dataFolder} is under way, or was killed. When none runs, remove that folder and restore again.`,
  );
}
