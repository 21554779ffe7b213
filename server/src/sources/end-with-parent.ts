/**
 * Ends this process when the process that started it ends. The parent passes its own id, because
 * `process.ppid` may already name another process when a child reads it.
 */
import { Worker } from 'node:worker_threads';

/**
 * Call it first. A second thread watches too, because a query may block this one for minutes.
 * @param parentId the parent's process id, as decimal text
 */
export function endWithParent(parentId: string | undefined): void {
  process.once('disconnect', () => process.exit(0));
  // The parent may have ended while this process loaded its modules, for which no event comes.
  if (!process.connected) process.exit(0);
  const watch = new URL('./watch-parent.ts', import.meta.url);
  new Worker(watch, { workerData: Number(parentId) }).unref();
}
