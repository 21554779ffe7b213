/** Changes what a store notes of its suppression lists. */
import { UsherError } from '../../../domain/errors.ts';
import type { FileLock } from '../../file-lock.ts';
import type { SuppressionNote } from '../../suppression/suppression-lists.ts';
import { openForWriting } from '../environment.ts';
import { takeWriterLock } from '../store-locks.ts';
import { readSuppressionNote, writeSuppressionNote } from '../writer/guarded-lists.ts';

/** @throws UsherError `store_unavailable` while another process writes the store */
export async function changeSuppressionNote(
  dataFolder: string,
  change: (note: SuppressionNote) => SuppressionNote,
): Promise<void> {
  const lock = requireWriterLock(dataFolder);
  try {
    const environment = openForWriting(dataFolder);
    try {
      environment.transact(() => {
        writeSuppressionNote(environment.meta, change(readSuppressionNote(environment.meta)));
      });
    } finally {
      await environment.close();
    }
  } finally {
    lock.release();
  }
}

/** @throws UsherError `store_unavailable` while another process writes the store */
export function requireWriterLock(dataFolder: string): FileLock {
  const lock = takeWriterLock(dataFolder);
  if (lock !== undefined) return lock;
  throw new UsherError(
    'store_unavailable',
    'Another process writes the contact store: stop the server, then try again. Nothing was changed.',
  );
}
