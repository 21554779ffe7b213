/**
 * The right to run a server on a data folder, or to do what no server may see half done: one
 * process at a time.
 */
import { join } from 'node:path';
import { type FileLock, takeFileLock } from './file-lock.ts';

export const serverLockName = 'server.lock';

/** `undefined`: a server runs on the folder, or something that keeps servers away. */
export function takeServerLock(dataFolder: string): FileLock | undefined {
  return takeFileLock(join(dataFolder, serverLockName));
}
