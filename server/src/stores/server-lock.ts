/** The lock of a running server on its data folder. Work that excludes servers takes it too. */
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { type FileLock, takeFileLock } from './file-lock.ts';

/** `undefined`: a server runs on the folder, or something that keeps servers away. */
export function takeServerLock(dataFolder: string): FileLock | undefined {
  return takeFileLock(join(dataFolder, dataFiles.serverLock));
}
