/**
 * A child process that takes the right to write a store and does nothing with it.
 *
 *     node lock-child.ts DATA_FOLDER
 */
import { takeWriterLock } from '../../src/stores/embedded/store-locks.ts';

if (import.meta.main) {
  takeWriterLock(process.argv[2] ?? '');
  console.log('holds');
  setInterval(() => undefined, 60_000);
}
