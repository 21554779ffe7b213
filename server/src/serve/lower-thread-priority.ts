/**
 * Gives look-ups priority over a writer on the same core. On Linux each thread has a priority, by
 * its task id. Node does not tell that id, but the task has the name of its worker.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const tasks = '/proc/self/task';

/** The same as an import's own process. */
const lowPriority = 10;

/**
 * Does nothing on other systems than Linux.
 * @param name the worker's name
 */
export function lowerThreadPriority(name: string): void {
  if (process.platform !== 'linux') return;
  const task = readdirSync(tasks).find((id) => {
    return readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() === name;
  });
  if (task !== undefined) setPriority(Number(task), lowPriority);
}
