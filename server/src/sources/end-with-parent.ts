/**
 * Ends this process when the process that started it ends. The parent passes its own process id: a
 * child that asked for `process.ppid` could be late, and would then watch the parent's successor.
 */
import { Worker } from 'node:worker_threads';

/**
 * Call it first. A query or a lock may hold up the calling thread for minutes, so a second thread
 * watches as well.
 *
 * @param parentId the process id of the parent, as decimal text
 */
export function endWithParent(parentId: string | undefined): void {
  process.once('disconnect', () => process.exit(0));
  // A parent that ended while this process loaded its modules left no event to hear.
  if (!process.connected) process.exit(0);
  const watch = new URL('./watch-parent.ts', import.meta.url);
  new Worker(watch, { workerData: Number(parentId) }).unref();
}
