/**
 * The right to run a server on a data folder, or to do what no server may see half done: one
 * process at a time.
 */
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { type FileLock, takeFileLock } from './file-lock.ts';

/** `undefined`: a server runs on the folder, or something that keeps servers away. */
export function takeServerLock(dataFolder: string): FileLock | undefined {
  return takeFileLock(join(dataFolder, dataFiles.serverLock));
}
