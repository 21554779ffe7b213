/** The lock of the one process that writes the store: `writer.lock` in the data folder. */
import { join } from 'node:path';
import { dataFiles } from '../../../domain/data-files.ts';
import { UsherError } from '../../../domain/errors.ts';
import { type FileLock, takeFileLock } from '../../file-lock.ts';

export function writerLockPath(dataFolder: string): string {
  return join(dataFolder, dataFiles.writerLock);
}

/** `undefined`: another writer holds it, in this or another process. */
export function takeWriterLock(dataFolder: string): FileLock | undefined {
  try {
    return takeFileLock(writerLockPath(dataFolder));
  } catch (cause) {
    throw new UsherError(
      'store_unavailable',
      'The data folder cannot be written by this account. Run this as the account that runs the server.',
      { cause },
    );
  }
}
